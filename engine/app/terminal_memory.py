"""What the commands that read the ledger print for people."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from engine.app.history import WORTH_TELLING, Change, History, Step
from engine.app.resolve import Resolved, told
from engine.app.terminal import percent, signed, spark
from engine.errors import printable

_SCALE = 24
_MOST_REASONS = 5
_LONGEST_CURVE = 60
_OUTCOMES = {"happened": "happened", "did-not-happen": "did not happen"}


def history_table(found: History) -> RenderableType:
    """The answer to `forecast history`; fits 80 columns."""
    last = found.steps[-1].row
    prior = f"prior {percent(last.prior)} [{100 * last.prior_low:.0f}-{100 * last.prior_high:.0f}]"
    lines: list[RenderableType] = [
        Text(printable(found.scenario), style="bold") + Text(f", by {last.deadline}; {prior}")
    ]
    lines.append(Text(_extent(found), style="dim"))
    if found.n_steps > 2:
        lines.append(Text(spark(_thinned(found.path))))
    header = f"{'As of':12}{'Recorded, UTC':18}{'Belief, 90 %':17}{'Moved':>7}  0 %{'100 %':>{_SCALE - 3}}"
    lines.append(Text(f"\n{header}", style="bold"))
    for step in found.steps:
        lines += _step(step)
    note = f"Moved, in decibans: since the entry before, of the first since the prior. ● the belief, ─ its central 90 %. Reasons under {WORTH_TELLING} dB are not told; where none is, time and other scenarios moved it."
    return Group(*lines, Text(f"\n{note}", style="dim"))


def _extent(found: History) -> str:
    last = found.steps[-1].row
    told = f"{found.n_rows} run{'s' if found.n_rows > 1 else ''}"
    if found.kind == "replay":
        told = f"Replay {printable(last.run_id)}: {found.n_rows} day{'s' if found.n_rows > 1 else ''}"
    hidden = found.n_steps - len(found.steps)
    return f"{told}. Below, the last {len(found.steps)} of {found.n_steps} entries: --last." if hidden else f"{told}."


def _thinned(path: Sequence[float]) -> list[float]:
    """At most as many points as fit a line, evenly taken, first and last among them."""
    n = min(len(path), _LONGEST_CURVE)
    return [path[round(place * (len(path) - 1) / (n - 1))] for place in range(n)]


def _step(step: Step) -> list[RenderableType]:
    row = step.row
    moved = "" if step.moved is None else f"{step.moved:+.1f}"
    line = Text(f"{row.as_of.isoformat():12}{row.recorded_at:%Y-%m-%d %H:%M}  ")
    line += Text(f"{_belief(step):17}", style="bold") + Text(f"{moved:>7}  ")
    told: list[RenderableType] = [line + _whisker(step)]
    if step.times > 1:
        told.append(Text(f"{'':12}computed {step.times} times from the same files; the last is shown", style="dim"))
    reasons = _reasons(step)
    return [*told, reasons] if reasons.row_count else told


def _belief(step: Step) -> str:
    row = step.row
    if row.status in _OUTCOMES:
        return _OUTCOMES[row.status]
    due = " due" if row.status == "due" else ""
    return f"{percent(row.posterior)} [{100 * row.low:.0f}-{100 * row.high:.0f}]{due}"


def _whisker(step: Step) -> Text:
    """The belief and its interval on a line from 0 to 1."""
    places = [round(value * (_SCALE - 1)) for value in (step.row.low, step.row.posterior, step.row.high)]
    low, at, high = places
    cells = ["─" if low <= place <= high else " " for place in range(_SCALE)]
    cells[at] = "●"
    return Text("".join(cells).rstrip(), style="blue")


def _reasons(step: Step) -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_column(width=11)
    table.add_column(width=6)
    table.add_column(width=40, overflow="fold")
    table.add_column(justify="right", width=18, no_wrap=True)
    for change in step.changes[:_MOST_REASONS]:
        table.add_row("", Text(_verb(change), style="dim"), Text(printable(change.what)), _weights(change))
    smaller = step.changes[_MOST_REASONS:]
    if smaller:
        table.add_row("", "", f"and {len(smaller)} smaller", signed(sum(change.size for change in smaller)))
    if step.changes and step.rest is not None and abs(step.rest) >= WORTH_TELLING:
        table.add_row("", Text("rest", style="dim"), "time, drivers, and what reasons share", signed(step.rest))
    return table


def _verb(change: Change) -> str:
    if change.before is None:
        return "new"
    if change.after is None:
        return "gone"
    return "up" if change.size > 0 else "down"


def _weights(change: Change) -> str:
    if change.before is None or change.after is None:
        return signed(change.size)
    return f"{change.before:+.1f} \N{RIGHTWARDS ARROW} {change.after:+.1f} dB"


def resolved_lines(done: Resolved) -> RenderableType:
    """The answer to `forecast resolve`."""
    scenario = done.scenario
    assert scenario.resolution  # noqa: S101  (it was just written)
    lines = [Text(f"{done.path}: {told(scenario.resolution)}.")]
    if done.before:
        lines.append(Text(f"Before it said: {told(done.before)}."))
    days = (scenario.resolution.on - scenario.deadline).days
    if days:
        lines.append(
            Text(
                f"That is {abs(days):,} day{'s' if abs(days) > 1 else ''} {'after' if days > 0 else 'before'} its deadline, {scenario.deadline}."
            )
        )
    if done.as_of and done.as_of < scenario.resolution.on:
        lines.append(Text(f"Runs do not see it yet: forecast.yaml lets the folder stand at {done.as_of}; see --as-of."))
    return Group(*lines)

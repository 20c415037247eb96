"""What `forecast diff` prints: which beliefs moved between two runs, and what moved each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from engine.analysis.comparison.changes import Change
from engine.analysis.diff import Diff, Moved
from engine.app.terminal import percent, signed

_WORTH_TELLING = 0.1
"""Decibans."""
_MOST = 8
"""Causes shown for one belief."""
_NOUNS = {
    "scenario": "scenario",
    "prior": "prior",
    "dates": "window",
    "driver": "driver",
    "indicator": "likelihood",
    "outcome": "outcome",
    "letter": "letter",
    "report": "report",
    "number": "number",
    "forecast": "forecast",
}


def diff_table(found: Diff, names: tuple[str, str], only: tuple[str, ...] = ()) -> RenderableType:
    """The answer to `forecast diff`; `names` are those of the two runs."""
    arrow = " \N{RIGHTWARDS ARROW} "
    lines: list[RenderableType] = [Text(arrow.join(names), style="bold"), Text(_summary(found), style="dim")]
    shown = [one for one in found.moved if one.scenario in only] if only else [m for m in found.moved if _tells(m)]
    if shown:
        lines.append(_table(shown))
    still = [one.scenario for one in found.moved if one not in shown and not only]
    if still:
        lines.append(Text(f"Not moved: {', '.join(still)}."))
    for where, only_there in (("first", found.only_before), ("second", found.only_after)):
        if only_there:
            lines.append(Text(f"Only in the {where} run: {', '.join(only_there)}."))
    if found.changes and shown:
        note = (
            "Each change is given what it moves when it is made, averaged over orders, so the parts sum to the whole. "
            "Computed on the draws of both runs; Monte Carlo error: what is left."
        )
        lines.append(Text(note, style="dim"))
    return Group(*lines)


def _summary(found: Diff) -> str:
    kinds = Counter(_NOUNS[change.kind] for change in found.changes if change.kind != "time")
    differing = ", ".join(f"{number} {noun}{'s' if number > 1 else ''}" for noun, number in kinds.items())
    days = (
        f"as of {found.days[0]}" if found.days[0] == found.days[1] else f"as of {found.days[0]}, then {found.days[1]}"
    )
    one, other = found.engines
    engines = one if one == other else f"{one}; then {other}"
    return f"{days}; {engines}; {f'differing: {differing}' if differing else 'the same inputs'}."


def _tells(moved: Moved) -> bool:
    if moved.shift is None:
        return moved.before != moved.after
    return abs(moved.shift) >= _WORTH_TELLING or any(abs(one.decibans) >= _WORTH_TELLING for one in moved.causes)


def _table(shown: list[Moved]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Belief, and what moved it", overflow="fold")
    table.add_column("Was", overflow="fold")
    table.add_column("Became", overflow="fold")
    table.add_column("Moves", justify="right", no_wrap=True)
    for number, one in enumerate(shown):
        if number:
            table.add_row()
        shift = "" if one.shift is None else signed(one.shift)
        table.add_row(
            *(Text(cell, style="bold") for cell in (one.scenario, _told(one.before), _told(one.after), shift))
        )
        for name, *row in _causes(one):
            table.add_row(Padding(Text(name), (0, 0, 0, 2)), *map(Text, row))
    return table


def _told(probability: float) -> str:
    """A belief, or what came of it."""
    return {0.0: "did not happen", 1.0: "happened"}.get(probability, percent(probability))


def _causes(moved: Moved) -> Iterator[tuple[str, str, str, str]]:
    if moved.shift is None:
        return
    if not moved.trusted:
        yield "too far apart to be told from these draws", "", "", ""
        yield f"(Pareto k {moved.pareto_k:.1f}, {moved.effective_draws:.0f} effective draws).", "", "", ""
        yield "Run one of the changes alone, and compare again.", "", "", ""
        return
    told = [cause for cause in moved.causes[:_MOST] if abs(cause.decibans) >= _WORTH_TELLING]
    for cause in told:
        first = cause.changes[0]
        more = f" and {len(cause.changes) - 1} more" if len(cause.changes) > 1 else ""
        was, becomes = ("", "") if more else (first.was or "\N{EN DASH}", first.becomes or "\N{EN DASH}")
        yield f"{_named(first, moved.scenario)}{more}", was, becomes, signed(cause.decibans)
    rest = moved.causes[len(told) :]
    if rest:
        yield f"{len(rest)} smaller", "", "", signed(sum(cause.decibans for cause in rest))
    yield "Monte Carlo error", "", "", signed(moved.sampling)


def _named(change: Change, scenario: str) -> str:
    """A change in words, shorter where it is about the scenario itself."""
    names = [name.removeprefix(f"{scenario}/") for name in change.key[1:]]
    of = "" if names[:1] == [scenario] else f" of {names[0]}" if names else ""
    first, rest = names[0] if names else "", ", ".join(names[1:])
    told = {
        "time": "time passed",
        "report": f"{rest} on {first}",
        "number": f"{rest}{of}",
        "forecast": f"forecast by {rest}{of}",
        "driver": f"driver {rest}{of}",
        "indicator": f"likelihoods of {first}",
        "scenario": f"scenario {first}",
        "letter": f"letter of {first}",
    }
    return told.get(change.kind, f"{change.kind}{of}")

"""What the commands that question a saved run print for people."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from engine.analysis.attribution import Bar, Waterfall
from engine.analysis.flip import Flips
from engine.analysis.flips.change import Kind
from engine.analysis.sensitivity import THRESHOLD, Reading, Sensitivity
from engine.analysis.watch_list import Lookout
from engine.analysis.what_if import WhatIf
from engine.analysis.words import words
from engine.app.terminal import percent, signed

_DB_PER_BLOCK = 0.5
_WIDEST = 24


def waterfall_table(found: Waterfall) -> RenderableType:
    """The answer to `forecast explain`: bars that sum to the shift."""
    if not 0 < found.posterior < 1:
        outcome = "happened" if found.posterior else "did not happen"
        return Text(f"{found.scenario} {outcome} (prior {percent(found.prior)}). It is resolved: no bar moves it.")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("What moved it", overflow="fold")
    table.add_column("Moves", justify="right", no_wrap=True)
    table.add_column("90 %", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for bar in found.bars:
        low, high = bar.interval
        table.add_row(Text(_named(bar)), signed(bar.decibans), f"{low:+.1f} to {high:+.1f}", _blocks(bar.decibans))
    heading = Text(found.scenario, style="bold")
    shift = f"  {percent(found.prior)} \N{RIGHTWARDS ARROW} {percent(found.posterior)}, {words(found.posterior)}, {signed(found.shift)}"
    how = "every order of the witnesses" if found.exact else "sampled orders of the witnesses"
    note = f"Shares of the shift averaged over {how}; 90 %: how the share varies over the draws."
    return Group(heading + Text(shift), table, Text(note, style="dim"))


def _named(bar: Bar) -> str:
    if bar.witness is None:
        return {"time": "time passed", "network": "drivers and other scenarios"}.get(bar.kind, bar.kind)
    return f"{bar.witness.source} {bar.witness.stance} {bar.witness.indicator.partition('/')[2]}"


def _blocks(decibans: float) -> Text:
    blocks = min(round(abs(decibans) / _DB_PER_BLOCK), _WIDEST)
    return Text("█" * blocks, style="blue" if decibans > 0 else "red")


def what_if_table(found: WhatIf) -> RenderableType:
    """The answer to `forecast what-if`."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Scenario", overflow="fold")
    for name in ("Now", "Then", "90 %", "Moves", "In ten years"):
        table.add_column(name, justify="right", no_wrap=True)
    for place, name in enumerate(found.ids):
        if name in found.supposed:
            continue
        before, then = float(found.before[place]), float(found.probability[place])
        low, high = found.interval[:, place]
        late = percent(float(found.outlook.probability[place, -1])) if found.outlook else ""
        moved = signed(_decibans(before, then))
        table.add_row(name, percent(before), percent(then), f"{100 * low:.0f}-{100 * high:.0f}", moved, late)
    supposed = ", ".join(f"{name}={'yes' if happens else 'no'}" for name, happens in found.supposed.items())
    heading = Text(f"If {supposed}", style="bold") + Text(f"  (now believed with {percent(found.likelihood)})")
    return Group(heading, table, Text(found.meaning, style="dim"))


def _decibans(before: float, then: float) -> float:
    from engine.probability import decibans, odds  # noqa: PLC0415

    return float(decibans(odds(before), odds(then))) if 0 < before < 1 and 0 < then < 1 else 0.0


def watch_table(found: Sequence[Lookout], top: int) -> RenderableType:
    """The answer to `forecast watch-list`: what to look for next."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Look for", overflow="fold")
    table.add_column("Said by", overflow="fold")
    for name in ("Bits", "Chance", "Now", "If so", "If not", "New band"):
        table.add_column(name, justify="right", no_wrap=True)
    for one in found[:top]:
        beliefs = (percent(one.now), percent(one.if_affirmed), percent(one.if_denied))
        look = one.indicator if one.indicator.startswith(f"{one.scenario}/") else f"{one.indicator}, for {one.scenario}"
        table.add_row(
            Text(look),
            one.source or "seen for certain",
            f"{one.bits:.3f}",
            percent(one.chance),
            *beliefs,
            percent(one.chance_of_crossing),
        )
    notes = [
        "Bits: how much one answer is expected to tell. Chance: that it would be affirmed.",
        "New band: chance that the answer moves the belief into another.",
    ]
    if len(found) > top:
        notes.append(f"{len(found) - top} more: --top.")
    return Group(table, *(Text(note, style="dim") for note in notes))


def flips_table(found: Flips) -> RenderableType:
    """The answer to `forecast flip`."""
    if not 0 < found.now < 1:
        outcome = "happened" if found.now else "did not happen"
        return Text(f"{found.scenario} {outcome}. None within reason moves it: it is resolved.")
    edge = "out of its band" if found.threshold is None else f"across {percent(found.threshold)}"
    heading = Text(f"{found.scenario}: {percent(found.now)}, {words(found.now)}", style="bold")
    low, high = found.reach
    told = f"Any single change within reason leads to between {percent(low)} and {percent(high)}."
    if found.unweighed:
        told += f" Not to be told from this run's draws: {found.unweighed} more. Change the file and run again."
    reach = Text(told, style="dim")
    if not found.found:
        return Group(heading, Text(f"None within reason moves it {edge}."), reach)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Change", no_wrap=True)
    table.add_column("Of", overflow="fold")
    for name in ("From", "To"):
        table.add_column(name, overflow="fold", min_width=11)
    for name in ("Size", "Belief"):
        table.add_column(name, justify="right", no_wrap=True)
    for one in found.found:
        of = Text(one.what.removeprefix(f"{found.scenario}/"))
        table.add_row(one.kind, of, one.was, one.becomes, f"{one.size:.1f} dB", percent(one.probability))
    shown = [meaning for kind, meaning in _CHANGES.items() if kind in {one.kind for one in found.found}]
    legend = Text(f"{'; '.join(shown)}. Size: decibans, or 3 dB a step.", style="dim")
    return Group(heading, Text(f"Smallest single changes that move it {edge}:"), table, legend, reach)


_CHANGES: dict[Kind, str] = {
    "prior": "Prior: the stated probability, or the median of a quantity",
    "likelihood": "likelihood: if_true / if_false of a claim",
    "credibility": "credibility: the digit of one report",
    "letter": "letter: the grade of one source",
    "echo": "echo: who counts as a voice of his own",
}


def sensitivity_note(found: Sensitivity) -> RenderableType:
    """Beside the answer to `forecast flip`: whether the belief hangs on its prior or on the evidence."""
    if not 0 < found.now < 1:
        return Text("")
    low, high = found.prior_interval
    reading = _READINGS[found.reading].format(f"90 % interval [{100 * low:.0f}-{100 * high:.0f} %]")
    heading = Text(f"Prior and evidence: {reading}", style="bold")
    firmer = (
        f"The prior held a quarter more firmly: {percent(found.prior_firmer)}; "
        f"the evidence counted a quarter more: {percent(found.evidence_firmer)}."
    )
    how = f"Power-scaling sensitivity: prior {found.prior:.2f}, evidence {found.evidence:.2f}; from {THRESHOLD:g} on it counts."
    return Group(Text(""), heading, Text(firmer), Text(how, style="dim"))


_READINGS: dict[Reading, str] = {
    "conflict": "they conflict: the belief lies outside the prior's own {}. Look at both.",
    "compromise": "they pull apart, within the prior's own {}.",
    "agree": "they pull the same way.",
    "prior": "the prior decides; the evidence hardly moves it.",
    "evidence": "the evidence decides; the prior hardly holds it.",
    "neither": "neither moves it much.",
}

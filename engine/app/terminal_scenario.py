"""What `forecast show` prints: one scenario in full."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from engine.app.terminal import STATUS, percent, signed, trust_line, with_interval

if TYPE_CHECKING:
    from engine.app.report import EstimateLine, EvidenceLine, ForecastsLine, QuantityLine, Report, ScenarioReport

_STANDING = {"affirms", "denies", "absent"}


def whole_scenario(scenario: ScenarioReport, report: Report) -> RenderableType:
    """The answer to `forecast show`."""
    posterior, prior, confidence = scenario.posterior, scenario.prior, scenario.confidence
    parts: list[RenderableType] = [
        Text(scenario.title, style="bold") + Text(f"  ({scenario.id})", style="dim"),
        Padding(Text(scenario.question), (0, 0, 1, 2)),
        _facts(
            ("Deadline", f"{scenario.deadline}{'; ' + STATUS[scenario.status] if STATUS[scenario.status] else ''}"),
            ("Prior", with_interval(prior.probability, prior.interval)),
            ("", prior.basis or ""),
            ("Posterior", f"{with_interval(posterior.probability, posterior.interval)}  {posterior.words}"),
            ("Shift", f"{signed(scenario.shift_db)}, as of {report.as_of}"),
            ("Confidence", confidence.statement.removeprefix("Confidence is ") if confidence else ""),
            (
                "Relevancy",
                f"{scenario.relevancy.rating:.1f} [{scenario.relevancy.interval[0]:.1f}-{scenario.relevancy.interval[1]:.1f}]",
            ),
            ("Score", f"{scenario.score:.2f}"),
        ),
        _section(
            f"Evidence: {scenario.n_witnesses} witnesses, {scenario.n_reports} reports, {scenario.n_articles} articles"
        ),
        _evidence(scenario)
        if scenario.evidence
        else Text("  No report bears on it yet: the prior, time and drivers speak alone."),
    ]
    if scenario.quantity:
        parts += [_section("Numbers"), _numbers(scenario.quantity)]
    if scenario.forecasts:
        parts += [_section("Other people's forecasts"), _opinions(scenario.forecasts, posterior.probability)]
    if scenario.drivers:
        parts += [_section("Drivers"), _drivers(scenario)]
    parts += [_section("Outlook"), _outlook(scenario)]
    if scenario.signals:
        parts += [_section("Signals"), _signals(scenario)]
    return Group(*parts, Text(), trust_line(report))


def _facts(*rows: tuple[str, str]) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim")
    table.add_column()
    for name, value in rows:
        if value:
            table.add_row(name, Text(value))
    return table


def _section(title: str) -> Text:
    return Text(f"\n{title}", style="bold")


def _evidence(scenario: ScenarioReport) -> RenderableType:
    """Claim by claim, the one that moves most first; under each its witnesses."""
    by_claim: dict[str, list[EvidenceLine]] = {}
    for line in scenario.evidence:
        by_claim.setdefault(line.indicator, []).append(line)
    legend = (
        "Pull: how far the belief would fall back without this source on this claim, all the rest heard. "
        "Grade: the source's letter and the digit of its report that counts. "
        f"`forecast explain {scenario.id}` shares the whole move out among all of them."
    )
    head = _row("Source", "Grade", "Stance", "Found in", "Pull", "Without", style="dim")
    return Group(
        Padding(Text(legend, style="dim"), (0, 0, 0, 2)),
        Padding(head, (1, 0, 0, 4)),
        *(part for lines in by_claim.values() for part in _claim(lines)),
    )


def _row(*cells: str, style: str = "") -> Table:
    table = Table.grid(padding=(0, 1, 0, 0))
    for width in (24, 5, 17):
        table.add_column(width=width, overflow="fold")
    for width in (8, 8, 7):
        table.add_column(width=width, justify="right")
    table.add_row(*(Text(cell, style=style) for cell in cells))
    return table


def _claim(lines: Sequence[EvidenceLine]) -> Iterator[RenderableType]:
    heading = Text(lines[0].indicator, style="bold") + Text(f"  {lines[0].statement}", style="not bold dim")
    yield Padding(heading, (1, 0, 0, 2))
    for line in lines:
        moved = (signed(line.decibans), percent(line.without)) if line.stance in _STANDING else ("", "")
        row = _row(line.source, line.grade or "", line.stance, f"{len(line.articles)} art.", *moved)
        yield Padding(row, (0, 0, 0, 4))
        if changes := _changes(line):
            yield Padding(Text(changes, style="dim"), (0, 0, 0, 6))


def _changes(line: EvidenceLine) -> str:
    """What the source said before, if it was something else: each stance with the days it was heard."""
    told = []
    for stance, heard in groupby(line.history, key=lambda said: said.stance):
        days = [said.on for said in heard]
        told.append(f"{stance} {days[0]}" + (f" to {days[-1]}" if days[-1] != days[0] else ""))
    return f"changed its story: {', then '.join(told)}" if len(told) > 1 else ""


def _numbers(quantity: QuantityLine) -> RenderableType:
    lines = [Text(f"  The scenario happens at {quantity.at_least:,g} {quantity.unit} or more.")]
    if quantity.level:
        lines.append(Text(f"  Level now {_amount(quantity.level)}; peak by the deadline {_amount(quantity.peak)}."))
    else:
        lines.append(Text(f"  No number yet. Peak by the deadline {_amount(quantity.peak)}."))
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("Source", overflow="fold")
    for name in ("Kind", "Number", "For", "Art.", "Pull", "Runs"):
        table.add_column(name, justify="left" if name in {"Kind", "For"} else "right", no_wrap=True)
    for line in quantity.numbers:
        bias = f"{100 * (line.bias - 1):+.0f} %" if line.kind == "observed" else ""
        articles = str(len(line.articles))
        table.add_row(line.source, line.kind, line.value, line.on.isoformat(), articles, signed(line.decibans), bias)
    lines.append(Text("  Runs: by how much the source is taken to run high or low.", style="dim"))
    return Group(*lines, table) if quantity.numbers else Group(*lines)


def _amount(estimate: EstimateLine) -> str:
    low, high = estimate.interval
    return f"{estimate.median:,g} [{low:,g}-{high:,g}]"


def _opinions(forecasts: ForecastsLine, probability: float) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    for line in forecasts.forecasts:
        table.add_row(Text(f"  {line.source}"), line.kind, percent(line.probability), line.on.isoformat())
    return Group(table, Text(f"  Without them {percent(forecasts.without)}, with them {percent(probability)}."))


def _drivers(scenario: ScenarioReport) -> Table:
    table = Table.grid(padding=(0, 2))
    for driver in scenario.drivers:
        table.add_row(Text(f"  {driver.scenario}"), Text(driver.effect), Text(driver.because or "", style="dim"))
    return table


def _outlook(scenario: ScenarioReport) -> RenderableType:
    outlook = scenario.outlook
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("By")
    table.add_column("Probability", justify="right")
    table.add_column("90 %", justify="right")
    table.add_column("")
    for day, probability, low, high in zip(outlook.by, outlook.probability, outlook.low, outlook.high, strict=True):
        bar = "█" * round(probability * 30)
        table.add_row(day.isoformat(), percent(probability), f"{100 * low:.0f}-{100 * high:.0f} %", bar)
    told = [Padding(Text(one), (0, 0, 0, 2)) for one in (outlook.statement, outlook.beyond) if one]
    return Group(*told, table)


def _signals(scenario: ScenarioReport) -> Table:
    table = Table.grid(padding=(0, 2))
    for signal in scenario.signals:
        table.add_row(Text(f"  {signal.relevancy}"), Text(signal.name), Text(signal.ten_year or "", style="dim"))
    return table

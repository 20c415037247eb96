"""What the commands print for people."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from engine.errors import several

if TYPE_CHECKING:
    from engine.analysis.sources import TrackRecord
    from engine.app.report import Report, ScenarioReport

_BLOCKS = "▁▂▃▄▅▆▇█"
_NARROWEST, _WIDEST = 80, 400
STATUS = {"open": "", "due": "due: resolve it", "happened": "happened", "did-not-happen": "did not happen"}


def ranked_table(report: Report) -> RenderableType:
    """Every scenario, the highest score first; fits 80 columns."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 1, 0))
    table.add_column("Scenario", min_width=16)
    table.add_column("Prior to posterior", min_width=_widest_words(report), no_wrap=True)
    table.add_column("Ten years", no_wrap=True)
    table.add_column("Relev.", justify="right", no_wrap=True)
    table.add_column("Score", justify="right", no_wrap=True)
    for scenario in report.scenarios:
        table.add_row(*_row(scenario))
    return table


def _widest_words(report: Report) -> int:
    return max((len(scenario.posterior.words) for scenario in report.scenarios), default=10)


def _row(scenario: ScenarioReport) -> tuple[RenderableType, ...]:
    posterior, outlook, relevancy = scenario.posterior, scenario.outlook, scenario.relevancy
    if scenario.status in {"happened", "did-not-happen"}:
        belief = _lines(Text(STATUS[scenario.status], style="bold"), f"prior {percent(scenario.prior.probability)}")
    else:
        arrow = f"{percent(scenario.prior.probability)} \N{RIGHTWARDS ARROW} "
        moved = Text(arrow) + Text(with_interval(posterior.probability, posterior.interval), style="bold")
        held = f"; confidence {scenario.confidence.level}" if scenario.confidence else ""
        belief = _lines(moved, posterior.words, signed(scenario.shift_db) + held)
    late = STATUS["due"] if scenario.status == "due" else ""
    curve = f"{percent(outlook.probability[0])} \N{RIGHTWARDS ARROW} {percent(outlook.probability[-1])}"
    return (
        _lines(Text(scenario.title), f"by {scenario.deadline}", late),
        belief,
        _lines(Text(spark(outlook.probability)), curve),
        _lines(Text(f"{relevancy.rating:.1f}"), f"{relevancy.interval[0]:.1f}-{relevancy.interval[1]:.1f}"),
        _bold(f"{scenario.score:.2f}"),
    )


def trust_line(report: Report) -> Text:
    """One line on whether the answer can be trusted."""
    checks, engine = report.diagnostics, report.engine
    figures = [f"{engine.name}, {engine.draws:,} draws, seed {engine.seed}"]
    if checks.max_rhat is not None:
        figures.append(f"R-hat {checks.max_rhat:.3f}")
    figures.append(f"ESS {checks.min_ess:,.0f}")
    if checks.divergences is not None:
        figures.append(f"{checks.divergences} divergences")
    figures.append(f"Pareto k {checks.pareto_k:.2f}")
    if checks.max_engine_gap is not None:
        figures.append(f"engines apart by {checks.max_engine_gap:.3f}")
    verdict = Text("Sound. ", style="green") if checks.sound else Text("Not sound. ", style="bold red")
    rest = f"\n{checks.message}" if checks.message else ""
    return verdict + Text("; ".join(figures) + "." + rest)


def whole_report(report: Report) -> RenderableType:
    """The answer to `forecast run`."""
    heading = Text(report.title or "Forecast", style="bold") + Text(f", as of {report.as_of}")
    lines: list[RenderableType] = [heading, ranked_table(report), trust_line(report)]
    if report.not_open:
        lines.append(Text(f"Not open yet, left out: {', '.join(report.not_open)}."))
    if report.later_articles:
        lines.append(Text(f"Dated after {report.as_of} and not heard: {several(report.later_articles, 'article')}."))
    lines.append(
        Text(
            "Intervals are central 90 %. dB: decibans, 10 log10 of the odds ratio. Score: probability x (relevancy - 1) / 4. "
            "Why confidence is what it is: `forecast show ID`.",
            style="dim",
        )
    )
    return Group(*lines)


def track_record_table(records: Iterable[TrackRecord]) -> Table:
    """The answer to `forecast sources`; fits 80 columns."""
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("Source", overflow="fold", min_width=14)
    for name in ("Letter", "Prior", "Now", "90 %", "Claims", "Reports", "Echoes", "Numbers", "Denied"):
        table.add_column(name, justify="right", no_wrap=True)
    for record in records:
        low, high = record.interval
        counts = (record.n_witnesses, record.n_reports, record.n_echoes, record.n_numbers, record.n_contradicted)
        table.add_row(
            Text(record.source),
            record.letter,
            f"{record.prior:.2f}",
            Text(f"{record.posterior:.2f}", style="bold"),
            f"{low:.2f}-{high:.2f}",
            *(str(count or "") for count in counts),
        )
    return table


def spark(probabilities: Iterable[float]) -> str:
    """A curve of probabilities in eight heights, empty to full block being 0 to 1."""
    return "".join(_BLOCKS[min(int(p * len(_BLOCKS)), len(_BLOCKS) - 1)] for p in probabilities)


def signed(decibans: float) -> str:
    """A shift with its sign; what rounds to nothing has none."""
    return f"{decibans:+.1f} dB" if abs(decibans) >= 0.05 else "0.0 dB"


def percent(probability: float) -> str:
    """A probability for people: whole per cent, but never 0 % or 100 % of what is not certain."""
    if 0 < probability < 0.005:
        return "<1 %"
    if 0.995 < probability < 1:
        return ">99 %"
    return f"{100 * probability:.0f} %"


def with_interval(probability: float, interval: tuple[float, float]) -> str:
    """A probability with its central 90 %."""
    low, high = interval
    return f"{percent(probability)} [{100 * low:.0f}-{100 * high:.0f}]"


def _lines(first: Text, *below: str) -> RenderableType:
    """A strong first line, and what stands below it, dim."""
    return Group(first, *(Text(line, style="dim") for line in below if line))


def _bold(text: str) -> Text:
    return Text(text, style="bold")


def console(*, stderr: bool = False) -> Console:
    """A console for this terminal; highlighting off, so that numbers in text stay text.

    Never narrower than the tables, nor as wide as a broken setting may say.
    """
    told = Console(stderr=stderr, highlight=False)
    told.width = min(max(told.width, _NARROWEST), _WIDEST)
    return told

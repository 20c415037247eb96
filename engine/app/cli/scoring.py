"""Commands that look back: replay the past, score what was believed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from engine.app.cli.options import DAY, FOLDER, KIND, LEDGER_FOLDER, RUN_ID, SEEDS, load, progress_bar
from engine.errors import ForecastError

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from engine.app.ledger import Kind, Ledger
    from engine.app.replay import Every, Plan
    from engine.app.score_report import ScoreReport

EXIT_INTERRUPTED = 130
_PICTURE = click.Path(path_type=Path)
_JSON = click.option(
    "--json",
    "json_to",
    metavar="FILE",
    help="Also write the scores and paths as JSON; - for standard output, and then nothing else there.",
)


@click.command()
@click.argument("folder", type=FOLDER, default=Path("scenarios"))
@click.option("--from", "first", type=DAY, help="First day.  [default: the day the first scenario opens]")
@click.option("--to", "last", type=DAY, help="Last day.  [default: today]")
@click.option("--every", type=click.Choice(["day", "week", "month"]), default="week", show_default=True)
@SEEDS
@click.option("--draws", type=click.IntRange(400, 1_000_000), default=4000, show_default=True, help="Draws a day.")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=1, show_default=True)
@click.option("--workers", type=click.IntRange(1, 512), help="Processes.  [default: one for each core]")
@click.option("--scheduler", metavar="ADDRESS", help="Compute on a Dask cluster instead, like tcp://host:8786.")
@click.option("--picture", type=_PICTURE, help="Draw the paths into this .svg, .png or .pdf.")
@LEDGER_FOLDER
@_JSON
def replay(
    folder: Path,
    first: datetime | None,
    last: datetime | None,
    every: Every,
    seeds: Path | None,
    draws: int,
    seed: int,
    workers: int | None,
    scheduler: str | None,
    picture: Path | None,
    output: Path,
    json_to: str | None,
) -> None:
    """Say what the engine would have said on each past day, and score it.

    Each day is forecast by the importance engine from what was known on it: no later article, scenario, resolution,
    relevancy or track record is seen. The finished days stand in the ledger, so that a replay that was broken off
    goes on where it stopped.
    """
    from engine.app import terminal, terminal_scoring
    from engine.app.files import make_folder
    from engine.app.ledger import LEDGER_FILE, Ledger
    from engine.app.replay import plan, replay
    from engine.app.replay_day import Options

    if picture:
        from engine.app.picture import check_picture, draw_paths

        check_picture(picture)
    today = date.today()
    until = last.date() if last else today
    if until > today:
        raise ForecastError(f"--to must not be after today ({today}), got {until}: a replay looks back.")
    project = load(folder, seeds).project
    since = first.date() if first else min(scenario.opens for scenario in project.scenarios.values())
    days = plan(project, since, until, every, Options(draws, seed))
    make_folder(output)
    ledger = Ledger(output / LEDGER_FILE)
    missing = days.missing(ledger)
    if missing:
        with _resumable(days, ledger), _pool(scheduler, workers) as pool, progress_bar() as progress:
            replay(days, ledger, pool, lambda done, n: progress("replaying days", done, n))
    from engine.app.scoring import score

    scored = score(project, ledger, "replay", today, days.replay_id, days.days)
    report = _told(scored, today, json_to)
    if json_to != "-":
        out = terminal.console()
        out.print(terminal_scoring.paths_table(report.paths))
        out.print(terminal_scoring.whole_score(report))
        if days.too_early:
            n = len(days.too_early)
            click.echo(
                f"Left out: {n} day{'s' if n > 1 else ''} before the first scenario opens ({days.days[0]} is the first replayed)."
            )
        computed = (
            f"{len(missing)} of {len(days.days)} days computed now" if missing else "every day stood there already"
        )
        click.echo(f"{days.replay_id} in {ledger.path}: {computed}.")
    if picture:
        draw_paths(report.paths, picture)
        click.echo(f"Drawn to {picture}", err=json_to == "-")


@click.command()
@click.argument("folder", type=FOLDER, default=Path("scenarios"))
@SEEDS
@KIND
@RUN_ID
@click.option("--picture", type=_PICTURE, help="Draw the reliability diagram into this .svg, .png or .pdf.")
@LEDGER_FOLDER
@_JSON
def score(
    folder: Path,
    seeds: Path | None,
    kind: Kind,
    run_id: str | None,
    picture: Path | None,
    output: Path,
    json_to: str | None,
) -> None:
    """Score the beliefs of the ledger against what came of the scenarios in FOLDER.

    Proper scores with their skill, calibration, coverage of intervals, and whether the beliefs moved too much.
    """
    from engine.app import terminal, terminal_scoring
    from engine.app.ledger import LEDGER_FILE, Ledger
    from engine.app.scoring import score

    if picture:
        from engine.app.picture import check_picture, draw_diagram

        check_picture(picture)
    project = load(folder, seeds).project
    ledger, today = Ledger(output / LEDGER_FILE), date.today()
    report = _told(score(project, ledger, kind, today, run_id), today, json_to)
    if json_to != "-":
        if not report.paths:
            raise _nothing_of(kind, run_id, ledger)
        terminal.console().print(terminal_scoring.whole_score(report))
    if picture:
        if report.calibration is None:
            raise ForecastError(f"{picture}: nothing to draw: no resolved scenario is past its deadline yet.")
        draw_diagram(report.calibration, picture)
        click.echo(f"Drawn to {picture}", err=json_to == "-")


def _nothing_of(kind: Kind, run_id: str | None, ledger: Ledger) -> ForecastError:
    other: Kind = "replay" if kind == "run" else "run"
    there = len(ledger.select(("id",), kind=other))
    hint = f" It holds {there:,} of kind {other}: --kind {other}." if there else ""
    named = f" under the name {run_id}" if run_id else ""
    return ForecastError(f"{ledger.path}: holds no beliefs of kind {kind} about these scenarios{named}.{hint}")


def _told(scored: Any, today: date, json_to: str | None) -> ScoreReport:
    """The report, also written as JSON where that was asked for."""
    from engine.app.files import write_text
    from engine.app.score_report import score_report

    report = score_report(scored, today)
    if json_to == "-":
        click.echo(report.model_dump_json(indent=2))
    elif json_to:
        write_text(Path(json_to), report.model_dump_json(indent=2) + "\n")
    return report


@contextmanager
def _pool(scheduler: str | None, workers: int | None) -> Iterator[Executor]:
    from engine.app import pools

    with pools.cluster(scheduler) if scheduler else pools.processes(workers, "engine.app.replay_day") as pool:
        yield pool


@contextmanager
def _resumable(days: Plan, ledger: Ledger) -> Iterator[None]:
    """Ctrl-C ends with what stands, and how to go on."""
    try:
        yield
    except KeyboardInterrupt:
        n = len(days.days) - len(days.missing(ledger))
        click.echo(
            f"\nStopped. {n} of {len(days.days)} days stand in {ledger.path}; the same command goes on with the others.",
            err=True,
        )
        raise click.exceptions.Exit(EXIT_INTERRUPTED) from None

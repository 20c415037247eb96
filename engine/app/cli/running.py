"""Commands that forecast a folder, check it, or describe its files."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import click

from engine.app.cli.options import FOLDER, SEEDS, forecast_of, known, load, sampling_options
from engine.errors import FaultyFilesError, ForecastError, UntrustedSamplesError, several


@click.command()
@click.argument("folder", type=FOLDER, default=Path("scenarios"))
@sampling_options("nuts")
@click.option(
    "--only", multiple=True, metavar="ID", help="Print only this scenario; may be given again. All are computed."
)
@click.option("--strict", is_flag=True, help="Exit with 3 when the sampler is not to be trusted.")
@click.option(
    "--output", type=FOLDER, default=Path("runs"), show_default=True, help="Where the run's folder is written."
)
@click.option(
    "--json",
    "json_to",
    metavar="FILE",
    help="Also write the report as JSON; - for standard output, and then nothing else there.",
)
def run(
    folder: Path,
    seeds: Path | None,
    only: tuple[str, ...],
    strict: bool,
    output: Path,
    json_to: str | None,
    **sampling: Any,
) -> None:
    """Forecast every scenario in FOLDER and rank them by score."""
    from engine.app import runs, terminal
    from engine.app.files import write_text
    from engine.app.remembering import remember
    from engine.app.reporting import report_of

    project = load(folder, seeds).project
    known(only, project)
    forecast = forecast_of(project, **sampling)
    run_id = runs.new_run_id(project.fingerprint)
    report = report_of(forecast, run_id)
    written = runs.save(output, run_id, report, forecast, folder, seeds)
    others = remember(output, written)
    shown = report.only(only) if only else report
    if json_to == "-":
        click.echo(shown.model_dump_json(indent=2))
    else:
        terminal.console().print(terminal.whole_report(shown))
        click.echo(f"Written to {written}/")
    if others:
        click.echo(f"The ledger took in {others} other run{'s' if others > 1 else ''} too, which it lacked.", err=True)
    if json_to and json_to != "-":
        write_text(Path(json_to), shown.model_dump_json(indent=2) + "\n")
    if strict and not report.diagnostics.sound:
        raise UntrustedSamplesError(f"--strict: {report.diagnostics.message}")


@click.command()
@click.argument("folder", type=FOLDER, default=Path("scenarios"))
@SEEDS
def check(folder: Path, seeds: Path | None) -> None:
    """Find everything wrong in FOLDER and its seeds, without sampling."""
    from engine.app.evaluate import lint
    from engine.app.ingest import kit_of

    assembled = load(folder, seeds)
    errors, doubts = lint(kit_of(assembled.project, folder), folder)
    if errors:
        raise FaultyFilesError(errors)
    for warning in (*assembled.warnings, *doubts):
        click.echo(f"warning: {warning}")
    project = assembled.project
    reports = sum(len(article.reports) for article in project.articles.values())
    click.echo(
        f"Fine: {several(len(project.scenarios), 'scenario')}, {several(len(project.articles), 'article')} with "
        f"{several(reports, 'report')}, {several(len(project.sources), 'source')}, {several(len(project.signals), 'signal')}."
    )


@click.command()
@click.argument("scenario", metavar="ID")
@click.argument("folder", type=FOLDER, default=Path("scenarios"))
@sampling_options("importance")
def show(scenario: str, folder: Path, seeds: Path | None, **sampling: Any) -> None:
    """Show one scenario in full: question, prior, confidence, every witness's pull, drivers, outlook, signals."""
    from engine.app import terminal, terminal_scenario
    from engine.app.reporting import report_of

    project = load(folder, seeds).project
    known([scenario], project)
    answer = forecast_of(project, **sampling)
    report = report_of(answer, "show")
    if scenario in report.not_open:
        opens = project.scenarios[scenario].opens
        raise ForecastError(
            f"{scenario}: opens on {opens}, and this forecast is as of {report.as_of}. Choose a later day."
        )
    (shown,) = report.only([scenario]).scenarios
    terminal.console().print(terminal_scenario.whole_scenario(shown, report))


@click.command()
@click.argument("folder", type=FOLDER, default=Path("scenarios"))
@sampling_options("importance")
def sources(folder: Path, seeds: Path | None, **sampling: Any) -> None:
    """List every source that speaks: its letter, and the reliability its record has earned.

    Reliability runs from 0 (a coin) to 1 (always right). Resolved scenarios teach it.
    """
    from engine.analysis.sources import track_records
    from engine.app import terminal

    project = load(folder, seeds).project
    answer = forecast_of(project, **sampling)
    terminal.console().print(terminal.track_record_table(track_records(answer.posterior, project)))


@click.command()
@click.argument("folder", type=FOLDER)
def new(folder: Path) -> None:
    """Write a small project into FOLDER: a scenario, sources, an article and a lexicon, to be changed into your own."""
    from engine.app.starting import start

    for path in start(folder, date.today()):
        click.echo(path)
    click.echo(
        f"Next: change them, then  forecast check {folder / 'scenarios'}  and  forecast run {folder / 'scenarios'}"
    )


@click.command()
@click.argument("kind", required=False, type=click.Choice(["scenario", "article", "sources", "settings"]))
@click.option("--write", "folder", type=FOLDER, help="Write all four as files into this folder.")
def schema(kind: str | None, folder: Path | None) -> None:
    """Print the JSON Schemas of the files, so that editors complete and check them."""
    from engine.app.schemas import schemas, write_schemas

    if folder:
        write_schemas(folder)
        click.echo(
            f"Written to {folder}/. Put `# yaml-language-server: $schema={folder}/scenario.schema.json` on top of a scenario file."
        )
        return
    click.echo(json.dumps(schemas()[kind] if kind else schemas(), indent=2))

"""The command line: each command reads, makes one call, and prints. The only module that imports click."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from engine.errors import FaultyFilesError, ForecastError, UntrustedSamplesError

if TYPE_CHECKING:
    from engine.analysis.forecast import Forecast
    from engine.records.assembly import Assembled
    from engine.records.project import Project

EXIT_REFUSED, EXIT_UNTRUSTED = 1, 3

_FOLDER = click.Path(path_type=Path)
_DAY = click.DateTime(["%Y-%m-%d"])


class _Refusing(click.Group):
    """A group whose commands end with a message and exit code 1 where the engine refuses."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a refusal is told on standard error, without a traceback."""
        try:
            return super().invoke(ctx)
        except ForecastError as error:
            click.echo(str(error), err=True)
            if isinstance(error, FaultyFilesError):
                n = len(error.faults)
                click.echo(f"{n} fault{'s' if n > 1 else ''}; nothing was run.", err=True)
            ctx.exit(EXIT_UNTRUSTED if isinstance(error, UntrustedSamplesError) else EXIT_REFUSED)


@click.group(cls=_Refusing, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="scenario-forecast-engine", prog_name="forecast")
def main() -> None:
    """Score scenarios: priors in YAML, evidence from articles, probabilities with their reasons."""


def _sampling_options(default_engine: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """The options of every command that needs a posterior."""

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        for option in reversed(
            [
                click.option("--as-of", type=_DAY, help="Forecast as on this day; nothing dated later is seen."),
                click.option(
                    "--seeds",
                    type=_FOLDER,
                    help="Folder of the article records.  [default: the one forecast.yaml names]",
                ),
                click.option(
                    "--engine",
                    type=click.Choice(["nuts", "importance"]),
                    default=default_engine,
                    show_default=True,
                    help="nuts samples the PyMC model; importance weighs draws from the prior, in about a second.",
                ),
                click.option(
                    "--draws",
                    type=click.IntRange(400, 1_000_000),
                    default=4000,
                    show_default=True,
                    help="Posterior draws.",
                ),
                click.option(
                    "--seed",
                    type=click.IntRange(0, 2**32 - 1),
                    default=1,
                    show_default=True,
                    help="The same seed on the same machine gives the same report.",
                ),
            ]
        ):
            command = option(command)
        return command

    return decorate


@main.command()
@click.argument("folder", type=_FOLDER, default=Path("scenarios"))
@_sampling_options("nuts")
@click.option(
    "--only", multiple=True, metavar="ID", help="Print only this scenario; may be given again. All are computed."
)
@click.option("--strict", is_flag=True, help="Exit with 3 when the sampler is not to be trusted.")
@click.option(
    "--output", type=_FOLDER, default=Path("runs"), show_default=True, help="Where the run's folder is written."
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
    from engine.app.report import report_of

    project = _load(folder, seeds).project
    _known(only, project)
    forecast = _forecast(project, **sampling)
    run_id = runs.new_run_id(project.fingerprint)
    report = report_of(forecast, run_id)
    written = runs.save(output, run_id, report, forecast)
    shown = report.only(only) if only else report
    if json_to == "-":
        click.echo(shown.model_dump_json(indent=2))
    else:
        terminal.console().print(terminal.whole_report(shown))
        click.echo(f"Written to {written}/")
    if json_to and json_to != "-":
        Path(json_to).write_text(shown.model_dump_json(indent=2) + "\n", encoding="utf-8")
    if strict and not report.diagnostics.sound:
        raise UntrustedSamplesError(f"--strict: {report.diagnostics.message}")


@main.command()
@click.argument("folder", type=_FOLDER, default=Path("scenarios"))
@click.option("--seeds", type=_FOLDER, help="Folder of the article records.  [default: the one forecast.yaml names]")
def check(folder: Path, seeds: Path | None) -> None:
    """Find everything wrong in FOLDER and its seeds, without sampling."""
    assembled = _load(folder, seeds)
    for warning in assembled.warnings:
        click.echo(f"warning: {warning}")
    project = assembled.project
    reports = sum(len(article.reports) for article in project.articles.values())
    click.echo(
        f"Fine: {len(project.scenarios)} scenarios, {len(project.articles)} articles with {reports} reports, "
        f"{len(project.sources)} sources, {len(project.signals)} signals."
    )


@main.command()
@click.argument("scenario", metavar="ID")
@click.argument("folder", type=_FOLDER, default=Path("scenarios"))
@_sampling_options("importance")
def show(scenario: str, folder: Path, seeds: Path | None, **sampling: Any) -> None:
    """Show one scenario in full: question, prior, every witness's pull, drivers, outlook, signals."""
    from engine.app import terminal
    from engine.app.report import report_of

    project = _load(folder, seeds).project
    _known([scenario], project)
    report = report_of(_forecast(project, **sampling), "show")
    (shown,) = report.only([scenario]).scenarios
    terminal.console().print(terminal.whole_scenario(shown, report))


@main.command()
@click.argument("folder", type=_FOLDER, default=Path("scenarios"))
@_sampling_options("importance")
def sources(folder: Path, seeds: Path | None, **sampling: Any) -> None:
    """List every source that speaks: its letter, and the reliability its record has earned.

    Reliability runs from 0 (a coin) to 1 (always right). Resolved scenarios teach it.
    """
    from engine.analysis.sources import track_records
    from engine.app import terminal

    project = _load(folder, seeds).project
    answer = _forecast(project, **sampling)
    terminal.console().print(terminal.track_record_table(track_records(answer.posterior, project)))


@main.command()
@click.argument("kind", required=False, type=click.Choice(["scenario", "article", "sources", "settings"]))
@click.option("--write", "folder", type=_FOLDER, help="Write all four as files into this folder.")
def schema(kind: str | None, folder: Path | None) -> None:
    """Print the JSON Schemas of the files, so that editors complete and check them."""
    from engine.app.schemas import schemas

    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in schemas().items():
            (folder / f"{name}.schema.json").write_text(json.dumps(text, indent=2) + "\n", encoding="utf-8")
        click.echo(
            f"Written to {folder}/. Put `# yaml-language-server: $schema={folder}/scenario.schema.json` on top of a scenario file."
        )
        return
    click.echo(json.dumps(schemas()[kind] if kind else schemas(), indent=2))


def _load(folder: Path, seeds: Path | None) -> Assembled:
    from engine.app.files import load

    return load(folder, seeds)


def _known(names: tuple[str, ...] | list[str], project: Project) -> None:
    """An unknown scenario is refused before anything is computed."""
    from engine.errors import nearest

    for name in names:
        if name not in project.scenarios:
            raise ForecastError(f"{name}: is no scenario here. {nearest(name, project.scenarios)}")


def _forecast(project: Project, *, as_of: datetime | None, engine: str, draws: int, seed: int) -> Forecast:
    from engine.app.notebook import forecast

    with _progress() as progress:
        return forecast(project, as_of.date() if as_of else None, engine, draws, seed, progress)


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    """A bar on standard error while a long step runs; silent where nobody watches."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from engine.app.terminal import console

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("reading", total=None)
        yield lambda what, done, total: bar.update(
            task, description=what, completed=done, total=total if done else None
        )


if __name__ == "__main__":
    main()

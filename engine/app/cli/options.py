"""What several commands share: options, loading a folder, making a forecast, a progress bar."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from engine.errors import ForecastError

if TYPE_CHECKING:
    from engine.analysis.forecast import Forecast
    from engine.records.assembly import Assembled
    from engine.records.project import Project

FOLDER = click.Path(path_type=Path)


class Day(click.DateTime):
    """A date like 2024-10-18, and nothing else."""

    def __init__(self) -> None:
        super().__init__(["%Y-%m-%d"])

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:  # noqa: ARG002
        """How it stands in the help."""
        return "DATE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Midnight of the day."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            self.fail(f"must be a date like 2024-10-18, got {value!r:.40}.", param, ctx)


DAY = Day()
SCENARIOS = click.option(
    "--scenarios", type=FOLDER, default=Path("scenarios"), show_default=True, help="Folder of the scenario files."
)
INBOX = click.option(
    "--inbox", type=FOLDER, default=Path("inbox"), show_default=True, help="Folder of the review files."
)
SEEDS = click.option(
    "--seeds", type=FOLDER, help="Folder of the article records.  [default: the one forecast.yaml names]"
)
LEDGER_FOLDER = click.option(
    "--output", type=FOLDER, default=Path("runs"), show_default=True, help="Where the runs and their ledger are."
)
KIND = click.option(
    "--kind",
    type=click.Choice(["run", "replay"]),
    default="run",
    show_default=True,
    help="run: what was said at the time. replay: what would have been said, which hindsight may have helped.",
)
RUN_ID = click.option(
    "--run", "run_id", metavar="RUN", help="Only this run or replay.  [default: all runs; the newest replay]"
)


def sampling_options(default_engine: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """The options of every command that needs a posterior."""

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        for option in reversed(
            [
                click.option("--as-of", type=DAY, help="Forecast as on this day; nothing dated later is seen."),
                SEEDS,
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


RUNS = click.option("--output", type=FOLDER, default=Path("runs"), show_default=True, help="Where the runs are.")


def run_options(command: Callable[..., None]) -> Callable[..., None]:
    """The options of every command that questions a saved run."""
    run = click.option("--run", "run_name", default="latest", show_default=True, help="Run id or folder.")
    return RUNS(run(command))


def load(folder: Path, seeds: Path | None) -> Assembled:
    """The folder, checked; every fault of every file in one error."""
    from engine.app.files import load

    return load(folder, seeds)


def known(names: tuple[str, ...] | list[str], project: Project) -> None:
    """An unknown scenario is refused before anything is computed."""
    from engine.errors import nearest

    for name in names:
        if name not in project.scenarios:
            raise ForecastError(f"{name}: is no scenario here. {nearest(name, project.scenarios)}")


def forecast_of(project: Project, *, as_of: datetime | None, engine: str, draws: int, seed: int) -> Forecast:
    """The forecast the sampling options ask for, with a progress bar."""
    from engine.app.notebook import forecast

    with progress_bar() as progress:
        return forecast(project, as_of.date() if as_of else None, engine, draws, seed, progress)


def saved(run_name: str, output: Path) -> Forecast:
    """The forecast of a saved run; a line on standard error if the folder it was made from says something else now."""
    from engine.app.inputs import INPUTS_FILE, changed_since, read_inputs
    from engine.app.runs import find_run
    from engine.app.saved import open_run

    folder = find_run(run_name, output)
    answer = open_run(folder)
    inputs = read_inputs(folder / INPUTS_FILE, answer.project.fingerprint)
    if changed_since(inputs, answer.project.fingerprint):
        click.echo(f"{inputs.folder} has changed since run {folder.name}; this answers for the run.", err=True)
    return answer


@contextmanager
def progress_bar() -> Iterator[Callable[[str, int, int], None]]:
    """A bar on standard error while a long step runs; silent where nobody watches."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from engine.app.terminal import console

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("reading", total=None)
        yield lambda what, done, total: bar.update(
            task, description=what, completed=done, total=total if done else None
        )

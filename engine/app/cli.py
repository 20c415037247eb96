"""The command line: each command reads, makes one call, and prints. The only module that imports click."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from engine.errors import FaultyFilesError, ForecastError, UntrustedSamplesError, printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.analysis.forecast import Forecast
    from engine.app.ingest import Ingested
    from engine.app.review import Session
    from engine.extraction.llm import Request
    from engine.extraction.proposal import Kit
    from engine.records.assembly import Assembled
    from engine.records.project import Project

EXIT_REFUSED, EXIT_UNTRUSTED = 1, 3

_FOLDER = click.Path(path_type=Path)
_DAY = click.DateTime(["%Y-%m-%d"])
_SCENARIOS = click.option(
    "--scenarios", type=_FOLDER, default=Path("scenarios"), show_default=True, help="Folder of the scenario files."
)
_INBOX = click.option(
    "--inbox", type=_FOLDER, default=Path("inbox"), show_default=True, help="Folder of the review files."
)


class _Refusing(click.Group):
    """A group whose commands end with a message and exit code 1 where the engine refuses."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a refusal is told on standard error, without a traceback."""
        try:
            return super().invoke(ctx)
        except ForecastError as error:
            click.echo(printable(str(error)), err=True)
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
    from engine.app.files import write_text
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
        write_text(Path(json_to), shown.model_dump_json(indent=2) + "\n")
    if strict and not report.diagnostics.sound:
        raise UntrustedSamplesError(f"--strict: {report.diagnostics.message}")


@main.command()
@click.argument("folder", type=_FOLDER, default=Path("scenarios"))
@click.option("--seeds", type=_FOLDER, help="Folder of the article records.  [default: the one forecast.yaml names]")
def check(folder: Path, seeds: Path | None) -> None:
    """Find everything wrong in FOLDER and its seeds, without sampling."""
    from engine.app.evaluate import lint
    from engine.app.ingest import kit_of

    assembled = _load(folder, seeds)
    errors, doubts = lint(kit_of(assembled.project, folder), folder)
    if errors:
        raise FaultyFilesError(errors)
    for warning in (*assembled.warnings, *doubts):
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
@click.argument("articles", nargs=-1, required=True, type=_FOLDER)
@_SCENARIOS
@_INBOX
@click.option(
    "--proposer",
    type=click.Choice(["rules", "llm"]),
    default="rules",
    show_default=True,
    help="llm asks a language model besides; see FORECAST_LLM_URL, FORECAST_LLM_MODEL, FORECAST_LLM_KEY.",
)
@click.option(
    "--price", type=float, default=1.0, show_default=True, help="With llm: price of a million tokens, for the estimate."
)
@click.option("--yes", is_flag=True, help="With llm: send without asking.")
def ingest(articles: tuple[Path, ...], scenarios: Path, inbox: Path, proposer: str, price: float, yes: bool) -> None:
    """Read ARTICLES (files or folders; txt, md, html) and write a review file for each into the inbox.

    Nothing counts until a person accepts it: see `forecast review` and `forecast accept`.
    """
    from engine.app import ingest as reading
    from engine.app import terminal, terminal_reading

    kit = reading.kit_of(_load(scenarios, None).project, scenarios)
    found = reading.ingest(articles, kit, inbox)
    if not found:
        raise ForecastError("There is no article here. Name .txt, .md or .html files, or a folder that holds some.")
    terminal.console().print(terminal_reading.ingested_table(found))
    if proposer == "llm":
        _ask_model(found, kit, price, yes)
    if any(one.error for one in found):
        raise ForecastError(
            f"{sum(bool(one.error) for one in found)} of {len(found)} could not be read; the others were."
        )


def _ask_model(found: Sequence[Ingested], kit: Kit, price: float, yes: bool) -> None:
    from engine.app import ingest_llm

    def confirm(requests: Sequence[Request]) -> bool:
        sentences = sum(request.n_sentences for request in requests)
        cost = sum(request.cost(price) for request in requests)
        click.echo(
            f"{len(requests)} requests with {sentences} sentences, about {cost:.4f} at {price:g} a million tokens."
        )
        return yes or click.confirm("Send them?")

    for asked in ingest_llm.ask_all(found, kit, ingest_llm.endpoint(), confirm):
        dropped = f", {len(asked.dropped)} dropped" if asked.dropped else ""
        click.echo(f"{asked.file}: {asked.error or f'{asked.added} more claims{dropped}'}")


@main.command()
@click.argument("article", required=False)
@_SCENARIOS
@_INBOX
@click.option(
    "--reviewer", default=lambda: os.environ.get("USER", "analyst"), help="Whose decisions these are.  [default: $USER]"
)
@click.option("--csv", "to_csv", type=_FOLDER, help="Write every claim into this spreadsheet instead.")
@click.option("--from-csv", type=_FOLDER, help="Take the decisions of this spreadsheet over instead.")
def review(
    article: str | None, scenarios: Path, inbox: Path, reviewer: str, to_csv: Path | None, from_csv: Path | None
) -> None:
    """Judge the proposed claims, one at a time, the most doubtful first.

    Every decision is on disk before the next is asked. The same can be done by editing the
    review files, or in a spreadsheet with --csv and --from-csv.
    """
    from engine.app import review as reviewing
    from engine.app import review_csv, terminal, terminal_reading
    from engine.app.inbox import load_inbox
    from engine.app.review_effect import effects

    if from_csv:
        click.echo(f"{review_csv.read_csv(from_csv, inbox, reviewer, date.today())} claims changed.")
        return
    if to_csv:
        click.echo(f"{review_csv.write_csv(load_inbox(inbox), to_csv)} claims written to {to_csv}.")
        return
    project = _load(scenarios, None).project
    paths = reviewing.paths_in(inbox, article)
    session = reviewing.Session(paths, inbox, reviewer, date.today(), effects(project))
    while step := session.next():
        terminal.console().print(terminal_reading.review_step(step))
        match click.prompt("accept, edit, reject, skip, undo or quit", type=click.Choice([*"aersuq"])):
            case "a":
                session.accept()
            case "e":
                _edit(session)
            case "r":
                session.reject(click.prompt("why", default="", show_default=False) or None)
            case "s":
                session.skip()
            case "u":
                click.echo("Taken back." if session.undo() else "There is nothing to take back.")
            case _:
                break
    click.echo("Accept an article's claims into the seeds with `forecast accept FILE`.")


def _edit(session: Session) -> None:
    """Ask for fields until one line is empty; a wrong value changes nothing."""
    from engine.app.review import EDITABLE

    told = click.prompt(f"field=value, parted by ; ({', '.join(EDITABLE)})", default="", show_default=False)
    changes: dict[str, object] = {}
    for part in filter(None, (one.strip() for one in told.split(";"))):
        name, _, value = part.partition("=")
        changes[name.strip()] = _typed(value.strip())
    try:
        session.edit(**changes)
    except ForecastError as error:
        click.echo(str(error))


def _typed(text: str) -> object:
    """A number where the text is one."""
    for kind in (int, float):
        try:
            return kind(text.replace(",", ""))
        except ValueError:
            continue
    return text or None


@main.command()
@click.argument("files", nargs=-1, required=True, type=_FOLDER)
@_SCENARIOS
@click.option("--seeds", type=_FOLDER, default=Path("seeds"), show_default=True, help="Folder of the article records.")
def accept(files: tuple[Path, ...], scenarios: Path, seeds: Path) -> None:
    """Write the article records of review FILES into the seeds: facts and address, never the text."""
    from engine.app.review_accept import accept as write_record

    project = _load(scenarios, seeds).project
    for file in files:
        done = write_record(file, project, seeds)
        click.echo(f"{done.path}: {done.reports} reports, {done.measurements} numbers, {done.signals} signals.")
        for line in done.left_out:
            click.echo(f"  left out: {line}")
        if done.open_claims:
            click.echo(f"  {done.open_claims} claims are still to be judged.")


@main.group()
def rules() -> None:
    """The rules by which claims are found."""


@rules.command(name="test")
@click.argument("articles", nargs=-1, required=True, type=_FOLDER)
@_SCENARIOS
def rules_test(articles: tuple[Path, ...], scenarios: Path) -> None:
    """Show for each rule the sentences of ARTICLES that it matches, and those that come close."""
    from engine.app import terminal, terminal_reading
    from engine.app.evaluate import try_rules
    from engine.app.ingest import kit_of

    tried = try_rules(articles, kit_of(_load(scenarios, None).project, scenarios))
    terminal.console().print(terminal_reading.tried_rules(tried))


@main.command()
@click.argument("gold", type=_FOLDER)
@click.argument("articles", nargs=-1, required=True, type=_FOLDER)
@_SCENARIOS
def evaluate(gold: Path, articles: tuple[Path, ...], scenarios: Path) -> None:
    """Compare what the rules find in ARTICLES with a GOLD list (CSV: article, quote, subject, stance, ...)."""
    from engine.app import terminal, terminal_reading
    from engine.app.evaluate import evaluate_files
    from engine.app.ingest import kit_of

    evaluation, _ = evaluate_files(gold, articles, kit_of(_load(scenarios, None).project, scenarios))
    terminal.console().print(terminal_reading.evaluation_table(evaluation))


def _run_options(command: Callable[..., None]) -> Callable[..., None]:
    """The options of every command that questions a saved run."""
    for option in (
        click.option("--run", "run_name", default="latest", show_default=True, help="Run id or folder."),
        click.option("--output", type=_FOLDER, default=Path("runs"), show_default=True, help="Where the runs are."),
        _SCENARIOS,
        click.option(
            "--seeds", type=_FOLDER, help="Folder of the article records.  [default: the one forecast.yaml names]"
        ),
    ):
        command = option(command)
    return command


def _saved(run_name: str, output: Path, scenarios: Path, seeds: Path | None) -> Forecast:
    from engine.app.runs import find_run
    from engine.app.saved import open_run

    return open_run(find_run(run_name, output), _load(scenarios, seeds).project)


@main.command()
@click.argument("scenario", metavar="ID")
@_run_options
def explain(scenario: str, run_name: str, output: Path, scenarios: Path, seeds: Path | None) -> None:
    """Show what moved a belief from prior to posterior, as bars that sum to the shift."""
    from engine.analysis.attribution import waterfall
    from engine.app import terminal, terminal_questions

    answer = _saved(run_name, output, scenarios, seeds)
    terminal.console().print(terminal_questions.waterfall_table(waterfall(answer.posterior, scenario)))


@main.command(name="what-if")
@click.argument("supposed", metavar="ID=yes|no...", nargs=-1, required=True)
@click.option("--do", is_flag=True, help="Brought about instead of learnt: what drives it is cut.")
@_run_options
def what_if(
    supposed: tuple[str, ...], do: bool, run_name: str, output: Path, scenarios: Path, seeds: Path | None
) -> None:
    """Show every other scenario's belief and outlook, supposing these outcomes."""
    from engine.analysis import what_if as asking
    from engine.app import terminal, terminal_questions

    answer = _saved(run_name, output, scenarios, seeds)
    given = asking.parse(supposed, answer.posterior.network)
    found = asking.what_if(answer.posterior, given, do, answer.prior)
    terminal.console().print(terminal_questions.what_if_table(found))


@main.command(name="watch-list")
@click.option("--about", metavar="ID", help="Rank by what is told about this scenario.")
@click.option(
    "--credibility",
    type=click.IntRange(1, 6),
    default=3,
    show_default=True,
    help="Admiralty digit of the report to come.",
)
@click.option("--all", "every", is_flag=True, help="Every source, not the best voice for each claim.")
@click.option("--top", type=click.IntRange(1), default=20, show_default=True)
@_run_options
def watch_list(
    about: str | None,
    credibility: int,
    every: bool,
    top: int,
    run_name: str,
    output: Path,
    scenarios: Path,
    seeds: Path | None,
) -> None:
    """List what to look for next: the reports that would tell most, and the beliefs they would lead to."""
    from engine.analysis.watch_list import shortlist
    from engine.analysis.watch_list import watch_list as lookouts
    from engine.app import terminal, terminal_questions

    answer = _saved(run_name, output, scenarios, seeds)
    found = lookouts(answer.posterior, answer.project.sources, credibility, about)
    terminal.console().print(terminal_questions.watch_table(found if every else shortlist(found), top))


@main.command()
@click.argument("scenario", metavar="ID")
@click.option("--threshold", type=float, help="Probability to cross.  [default: either edge of the belief's band]")
@_run_options
def flip(
    scenario: str, threshold: float | None, run_name: str, output: Path, scenarios: Path, seeds: Path | None
) -> None:
    """Find the smallest single change of an input that would move a belief across an edge."""
    from engine.analysis.flip import flip as smallest
    from engine.app import terminal, terminal_questions

    answer = _saved(run_name, output, scenarios, seeds)
    terminal.console().print(terminal_questions.flips_table(smallest(answer, scenario, threshold)))


@main.command()
@click.argument("kind", required=False, type=click.Choice(["scenario", "article", "sources", "settings"]))
@click.option("--write", "folder", type=_FOLDER, help="Write all four as files into this folder.")
def schema(kind: str | None, folder: Path | None) -> None:
    """Print the JSON Schemas of the files, so that editors complete and check them."""
    from engine.app.files import make_folder, write_text
    from engine.app.schemas import schemas

    if folder:
        make_folder(folder)
        for name, text in schemas().items():
            write_text(folder / f"{name}.schema.json", json.dumps(text, indent=2) + "\n")
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

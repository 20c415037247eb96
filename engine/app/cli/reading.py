"""Commands from article to record: ingest, review, accept, and the rules behind them."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.app.cli.options import FOLDER, INBOX, SCENARIOS, load
from engine.errors import ForecastError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.app.ingest import Ingested
    from engine.app.review import Session
    from engine.extraction.llm import Request
    from engine.extraction.proposal import Kit


@click.command()
@click.argument("articles", nargs=-1, required=True, type=FOLDER)
@SCENARIOS
@INBOX
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

    kit = reading.kit_of(load(scenarios, None).project, scenarios)
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


@click.command()
@click.argument("article", required=False)
@SCENARIOS
@INBOX
@click.option(
    "--reviewer", default=lambda: os.environ.get("USER", "analyst"), help="Whose decisions these are.  [default: $USER]"
)
@click.option("--csv", "to_csv", type=FOLDER, help="Write every claim into this spreadsheet instead.")
@click.option("--from-csv", type=FOLDER, help="Take the decisions of this spreadsheet over instead.")
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
    project = load(scenarios, None).project
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


@click.command()
@click.argument("files", nargs=-1, required=True, type=FOLDER)
@SCENARIOS
@click.option("--seeds", type=FOLDER, default=Path("seeds"), show_default=True, help="Folder of the article records.")
def accept(files: tuple[Path, ...], scenarios: Path, seeds: Path) -> None:
    """Write the article records of review FILES into the seeds: facts and address, never the text."""
    from engine.app.review_accept import accept as write_record

    project = load(scenarios, seeds).project
    for file in files:
        done = write_record(file, project, seeds)
        click.echo(f"{done.path}: {done.reports} reports, {done.measurements} numbers, {done.signals} signals.")
        for line in done.left_out:
            click.echo(f"  left out: {line}")
        if done.open_claims:
            click.echo(f"  {done.open_claims} claims are still to be judged.")


@click.group()
def rules() -> None:
    """The rules by which claims are found."""


@rules.command(name="test")
@click.argument("articles", nargs=-1, required=True, type=FOLDER)
@SCENARIOS
def rules_test(articles: tuple[Path, ...], scenarios: Path) -> None:
    """Show for each rule the sentences of ARTICLES that it matches, and those that come close."""
    from engine.app import terminal, terminal_reading
    from engine.app.evaluate import try_rules
    from engine.app.ingest import kit_of

    tried = try_rules(articles, kit_of(load(scenarios, None).project, scenarios))
    terminal.console().print(terminal_reading.tried_rules(tried))


@click.command()
@click.argument("gold", type=FOLDER)
@click.argument("articles", nargs=-1, required=True, type=FOLDER)
@SCENARIOS
def evaluate(gold: Path, articles: tuple[Path, ...], scenarios: Path) -> None:
    """Compare what the rules find in ARTICLES with a GOLD list (CSV: article, quote, subject, stance, ...)."""
    from engine.app import terminal, terminal_reading
    from engine.app.evaluate import evaluate_files
    from engine.app.ingest import kit_of

    evaluation, _ = evaluate_files(gold, articles, kit_of(load(scenarios, None).project, scenarios))
    terminal.console().print(terminal_reading.evaluation_table(evaluation))

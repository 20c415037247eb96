"""Commands that read articles: ingest, and the rules behind it tried and measured."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.app.cli.options import FOLDER, INBOX, SCENARIOS, load
from engine.errors import ForecastError, printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.app.ingest import Ingested
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
        raise ForecastError(reading.NO_ARTICLE)
    terminal.console().print(terminal_reading.ingested_table(found))
    unasked = _ask_model(found, kit, price, yes) if proposer == "llm" else 0
    bad = sum(bool(one.error) for one in found)
    told = []
    if bad:
        others = "the others were" if bad < len(found) else "so there is nothing to review"
        told.append(f"{bad} of {len(found)} could not be read; {others}.")
    if unasked:
        told.append(f"The model gave no answer about {unasked} of {len(found)}; what the rules propose is written.")
    if told:
        raise ForecastError("\n".join(told))


def _ask_model(found: Sequence[Ingested], kit: Kit, price: float, yes: bool) -> int:
    """Ask about every article; about how many there was no answer."""
    from engine.app import ingest_llm

    def confirm(requests: Sequence[Request]) -> bool:
        sentences = sum(request.n_sentences for request in requests)
        cost = sum(request.cost(price) for request in requests)
        click.echo(
            f"{len(requests)} requests with {sentences} sentences, about {cost:.4f} at {price:g} a million tokens."
        )
        return yes or click.confirm("Send them?")

    answers = ingest_llm.ask_all(found, kit, ingest_llm.endpoint(), confirm)
    for asked in answers:
        dropped = f", {len(asked.dropped)} dropped" if asked.dropped else ""
        click.echo(f"{asked.file}: {asked.error or f'{asked.added} more claims{dropped}'}")
    return sum(bool(asked.error) for asked in answers)


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
    r"""Compare what the rules find in ARTICLES with a GOLD list made by a person.

    GOLD is a CSV, a claim a row. Its columns, of which the first three must be there and empty cells are not judged:

    \b
    article    the file's name without its ending
    quote      the sentence, or an unbroken piece of it, word for word
    subject    scenario/indicator; or a scenario alone, then any claim on it
    stance     affirms, denies or absent (somebody looked and saw nothing)
    modality   how the act is told that the indicator is about:
                 actual       done, going on, a state of affairs
                 planned      intended, pledged, being prepared
                 possible     considered, feared, warned of, not ruled out
                 conditional  tied to an "if"
                 demanded     asked for, or asked to end
                 denied       said not to be so, or not seen
               Where the indicator is about words (a denial, a threat, an
               admission), the saying is the act.
    source     who says so: an id of sources.yaml
    low, high  the number, or its range; one of them alone for a bound
    required   no: right, but nobody need find it

    Precision counts every proposal that is not in GOLD as wrong, so list what is right but not needed too.
    """
    from engine.app import terminal, terminal_reading
    from engine.app.evaluate import evaluate_files
    from engine.app.ingest import kit_of

    evaluation, doubted = evaluate_files(gold, articles, kit_of(load(scenarios, None).project, scenarios))
    terminal.console().print(terminal_reading.evaluation_table(evaluation))
    for doubt in doubted:
        click.echo(f"warning: {printable(doubt)}", err=True)

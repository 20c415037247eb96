"""Commands from proposed claims to article records: review and accept."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from engine.app.cli.options import DAY, FOLDER, INBOX, SCENARIOS, load
from engine.errors import ForecastError, printable

if TYPE_CHECKING:
    from engine.app.review import Session, Step

CHOICES = "[a]ccept, [e]dit, [r]eject, [s]kip, [g]roup, [u]ndo, [q]uit, [?] help"
REVIEWER = click.option(
    "--reviewer", default=lambda: os.environ.get("USER", "analyst"), help="Whose decisions these are.  [default: $USER]"
)
_HELP = """\
a  accept: the claim counts as it stands; one that no rule has read asks for its stance and credibility first
e  edit: change fields and accept, as in  stance=denies; credibility=2; source=rok-nis
r  reject: it stays in the file with your reason and is never proposed again
s  skip: leave it for another time
g  group: give it another echo key: a new one splits it off, that of other claims joins it to them
u  undo the last decision
q  quit: everything decided is on disk"""


@click.command()
@click.argument("article", required=False)
@SCENARIOS
@INBOX
@REVIEWER
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
    told = reviewing.statements(project)
    session = reviewing.Session(paths, inbox, reviewer, date.today(), effects(project), told)
    while step := session.next():
        terminal.console().print(terminal_reading.review_step(step))
        if step.review.published == "unknown" and step.review.received is None:
            if not _came_to_hand(session):
                break
            continue  # from that day on it can be weighed
        choice = click.prompt(CHOICES, type=click.Choice([*"aersguq?"]), show_choices=False)
        if choice == "q":
            break
        try:
            _do(choice, session, step)
        except ForecastError as error:
            click.echo(printable(str(error)))
    for path in paths:
        click.echo(f"To make the record of what is accepted: forecast accept {path}")


def _do(choice: str, session: Session, step: Step) -> None:
    match choice:
        case "a":
            if step.claim.by == "similarity":
                session.edit(**_reading(step))
            else:
                session.accept(_detection() if step.claim.unweighed else None)
        case "e":
            _edit(session)
        case "r":
            session.reject(click.prompt("why", default="", show_default=False) or None)
        case "s":
            session.skip()
        case "g":
            click.echo(
                printable(
                    f"now {step.claim.echo}; on the same matter: {', '.join(session.echo_keys(step.claim.subject))}"
                )
            )
            session.regroup(click.prompt("echo key: a new one splits the claim off, that of others joins it to them"))
        case "?":
            click.echo(_HELP)
        case _:
            click.echo("Taken back." if session.undo() else "There is nothing to take back.")


def _came_to_hand(session: Session) -> bool:
    """An undated article counts from the day it came to hand; only a person knows it. False to quit instead."""
    asked = "The article bears no date. When did it come to hand (YYYY-MM-DD, or q to quit)"
    day = click.prompt(asked, value_proc=lambda text: None if text == "q" else DAY.convert(text, None, None))
    if day is not None:
        session.came_to_hand(day.date())
    return day is not None


def _reading(step: Step) -> dict[str, object]:
    """A sentence in which no rule fired has been read by nobody: what it says is for the reviewer to say."""
    stance = click.prompt("what it says of the claim", type=click.Choice(["affirms", "denies", "absent", "retracted"]))
    source = click.prompt("who says so", default=step.claim.source)
    digit = click.prompt("credibility, 1 confirmed to 5 improbable, 6 cannot be judged", type=click.IntRange(1, 6))
    searched = {"detection": _detection()} if stance == "absent" else {}
    return {"stance": stance, "source": source, "credibility": digit, **searched}


def _detection() -> float:
    click.echo("It was looked for and not found. How likely would they have found it, had it been so?")
    return float(click.prompt("detection, above 0 and at most 1", type=click.FloatRange(0, 1, min_open=True)))


def _edit(session: Session) -> None:
    """Ask for fields; nothing given or a wrong value changes nothing."""
    from engine.app.review_edit import EDITABLE

    told = click.prompt(f"field=value, parted by ; ({', '.join(EDITABLE)})", default="", show_default=False)
    changes: dict[str, object] = {}
    for part in filter(None, (one.strip() for one in told.split(";"))):
        name, _, value = part.partition("=")
        changes[name.strip()] = _typed(value.strip())
    if changes:
        session.edit(**changes)


def _typed(text: str) -> object:
    """A number where the text is one."""
    for kind in (int, float):
        try:
            return kind(text.replace(",", ""))
        except ValueError:
            continue
    return text or None


@click.command()
@click.argument("article")
@click.argument("subject", metavar="SCENARIO/INDICATOR")
@click.option("--quote", required=True, help="The words of the article that say so.")
@click.option("--source", required=True, metavar="ID", help="Who says it, as named in sources.yaml.")
@click.option(
    "--stance", type=click.Choice(["affirms", "denies", "absent", "retracted"]), default="affirms", show_default=True
)
@click.option(
    "--modality",
    type=click.Choice(["actual", "planned", "possible", "conditional", "demanded", "denied"]),
    help="How it is told.  [default: by the stance]",
)
@click.option("--credibility", type=click.IntRange(1, 6), default=3, show_default=True, help="Admiralty digit.")
@click.option(
    "--detection",
    type=click.FloatRange(0, 1, min_open=True),
    help="For stance absent: how likely they would have found it.",
)
@click.option("--value", type=float, help="The number, for a scenario about a quantity.")
@click.option("--low", type=float, help="At least so many.")
@click.option("--high", type=float, help="At most so many.")
@click.option("--note", help="In your own words.")
@REVIEWER
@SCENARIOS
@INBOX
def claim(article: str, subject: str, scenarios: Path, inbox: Path, reviewer: str, quote: str, **said: Any) -> None:
    """Put a claim that the rules missed into the review file of ARTICLE, accepted.

    SCENARIO/INDICATOR is what it bears on, or the scenario alone where it gives a number for its quantity.
    """
    from engine.app import review as reviewing
    from engine.app.review_add import add

    if (said["stance"] == "absent") != (said["detection"] is not None):
        raise click.UsageError("--detection goes with --stance absent, and that with --detection.")
    project = load(scenarios, None).project
    path, *others = reviewing.paths_in(inbox, article)
    if others:
        raise ForecastError(f"{article}: begins the names of several review files. Give the whole name.")
    added = add(path, project, subject, quote, said, reviewer, date.today())
    click.echo(printable(f"{path}: {added.source} {added.stance} {subject}. Next: forecast accept {path}"))


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
        for scenario, signal in done.to_link:
            click.echo(
                f"  not linked yet: put {signal} into the `signals:` of {scenarios}/{scenario}.yaml, if you agree."
            )

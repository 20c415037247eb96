"""Commands that question a saved run."""

from __future__ import annotations

import webbrowser
from pathlib import Path

import click

from engine.app.cli.options import FOLDER, RUNS, run_options, saved


@click.command()
@click.argument("scenario", metavar="ID")
@run_options
def explain(scenario: str, run_name: str, output: Path) -> None:
    """Show what moved a belief from prior to posterior, as bars that sum to the shift."""
    from engine.analysis.attribution import waterfall
    from engine.app import terminal, terminal_questions

    answer = saved(run_name, output)
    terminal.console().print(terminal_questions.waterfall_table(waterfall(answer.posterior, scenario)))


@click.command(name="what-if")
@click.argument("supposed", metavar="ID=yes|no...", nargs=-1, required=True)
@click.option("--do", is_flag=True, help="Brought about instead of learnt: what drives it is cut.")
@run_options
def what_if(supposed: tuple[str, ...], do: bool, run_name: str, output: Path) -> None:
    """Show every other scenario's belief and outlook, supposing these outcomes."""
    from engine.analysis import what_if as asking
    from engine.app import terminal, terminal_questions

    answer = saved(run_name, output)
    given = asking.parse(supposed, answer.posterior.network)
    found = asking.what_if(answer.posterior, given, do, answer.prior)
    terminal.console().print(terminal_questions.what_if_table(found))


@click.command(name="watch-list")
@click.option("--about", metavar="ID", help="Rank by what is told about this scenario.")
@click.option(
    "--credibility",
    type=click.IntRange(1, 6),
    default=3,
    show_default=True,
    help="Admiralty digit of the report to come.",
)
@click.option("--linked", is_flag=True, help="Also what each would tell about the scenarios joined by drivers.")
@click.option("--all", "every", is_flag=True, help="Every source, not the best voice for each claim.")
@click.option("--top", type=click.IntRange(1), default=20, show_default=True)
@run_options
def watch_list(
    about: str | None,
    linked: bool,
    credibility: int,
    every: bool,
    top: int,
    run_name: str,
    output: Path,
) -> None:
    """List what to look for next: the reports that would tell most, and the beliefs they would lead to."""
    from engine.analysis.watch_list import linked_watch_list, shortlist
    from engine.analysis.watch_list import watch_list as lookouts
    from engine.app import terminal, terminal_questions

    answer = saved(run_name, output)
    posterior, sources = answer.posterior, answer.project.sources
    if linked and not about:
        found = linked_watch_list(posterior, sources, credibility)
    else:
        found = lookouts(posterior, sources, credibility, about)
    terminal.console().print(terminal_questions.watch_table(found if every else shortlist(found), top))


@click.command()
@click.argument("scenario", metavar="ID")
@click.option("--threshold", type=float, help="Probability to cross.  [default: either edge of the belief's band]")
@run_options
def flip(scenario: str, threshold: float | None, run_name: str, output: Path) -> None:
    """Find the smallest single change of an input that would move a belief across an edge.

    Beside it: whether the belief hangs on its prior or on the evidence, and whether the two conflict.
    """
    from engine.analysis.flip import flip as smallest
    from engine.analysis.sensitivity import sensitivity
    from engine.app import terminal, terminal_questions

    answer = saved(run_name, output)
    console = terminal.console()
    console.print(terminal_questions.flips_table(smallest(answer, scenario, threshold)))
    console.print(terminal_questions.sensitivity_note(sensitivity(answer.posterior, scenario)), end="")


@click.command()
@click.argument("run_name", metavar="[RUN]", default="latest")
@RUNS
@click.option(
    "--to", type=FOLDER, metavar="FILE", help="Where to write it.  [default: report.html in the run's folder]"
)
@click.option("--open", "show", is_flag=True, help="Open it in the browser.")
def report(run_name: str, output: Path, to: Path | None, show: bool) -> None:
    """Write a run as one HTML page to hand over; it needs no network.

    RUN is a run's id or folder, the latest by default.
    """
    from engine.app.files import write_text
    from engine.app.page.page import page_of
    from engine.app.runs import PAGE_FILE, find_run

    folder = find_run(run_name, output)
    path = to or folder / PAGE_FILE
    write_text(path, page_of(saved(run_name, output), folder.name))
    click.echo(f"Written to {path}")
    if show and not webbrowser.open(path.resolve().as_uri()):
        click.echo("No browser was found here; open the file yourself.", err=True)


@click.command()
@click.argument("before", metavar="[RUN]", default="previous")
@click.argument("after", metavar="[RUN]", default="latest")
@click.option("--only", multiple=True, metavar="ID", help="Show only this scenario; may be given again.")
@RUNS
@click.option("--json", "as_json", is_flag=True, help="As JSON, every change and every part.")
def diff(before: str, after: str, only: tuple[str, ...], output: Path, as_json: bool) -> None:
    """Show which beliefs moved from one run to another, and what in the inputs moved them.

    A RUN is an id or how it begins, a folder, `latest` or `previous`; without any, the last two are compared.
    """
    from engine.analysis.diff import diff as compared
    from engine.app import terminal
    from engine.app.diff_json import as_record
    from engine.app.runs import find_run
    from engine.app.saved import open_run
    from engine.app.terminal_diff import diff_table

    folders = find_run(before, output), find_run(after, output)
    first, second = (open_run(folder) for folder in folders)
    for name in only:
        second.posterior.network.position(name)
    found = compared(first, second)
    if as_json:
        click.echo(as_record(found, only).model_dump_json(indent=2))
    else:
        terminal.console().print(diff_table(found, (folders[0].name, folders[1].name), only))

"""Commands over the ledger: what was believed when, and what came of it."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from engine.app.cli.options import DAY, FOLDER, KIND, LEDGER_FOLDER, RUN_ID, SCENARIOS
from engine.errors import ForecastError


@click.command()
@click.argument("scenario", metavar="ID")
@KIND
@RUN_ID
@click.option("--since", type=DAY, help="First day the belief is about.")
@click.option("--until", type=DAY, help="Last day the belief is about.")
@click.option("--recorded-by", type=DAY, help="Only what had been recorded by the end of this day (UTC).")
@click.option("--last", type=click.IntRange(1), default=20, show_default=True, help="How many entries to show.")
@LEDGER_FOLDER
def history(
    scenario: str,
    kind: str,
    run_id: str | None,
    since: datetime | None,
    until: datetime | None,
    recorded_by: datetime | None,
    last: int,
    output: Path,
) -> None:
    """Show the path of a belief, and which reasons came, went or changed their weight on the way."""
    from engine.app import terminal, terminal_memory
    from engine.app.history import history as path_of
    from engine.app.ledger import LEDGER_FILE, Ledger

    first, final = _span(since, until)
    found = path_of(
        Ledger(output / LEDGER_FILE),
        scenario,
        "replay" if kind == "replay" else "run",
        run_id=run_id,
        since=first,
        until=final,
        recorded_by=recorded_by.replace(tzinfo=UTC) + timedelta(days=1, microseconds=-1) if recorded_by else None,
        last=last,
    )
    terminal.console().print(terminal_memory.history_table(found))


@click.command()
@click.argument("scenario", metavar="ID")
@click.option("--happened", is_flag=True, help="What came of it: this, or ...")
@click.option("--did-not-happen", is_flag=True, help="... this; one of the two is required.")
@click.option("--on", type=DAY, required=True, help="When that was known; before or after the deadline.")
@click.option("--value", type=float, help="Of a scenario about a quantity: the peak it had reached by the deadline.")
@click.option("--note", help="Why: what settles it.")
@click.option("--force", is_flag=True, help="Put it in the place of a resolution that is there.")
@SCENARIOS
@click.option("--seeds", type=FOLDER, help="Folder of the article records.  [default: the one forecast.yaml names]")
def resolve(
    scenario: str,
    happened: bool,
    did_not_happen: bool,
    on: datetime,
    value: float | None,
    note: str | None,
    force: bool,
    scenarios: Path,
    seeds: Path | None,
) -> None:
    """Write into the file of a scenario what came of it; everything else in the file stays as it is."""
    from engine.app import terminal, terminal_memory
    from engine.app.resolve import resolve as write_down

    if happened == did_not_happen:
        raise click.UsageError("Say what came of it: either --happened or --did-not-happen.")
    outcome: dict[str, Any] = {"happened": happened, "on": on.date(), "value": value, "note": note}
    done = write_down(scenarios, seeds, scenario, **outcome, today=date.today(), force=force)
    terminal.console().print(terminal_memory.resolved_lines(done))


@click.command()
@click.argument("scenario", metavar="[ID]", required=False)
@click.option("--csv", "to_csv", metavar="FILE", help="Write a CSV file for spreadsheets; - for standard output.")
@click.option("--parquet", "to_parquet", type=FOLDER, metavar="FILE", help="Write a Parquet file for data frames.")
@click.option("--kind", type=click.Choice(["run", "replay"]), help="Only these.  [default: both]")
@click.option("--run", "run_id", metavar="RUN", help="Only this run or replay.")
@click.option("--since", type=DAY, help="First day the belief is about.")
@click.option("--until", type=DAY, help="Last day the belief is about.")
@LEDGER_FOLDER
def export(
    scenario: str | None,
    to_csv: str | None,
    to_parquet: Path | None,
    kind: str | None,
    run_id: str | None,
    since: datetime | None,
    until: datetime | None,
    output: Path,
) -> None:
    """Write the ledger, or what it holds of one scenario, as a table for other programs."""
    from engine.app.export import rows_in_batches, write_csv, write_parquet
    from engine.app.files import whole_file
    from engine.app.ledger import LEDGER_FILE, Ledger

    if (to_csv is None) == (to_parquet is None):
        raise click.UsageError("Say where to: --csv FILE or --parquet FILE, one of the two.")
    first, final = _span(since, until)
    ledger = Ledger(output / LEDGER_FILE)
    ledger.must_know(scenario, run_id)
    wanted: dict[str, Any] = {
        "scenario": scenario,
        "kind": kind,
        "run_id": run_id,
        "since": first,
        "until": final,
    }
    batches = rows_in_batches(ledger, **wanted)
    if to_csv == "-":
        write_csv(batches, sys.stdout.buffer)
        return
    target = to_parquet or Path(to_csv or "")
    if target.resolve() == ledger.path.resolve():
        raise click.UsageError(f"{target} is the ledger itself. Name another file.")
    with whole_file(target) as file:
        if to_csv is not None:
            file.write(b"\xef\xbb\xbf")  # without it Excel takes UTF-8 for something else
        count = write_csv(batches, file) if to_csv is not None else write_parquet(batches, file)
    click.echo(f"{count:,} rows written to {target}.")


def _span(since: datetime | None, until: datetime | None) -> tuple[date | None, date | None]:
    """The days that bound what is asked for, in order."""
    first, final = (moment.date() if moment else None for moment in (since, until))
    if first and final and first > final:
        raise ForecastError(f"--since must not be after --until ({final}), got {first}. Exchange the two.")
    return first, final

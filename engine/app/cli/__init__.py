"""The command line: each command reads, makes one call, and prints. The only door to click."""

from __future__ import annotations

import os
from typing import Any

import click

from engine.app.cli import memory, questions, reading, reviewing, running, scoring
from engine.app.cli.streams import usable_streams
from engine.errors import FaultyFilesError, ForecastError, UntrustedSamplesError, printable, several

EXIT_REFUSED, EXIT_UNTRUSTED, EXIT_INTERRUPTED = 1, 3, 130

# The matrices of a forecast are small: threads of BLAS wait for each other longer than they work. Read when NumPy loads.
for _library in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_library, "1")


class Refusing(click.Group):
    """A group whose commands end with a message and exit code 1 where the engine refuses."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """In the order an analyst meets them, not by the alphabet."""
        return list(self.commands)

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """As click's, on streams that may be closed, full or narrow."""
        with usable_streams():
            return super().main(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a refusal is told on standard error, without a traceback."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo("Aborted!", err=True)
            ctx.exit(EXIT_INTERRUPTED)
        except ForecastError as error:
            click.echo(printable(str(error)), err=True)
            if isinstance(error, FaultyFilesError):
                click.echo(f"{several(len(error.faults), 'fault')}. Nothing more was done.", err=True)
            ctx.exit(EXIT_UNTRUSTED if isinstance(error, UntrustedSamplesError) else EXIT_REFUSED)


@click.group(cls=Refusing, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="scenario-forecast-engine", prog_name="forecast")
def main() -> None:
    """Score scenarios: priors in YAML, evidence from articles, probabilities with their reasons."""


for command in (
    running.new,
    running.run,
    running.check,
    running.show,
    running.sources,
    questions.explain,
    questions.what_if,
    questions.watch_list,
    questions.flip,
    questions.report,
    questions.diff,
    memory.history,
    memory.resolve,
    memory.export,
    scoring.replay,
    scoring.score,
    reading.ingest,
    reviewing.review,
    reviewing.claim,
    reviewing.accept,
    reading.rules,
    reading.evaluate,
    running.schema,
):
    main.add_command(command)

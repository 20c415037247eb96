"""Standard streams that are closed, full, or speak a narrower alphabet than the engine does."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import click

_FULL = frozenset({errno.ENOSPC, errno.EIO, errno.EBADF, errno.EFBIG, errno.EDQUOT})


@contextmanager
def usable_streams() -> Iterator[None]:
    """Print whatever the stream can carry; where it takes no more, say so and exit with 1."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115  (as long as we run)
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        try:
            yield
        finally:
            with suppress(ValueError):  # closed by what wrote into it
                sys.stdout.flush()
    except OSError as error:
        if error.errno not in _FULL | {errno.EPIPE}:
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what is still in the buffer goes nowhere
        if error.errno in _FULL:
            click.echo(f"The output cannot be written: {error.strerror}.", err=True)
        sys.exit(1)

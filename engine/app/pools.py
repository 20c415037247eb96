"""Where many forecasts are computed side by side: processes on this machine, or a Dask cluster."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager

from engine.errors import ForecastError

PATIENCE = 5
"""Seconds a scheduler has to answer."""


@contextmanager
def processes(workers: int | None, preload: str) -> Iterator[Executor]:
    """A process for each core; `preload` names the module that they import once, before they are forked."""
    method = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
    context = multiprocessing.get_context(method)
    if method == "forkserver":
        context.set_forkserver_preload([preload])
    pool = ProcessPoolExecutor(workers or os.process_cpu_count(), mp_context=context, initializer=_as_worker)
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _as_worker() -> None:
    """Leave Ctrl-C to the parent, and do not outlive it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


@contextmanager
def cluster(address: str) -> Iterator[Executor]:
    """The workers of a running Dask scheduler, `tcp://host:port`; an error within seconds if it does not answer."""
    try:
        from distributed import Client  # noqa: PLC0415  (an extra, and a second to import)
    except ImportError:
        raise ForecastError(
            "--scheduler needs Dask, which is not installed. Install the extra `dask`: uv sync --extra dask."
        ) from None
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    try:
        client = Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise ForecastError(
            f"{address}: no Dask scheduler answers there within {PATIENCE} s ({type(error).__name__}). "
            "See that it runs and that the address is right, like tcp://localhost:8786. Nothing was computed."
        ) from None
    try:
        if not client.scheduler_info()["workers"]:
            raise ForecastError(f"{address}: the scheduler has no workers. Start one: dask worker {address}")
        pool = client.get_executor()
        try:
            yield pool
        finally:
            pool.shutdown(wait=False)
    finally:
        client.close(timeout=PATIENCE)

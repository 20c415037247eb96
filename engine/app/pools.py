"""Where many forecasts are computed side by side: processes on this machine, or a Dask cluster."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Executor, ProcessPoolExecutor
from contextlib import contextmanager

from engine.errors import ForecastError

PATIENCE = 5
"""Seconds a scheduler has to answer."""
_GO_ON = "What was finished is kept; the same command goes on with the rest."


@contextmanager
def processes(workers: int | None, preload: str) -> Iterator[Executor]:
    """A process for each core; `preload` names the module that they import once, before they are forked."""
    method = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
    context = multiprocessing.get_context(method)
    if method == "forkserver":
        context.set_forkserver_preload([preload])
    others = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_as_worker)
    try:
        yield pool
    except BrokenExecutor:
        raise ForecastError(
            f"A process was ended from outside, perhaps for want of memory. {_GO_ON} Fewer --workers need less memory."
        ) from None
    except KeyboardInterrupt:
        for worker in set(multiprocessing.active_children()) - others:
            worker.terminate()
        raise
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
        from distributed.comm import CommClosedError  # noqa: PLC0415
        from distributed.scheduler import KilledWorker  # noqa: PLC0415
    except ImportError:
        raise ForecastError(
            "--scheduler needs Dask, which is not installed. Install the extra `dask`: uv sync --extra dask."
        ) from None
    _hush("distributed")
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
        except (CancelledError, CommClosedError, KilledWorker, ImportError) as error:
            raise ForecastError(
                f"{address}: the cluster gave up ({type(error).__name__}: {error}). {_GO_ON} "
                "Its workers need the same version of this engine."
            ) from None
        finally:
            pool.shutdown(wait=False)
    finally:
        client.close(timeout=PATIENCE)


def _hush(package: str) -> None:
    """Keep a package's own log off the terminal: what matters of it is told as an error of ours."""
    for name in [package, *(one for one in logging.root.manager.loggerDict if one.startswith(f"{package}."))]:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)

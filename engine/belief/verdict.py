"""What judges the sampler, in a second process: it works while the first one imports PyMC and samples."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_all_start_methods, get_context
from multiprocessing.connection import Connection

from engine.belief.importance import Weighted, weigh
from engine.belief.network import Network
from engine.belief.parameters import Parameters
from engine.probability import Array


@dataclass(frozen=True)
class Chains:
    """What the sampler brought."""

    theta: Parameters
    probabilities: Array
    """(n, S) of the scenarios."""
    n_chains: int


@dataclass(frozen=True)
class Verdict:
    """What the other engine believes, and whether the chains agree with one another."""

    probability: Array
    """(S,) by importance sampling."""
    pareto_k: float
    max_rhat: float
    min_ess: float
    mcse: Array
    """(S,) Monte Carlo standard error of the chains' probabilities."""


type Judge = Callable[[Chains], Verdict]


@contextmanager
def judge(network: Network, draws: int, seed: int) -> Iterator[Judge]:
    """Somebody who starts to weigh draws at once, and answers when the chains are brought.

    Where no process can be forked, or it was killed, all is done when asked for.
    """
    if "fork" not in get_all_start_methods():
        yield lambda chains: _judged(weigh(network, draws, seed), chains)
        return
    fork = get_context("fork")
    here, there = fork.Pipe()
    process = fork.Process(target=_work, args=(there, network, draws, seed), daemon=True)
    process.start()
    there.close()

    def ask(chains: Chains) -> Verdict:
        try:
            here.send(chains)
            found = here.recv()
        except (OSError, EOFError):
            return _judged(weigh(network, draws, seed), chains)
        assert isinstance(found, Verdict)  # noqa: S101  (nothing else is sent)
        return found

    try:
        yield ask
    finally:
        process.terminate()
        process.join()
        here.close()


def _work(mine: Connection, network: Network, draws: int, seed: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    from engine.belief.log_density import compile_for  # noqa: PLC0415  (imports numba)

    compile_for(network)  # on a machine's first run this takes seconds, and the sampler finds it done
    weighted = weigh(network, draws, seed)
    from engine.belief import diagnostics  # noqa: F401, PLC0415  (a second and a half to import, before it is needed)

    mine.send(_judged(weighted, mine.recv()))


def _judged(weighted: Weighted, chains: Chains) -> Verdict:
    from engine.belief import diagnostics  # noqa: PLC0415

    return Verdict(
        probability=weighted.probability,
        pareto_k=weighted.pareto_k,
        max_rhat=diagnostics.max_rhat(chains.theta, chains.probabilities, chains.n_chains),
        min_ess=diagnostics.min_ess(chains.probabilities, chains.n_chains),
        mcse=diagnostics.mcse(chains.probabilities, chains.n_chains),
    )

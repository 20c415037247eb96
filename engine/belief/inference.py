"""From a network to a posterior: one engine answers, the other checks it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from engine.belief.importance import Weighted, believe_in_batches, weigh
from engine.belief.network import Network
from engine.belief.posterior import Diagnostics, Posterior
from engine.belief.psis import TRUSTED_BELOW
from engine.belief.verdict import Chains, judge

MAX_RHAT = 1.01
MIN_ESS = 400
MAX_ENGINE_GAP = 0.01
"""Engines further apart than this do not agree, unless their noise explains it."""
NOISE = 3.0
"""Monte Carlo errors that noise may explain."""
N_IMPORTANCE_CHAINS = 4
WEIGHED_FOR_EACH = 2
"""Draws the importance engine weighs for each that is asked for: they are cheap, and uneven weights cost some."""
CHECK_DRAWS, CHECKED_FOR_EACH = 48_000, 4
"""Draws it weighs where it only checks the other engine: at least these, which a second core does meanwhile."""

type Progress = Callable[[str, int, int], None]
"""progress(what, done, total)."""


def silent(what: str, done: int, total: int) -> None:
    """Progress that nobody watches."""


def infer(
    network: Network, engine: str = "nuts", draws: int = 4000, seed: int = 1, progress: Progress = silent
) -> Posterior:
    """The posterior of a network.

    `nuts` samples the PyMC model and is checked by importance sampling; `importance` weighs draws
    from the prior, needs no PyMC, and is checked by the Pareto shape of its own weights.
    """
    if engine == "nuts":
        return _sampled(network, draws, seed, progress)
    progress("weighing draws from the prior", 0, 1)
    return _weighted(network, weigh(network, WEIGHED_FOR_EACH * draws, seed), seed)


def _weighted(network: Network, weighted: Weighted, seed: int) -> Posterior:
    sound = weighted.pareto_k < TRUSTED_BELOW and weighted.ess >= MIN_ESS
    message = (
        ""
        if sound
        else (
            f"importance sampling is not to be trusted here (Pareto k {weighted.pareto_k:.2f}, "
            f"{weighted.ess:.0f} effective draws). Run with --engine nuts."
        )
    )
    return Posterior(
        network=network,
        engine="importance",
        seed=seed,
        n_chains=N_IMPORTANCE_CHAINS,
        theta=weighted.theta,
        relevancy=weighted.relevancy,
        belief=weighted.belief,
        mcse=weighted.belief.scenarios.std(axis=0) / np.sqrt(min(weighted.ess, len(weighted.theta))),
        diagnostics=Diagnostics(
            sound=sound,
            message=message,
            max_rhat=None,
            min_ess=weighted.ess,
            divergences=None,
            pareto_k=weighted.pareto_k,
            max_engine_gap=None,
        ),
    )


def _sampled(network: Network, draws: int, seed: int, progress: Progress) -> Posterior:
    with judge(network, max(CHECK_DRAWS, CHECKED_FOR_EACH * draws), seed) as ask:
        progress("loading PyMC", 0, 1)
        from engine.belief import model  # noqa: PLC0415  (seconds to import, and only needed here)

        progress("compiling the model", 0, 1)
        sampled = model.sample(network, draws, seed, lambda done, total: progress("sampling", done, total))
        belief = believe_in_batches(network, sampled.theta)
        verdict = ask(Chains(sampled.theta, belief.scenarios, sampled.n_chains))
    rhat, ess, error, pareto_k = verdict.max_rhat, verdict.min_ess, verdict.mcse, verdict.pareto_k
    gaps = np.abs(belief.scenarios.mean(axis=0) - verdict.probability)
    gap = float(gaps.max())
    faults = []
    if rhat > MAX_RHAT:
        faults.append(f"chains disagree (R-hat {rhat:.3f})")
    if ess < MIN_ESS:
        faults.append(f"too few effective draws ({ess:.0f})")
    if sampled.divergences:
        faults.append(f"{sampled.divergences} divergent transitions")
    checked = pareto_k < TRUSTED_BELOW
    apart = f"the two engines differ by {gap:.3f}, with a Monte Carlo error of {error[gaps.argmax()]:.3f}"
    if checked and (gaps > np.maximum(MAX_ENGINE_GAP, NOISE * error)).any():
        faults.append(apart)
    message = ""
    if faults:
        message = (
            f"not to be trusted: {', '.join(faults)}. Raise --draws; if that does not help, widen what is tightest."
        )
    elif not checked:
        message = f"shown is nuts; importance sampling cannot check it here (Pareto k {pareto_k:.2f})."
    elif gap > MAX_ENGINE_GAP:
        message = f"{apart}: noise explains it; --draws {4 * draws} would halve it."
    return Posterior(
        network=network,
        engine="nuts",
        seed=seed,
        n_chains=sampled.n_chains,
        theta=sampled.theta,
        relevancy=sampled.relevancy,
        belief=belief,
        mcse=error,
        diagnostics=Diagnostics(
            sound=not faults,
            message=message,
            max_rhat=rhat,
            min_ess=ess,
            divergences=sampled.divergences,
            pareto_k=pareto_k,
            max_engine_gap=gap,
        ),
    )

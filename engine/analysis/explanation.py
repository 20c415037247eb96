"""What moved a belief: the pull of each witness, in decibans, without sampling again."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from engine.belief.likelihood import hear
from engine.belief.posterior import Posterior
from engine.belief.witnesses import Witness
from engine.probability import Array, decibans, odds


@dataclass(frozen=True)
class Pull:
    """How far one witness moves the belief in its scenario, given all the others."""

    witness: Witness
    scenario: str
    decibans: float
    without: float
    """The scenario's probability had the witness not spoken."""


def pulls(posterior: Posterior) -> list[Pull]:
    """The pull of every witness, on the same draws, reweighted to what they would be without it.

    Leaving out a witness changes what is said of one indicator, and so, in each draw, the
    odds of one scenario: the rest of the network need not be touched.
    """
    said = posterior.network.evidence
    found: list[Pull] = []
    for indicator, scenario in enumerate(said.scenario_of_indicator):
        here, theta = said.about(indicator), posterior.theta.about(indicator)
        heard = hear(here, theta)
        for number in range(len(here.witnesses)):
            others = hear(here.keep(np.arange(len(here.witnesses)) != number), theta)
            lost = (others.if_happens - heard.if_happens)[:, 0], (others.if_not - heard.if_not)[:, 0]
            found.append(_pull(posterior, int(scenario), here.witnesses[number], *lost))
    return found


def _pull(posterior: Posterior, scenario: int, witness: Witness, lost_if_happens: Array, lost_if_not: Array) -> Pull:
    """The pull of a witness from what its silence would add to the log likelihood of each outcome; (n,) each."""
    p = posterior.belief.scenarios[:, scenario]
    happening, not_happening = p * np.exp(lost_if_happens), (1 - p) * np.exp(lost_if_not)
    probability, without = float(p.mean()), float(happening.sum() / (happening + not_happening).sum())
    return Pull(
        witness=witness,
        scenario=posterior.network.ids[scenario],
        decibans=float(decibans(odds(without), odds(probability))) if 0 < probability < 1 else 0.0,
        without=without,
    )


def effect_of(posterior: Posterior, witness: Witness, beta: tuple[float, float]) -> float:
    """How far one more witness would move the belief in its scenario, in decibans, on the same draws.

    A source not heard before gets its reliability from its letter, `beta`.
    """
    said, theta = posterior.network.evidence, posterior.theta
    indicator = said.indicators.index(witness.indicator)
    here, mine = said.about(indicator), theta.about(indicator)
    if witness.source in said.sources:
        source = said.sources.index(witness.source)
    else:
        source = len(said.sources)
        new = np.random.default_rng(posterior.seed).beta(*beta, (posterior.n, 1))
        mine = replace(mine, reliability=np.hstack([mine.reliability, new]))
    now, then = hear(here, mine), hear(here.plus(witness, source), mine)
    gained = (then.if_happens - now.if_happens)[:, 0], (then.if_not - now.if_not)[:, 0]
    pull = _pull(posterior, int(said.scenario_of_indicator[indicator]), witness, *gained)
    return -pull.decibans

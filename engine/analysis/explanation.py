"""What moved a belief: the pull of each witness, in decibans, without sampling again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from engine.analysis.absorption import Absorption, Retold
from engine.belief.evidence import Evidence
from engine.belief.hearing import reheard
from engine.belief.importance import believe_in_batches, weigh
from engine.belief.likelihood import hear
from engine.belief.posterior import Posterior
from engine.belief.psis import TRUSTED_BELOW, smooth
from engine.belief.witnesses import Witness
from engine.probability import Array, decibans, odds
from engine.records.project import Project


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
    odds of one scenario: the rest of the network need not be touched. Who forecast after the report
    would have read another belief, and told other news; forecasts of a quantity are left as they are.
    """
    said = posterior.network.evidence
    absorption = Absorption(posterior.network, posterior.theta)
    found: list[Pull] = []
    for indicator, scenario in enumerate(said.scenario_of_indicator):
        here, theta = said.about(indicator), posterior.theta.about(indicator)
        heard = hear(here, theta)
        for witness in here.witnesses:
            silent = partial(Evidence.without, indicator=witness.indicator, sources={witness.grade_source})
            others, forecasts = hear(silent(here), theta), absorption.gained(indicator, silent, posterior.theta)
            if_not, if_happens = (others.if_not - heard.if_not)[:, 0], (others.if_happens - heard.if_happens)[:, 0]
            found.append(_pull(posterior, int(scenario), witness, silent, (if_not + forecasts, if_happens + forecasts)))
    return found


def _pull(posterior: Posterior, scenario: int, witness: Witness, silent: Retold, lost: tuple[Array, Array]) -> Pull:
    """The pull of a witness from what its silence would add to the log likelihood of each outcome; (n,) each."""
    p = posterior.belief.scenarios[:, scenario]
    happening, not_happening = p * np.exp(lost[1]), (1 - p) * np.exp(lost[0])
    total = happening + not_happening
    probability, without = float(p.mean()), float(happening.sum() / total.sum())
    if posterior.network.readings.opinions and smooth(np.log(total))[1] >= TRUSTED_BELOW:
        network = posterior.network.retold(silent)  # too few draws are like those without it, and what was foretold
        without = float(weigh(network, posterior.n, posterior.seed).probability[scenario])
    return Pull(
        witness=witness,
        scenario=posterior.network.ids[scenario],
        decibans=_moved(without, probability),
        without=without,
    )


def effect_of(posterior: Posterior, project: Project, scenario: str) -> float:
    """How far the belief in a scenario would move, in decibans, were the articles those of this project.

    On the same draws; a source not heard before gets its reliability from its letter.
    """
    network, theta = reheard(posterior.network, project), posterior.theta
    said, n_known = network.evidence, theta.reliability.shape[1]
    letters = said.reliability_a[n_known:], said.reliability_b[n_known:]
    new = np.random.default_rng(posterior.seed).beta(*letters, (posterior.n, len(said.sources) - n_known))
    then = believe_in_batches(network, replace(theta, reliability=np.hstack([theta.reliability, new])))
    weight, _ = smooth(then.log_likelihood - posterior.belief.log_likelihood)
    position = network.position(scenario)
    return _moved(float(posterior.probability[position]), float(np.exp(weight) @ then.scenarios[:, position]))


def _moved(before: float, after: float) -> float:
    """Decibans; none once it is known what came of it."""
    return float(decibans(odds(before), odds(after))) if 0 < before < 1 and 0 < after < 1 else 0.0

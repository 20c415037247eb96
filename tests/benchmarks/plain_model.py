"""The same belief model written the straightforward way: PyTensor expressions and `pm.sample` with its defaults.

What the engine's speed is measured against. Run as a script: it samples the shipped story once and prints
the probabilities, so that the comparison is between equal answers.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pymc as pm
import pytensor.tensor as pt

import engine
from engine.belief.hearing import build
from engine.belief.network import Network

STORY = Path(__file__).parents[2] / "scenarios"


def plain_model(network: Network) -> pm.Model:
    """Every unknown and every sum over states as ordinary graph operations."""
    said, effects, base, found = network.evidence, network.effects, network.baselines, network.measurements
    entries = network.entries
    with pm.Model() as model:
        log_hazard = pt.zeros(len(network.scenarios))
        stated = np.flatnonzero(base.stated)
        normal = pm.Normal("log_hazard_stated", base.shift[stated], base.sd[stated])
        log_hazard = pt.set_subtensor(log_hazard[stated], normal)
        ratio = pm.Normal("log_hazard_ratio", effects.mean, effects.sd)
        spread = network.assumptions.likelihood_sd
        t = pm.math.sigmoid(pm.Normal("logit_if_true", said.logit_if_true, spread))
        f = pm.math.sigmoid(pm.Normal("logit_if_false", said.logit_if_false, spread))
        reliability = pm.Beta("reliability", said.reliability_a, said.reliability_b)
        for q, place in enumerate(found.quantities):
            peak = pm.Normal(f"log_peak_{q}", base.log_peak[place], base.log_peak_sd[place])
            headroom, slip = pm.Exponential(f"headroom_{q}", 1.0), pm.Normal(f"slip_{q}", 0.0, found.slip_sd)
            log_hazard = pt.set_subtensor(log_hazard[place], pt.log(-_log_ndtr(-peak / 0.1)) + base.shift[place])
            for m in np.flatnonzero(found.quantity_of == q):
                own = 0.15 + 0.5 * (1 - reliability[found.source_of[m]] * found.weight[m])
                sd = pt.sqrt(own**2 + found.extra_variance[m])
                mean = peak + slip if found.projected[m] else peak - headroom
                low, high = found.low[m], found.high[m]
                if low == high:
                    pm.Potential(f"number_{m}", pm.logp(pm.Normal.dist(mean, sd), low))
                elif np.isinf(high):
                    pm.Potential(f"number_{m}", _log_ndtr((mean - low) / sd))
                else:
                    between = pt.exp(_log_ndtr((high - mean) / sd)) - pt.exp(_log_ndtr((low - mean) / sd))
                    pm.Potential(f"number_{m}", pt.log(pt.maximum(between, 1e-300)))
        rho = reliability[said.source_of] * said.weight
        if_claim = pt.dot(pt.log1p(said.voice[:, 0] * rho), said.on_indicator)
        if_no_claim = pt.dot(pt.log1p(said.voice[:, 1] * rho), said.on_indicator)
        if_happens = pt.log(pt.exp(if_claim) * t + pt.exp(if_no_claim) * (1 - t))
        if_not = pt.log(pt.exp(if_claim) * f + pt.exp(if_no_claim) * (1 - f))
        hazard = pt.exp(log_hazard[entries.scenario] + pt.dot(entries.drivers, ratio))
        w = network.elapsed[entries.scenario]
        happening = (
            pt.log(pt.exp(-hazard * w) - pt.exp(-hazard)) + pt.dot(if_happens, said.of_scenario)[entries.scenario]
        )
        not_happening = -hazard + pt.dot(if_not, said.of_scenario)[entries.scenario]
        weight = pt.where(entries.happens, happening, not_happening)
        probabilities = pt.zeros(len(network.scenarios))
        for number, group in enumerate(network.groups):
            states = pt.dot(group.takes, weight[group.entries])
            pm.Potential(f"group_{number}", pt.logsumexp(states))
            chance = pt.exp(states - pt.logsumexp(states))
            probabilities = pt.set_subtensor(probabilities[group.members], pt.dot(chance, group.states.astype(float)))
        pm.Deterministic("probability", probabilities)
        relevancy = pm.Normal("relevancy", 3.0, 1.2, shape=len(network.scenarios))
        cuts = np.array([1.5, 2.5, 3.5, 4.5])
        pm.OrderedProbit(
            "ratings",
            eta=relevancy[np.array(network.ratings.scenario)],
            cutpoints=cuts,
            sigma=0.7,
            compute_p=False,
            observed=np.array(network.ratings.rating) - 1,
        )
    return model


def _log_ndtr(x: pt.TensorVariable) -> pt.TensorVariable:
    return pt.switch(x < -5, pt.log(pt.erfcx(-x / np.sqrt(2)) / 2) - x**2 / 2, pt.log1p(-pt.erfc(x / np.sqrt(2)) / 2))


def main() -> None:
    """Sample the shipped story and print each probability."""
    network = build(engine.load(STORY), date(2024, 11, 10))
    with plain_model(network):
        trace = pm.sample(1000, chains=4, cores=2, random_seed=1, progressbar=False)
    means = trace["posterior"]["probability"].mean(("chain", "draw")).values
    for name, mean in zip(network.ids, means, strict=True):
        print(f"{name} {mean:.3f}")


if __name__ == "__main__":
    main()

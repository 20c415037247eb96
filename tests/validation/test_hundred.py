"""A hundred scenarios, ten witnesses each: how long the importance engine takes, and whether it can be trusted.

The seconds are printed and not tested: machines differ.
"""

from __future__ import annotations

import time

import numpy as np
import pytest
from builders import article, indicator, project, report, scenario

from engine.analysis.forecast import forecast
from engine.belief.hearing import build
from engine.belief.inference import infer
from validation.crowds import DAY
from validation.scores import table

SCENARIOS, WITNESSES, INDICATORS = 100, 10, 5


def crowd_of(sources_of):
    """Scenarios with five indicators and ten reports, by the sources that `sources_of` names for each."""
    rng = np.random.default_rng(1)
    scenarios, articles, sources = {}, [], {}
    for number in range(SCENARIOS):
        name = f"s-{number:03}"
        scenarios[name] = scenario(
            probability=float(rng.uniform(0.03, 0.6)),
            indicators={
                f"i-{k}": indicator(diagnosticity="moderate", if_true=None, if_false=None) for k in range(INDICATORS)
            },
        )
        for witness, source in enumerate(sources_of(number, rng)):
            sources[source] = "ABCDE"[witness % 5]
            stance = "affirms" if rng.random() < 0.6 else "denies"
            articles.append(
                article(report(f"{name}/i-{witness % INDICATORS}", source, stance, int(rng.integers(1, 5))))
            )
    return project(scenarios, articles, sources)


@pytest.mark.parametrize(
    ("name", "sources_of"),
    [
        ("own sources", lambda number, _: [f"w-{number}-{k}" for k in range(WITNESSES)]),
        ("five scenarios to ten sources", lambda number, _: [f"w-{number // 5}-{k}" for k in range(WITNESSES)]),
        ("forty sources for all", lambda _, rng: [f"w-{k}" for k in rng.choice(40, WITNESSES, replace=False)]),
    ],
)
def test_a_hundred_scenarios_of_ten_witnesses(name, sources_of):
    asked = crowd_of(sources_of)
    start = time.perf_counter()
    posterior = infer(build(asked, DAY), "importance", draws=4000, seed=1)
    inferred = time.perf_counter() - start
    start = time.perf_counter()
    forecast(asked, DAY, "importance", draws=4000, seed=1)
    whole = time.perf_counter() - start
    found = posterior.diagnostics
    table(
        f"{SCENARIOS} scenarios x {WITNESSES} reports, {name}",
        ["posterior, s", "with outlook and pulls, s", "largest Pareto k", "fewest effective draws of 8000", "sound"],
        [[f"{inferred:.1f}", f"{whole:.1f}", f"{found.pareto_k:.2f}", f"{found.min_ess:.0f}", found.sound]],
    )
    assert found.sound == (not found.message)
    if name != "forty sources for all":
        assert found.sound, found.message

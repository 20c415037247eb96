"""Other people's forecasts, taken as witnesses, against simple pools of them; and a market that stands alone.

Every number is a mean over question-dates; its standard error, and that of a paired difference, is
clustered by question. Less is better for both scores.
"""

from __future__ import annotations

import numpy as np
import pytest

from engine.belief.psis import TRUSTED_BELOW
from engine.belief.third_party import CORRELATION, SIGMA
from validation import exact
from validation.crowds import (
    HUMAN,
    MARKET,
    POOLS,
    PROS,
    WIDE,
    base_rates,
    clusters,
    engine_answer,
    markets,
    network_of,
    outcomes,
    pooled,
    professionals,
    superforecasters,
    superforecasters_beside_a_market,
)
from validation.scores import brier, log_score, mean, table
from validation.shared import needs

NOISE = 2.0
"""Standard errors by which the engine may be worse than the best pool, which is chosen with hindsight."""


def exactly(net, questions, kind, spread=WIDE):
    """The same posterior by integration, from the logits as the engine reads them."""
    heard = {
        net.ids[net.readings.scenario_of[rows[0]]]: net.readings.logit[rows] for rows, _ in net.readings.precisions
    }
    logits = [heard[name] for name in sorted(heard)]
    taus = exact.tau(np.array([len(x) for x in logits]), SIGMA[kind], CORRELATION)
    return exact.posterior(np.array([x.mean() for x in logits]), taus, base_rates(questions), spread)


@pytest.mark.parametrize(
    ("name", "load"),
    [
        pytest.param("forecastbench_human", superforecasters, marks=needs(HUMAN)),
        pytest.param("metaculus_pros", professionals, marks=needs(PROS)),
    ],
)
def test_as_good_as_the_best_pool(name, load):
    questions = load()
    y, who = outcomes(questions), clusters(questions)
    net = network_of(questions, "expert")
    p, found = engine_answer(net)
    answers = {pool: pooled(questions, pool) for pool in POOLS} | {"base rate": base_rates(questions), "engine": p}
    lines = []
    for what, q in answers.items():
        apart = [mean(score(p, y) - score(q, y), who).signed for score in (brier, log_score)]
        own = [mean(score(q, y), who) for score in (brier, log_score)]
        lines.append([what, *own, *(["", ""] if what == "engine" else apart)])
    gap = np.abs(p - exactly(net, questions, "expert"))
    table(
        f"{name}: n = {len(y)} question-dates of {len(set(who))} questions, {found.diagnostics.pareto_k:.2f} largest "
        f"Pareto k, {found.diagnostics.min_ess:.0f} fewest effective draws, at most {gap.max():.4f} from exact integration",
        ["", "Brier", "log score", "Brier, engine less this", "log score, engine less this"],
        lines,
    )
    assert found.diagnostics.pareto_k < TRUSTED_BELOW, found.diagnostics.message
    assert gap.max() < 0.01
    for score in (brier, log_score):
        best = min((answers[pool] for pool in POOLS), key=lambda q: score(q, y).mean())
        difference = mean(score(p, y) - score(best, y), who)
        assert difference.value < NOISE * difference.error


@needs(MARKET)
def test_a_market_alone_does_no_harm():
    questions = markets()
    y, who = outcomes(questions), clusters(questions)
    value = np.array([question.forecasts[0] for question in questions])
    net = network_of(questions, "market")
    p, found = engine_answer(net)
    gap = np.abs(p - exactly(net, questions, "market"))
    table(
        f"forecastbench_market, first appearances: n = {len(y)} questions, "
        f"{found.diagnostics.pareto_k:.2f} largest Pareto k, at most {gap.max():.4f} from exact integration",
        ["", "Brier", "log score"],
        [
            ["market value", mean(brier(value, y), who), mean(log_score(value, y), who)],
            ["engine", mean(brier(p, y), who), mean(log_score(p, y), who)],
            ["engine less value", *(mean(s(p, y) - s(value, y), who).signed for s in (brier, log_score))],
        ],
    )
    assert found.diagnostics.pareto_k < TRUSTED_BELOW, found.diagnostics.message
    assert gap.max() < 0.01
    assert brier(p, y).mean() - brier(value, y).mean() < 0.002


@needs(HUMAN)
def test_experts_beside_a_market_do_not_turn_it_upside_down():
    """A precise and several less precise forecasters who err together: none may count against what it says."""
    questions = superforecasters_beside_a_market()
    y, who = outcomes(questions), clusters(questions)
    net = network_of(questions, "expert")
    p, found = engine_answer(net)
    answers = {
        "market value": np.array([question.forecasts[0] for question in questions]),
        "median of the experts": np.array([np.median(question.forecasts[1:]) for question in questions]),
        "engine": p,
    }
    table(
        f"forecastbench_human beside a market value: n = {len(y)} questions, {found.diagnostics.pareto_k:.2f} largest Pareto k, "
        f"{min((w := precision.sum(axis=0)).min() / w.sum() for _, precision in net.readings.precisions):.3f} least weight of a forecaster",
        ["", "Brier", "log score", "Brier, engine less this", "log score, engine less this"],
        [
            [
                what,
                *(mean(score(q, y), who) for score in (brier, log_score)),
                *(mean(score(p, y) - score(q, y), who).signed for score in (brier, log_score)),
            ]
            for what, q in answers.items()
        ],
    )
    assert all((precision.sum(axis=0) > 0).all() for _, precision in net.readings.precisions)
    assert brier(p, y).mean() < max(brier(q, y).mean() for what, q in answers.items() if what != "engine")

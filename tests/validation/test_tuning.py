"""The tables from which the constants of other people's forecasts were set; see `tuning` for how."""

from __future__ import annotations

import numpy as np
import pytest

from engine.belief.third_party import CORRELATION, SIGMA
from engine.probability import logit
from validation import exact
from validation.crowds import (
    HUMAN,
    MARKET,
    POOLS,
    PROS,
    WIDE,
    base_rates,
    clusters,
    markets,
    outcomes,
    pooled,
    professionals,
    superforecasters,
)
from validation.scores import Mean, log_score, mean, table
from validation.shared import needs
from validation.tuning import CORRELATIONS, HEARD, SIGMAS, SPREADS, behind, best, halves, tried


@pytest.fixture(scope="module")
def sets():
    return {"forecastbench_human": superforecasters(), "metaculus_pros": professionals()}


def nearest(values, value):
    return int(np.abs(np.array(values) - value).argmin())


@needs(HUMAN)
@needs(PROS)
@pytest.mark.parametrize("spread", SPREADS)
def test_sigma_and_correlation_lie_on_the_flat_bottom(sets, spread):
    both = [tried(questions, spread) for questions in sets.values()]
    score = np.mean([one.all_together.mean(axis=2) for one in both], axis=0)
    top = best(both)
    now = nearest(SIGMAS, SIGMA["expert"]), nearest(CORRELATIONS, CORRELATION)
    lines = []
    for row, sigma in enumerate(SIGMAS):
        apart = Mean(*behind(both, (row, now[1]), top)).signed
        lines.append([sigma, *(f"{value:.4f}" for value in score[row]), apart])
    table(
        f"Log score over both sets and over {HEARD[:-1]} and all forecasters heard, spread of the prior {spread}; "
        f"n = {' + '.join(str(len(set(one.names))) for one in both)} questions; best {SIGMAS[top[0]]}, {CORRELATIONS[top[1]]}",
        ["sigma", *(f"corr. {c}" for c in CORRELATIONS), f"at {CORRELATIONS[now[1]]}, less the best"],
        lines,
    )
    alone = {name: best([one]) for name, one in zip(sets, both, strict=True)}
    by_heard = {
        heard: SIGMAS[int(np.mean([one.by_heard[heard].mean(axis=2)[:, now[1]] for one in both], axis=0).argmin())]
        for heard in HEARD
    }
    tuned, kept, chosen = halves(both, now)
    print(
        f"\nbest of one set alone: {', '.join(f'{name} {SIGMAS[at[0]]}, {CORRELATIONS[at[1]]}' for name, at in alone.items())}"
        f"\nbest sigma at correlation {CORRELATIONS[now[1]]}, by forecasters heard: {by_heard}"
        f"\ntuned on one half, scored on the other, 50 times: {tuned:.4f}; the engine's own constants there: {kept:.4f}; "
        f"sigmas chosen {np.percentile(chosen, [10, 50, 90])}"
    )
    value, error = behind(both, now, top)
    assert value < 2 * error + 1e-4


@needs(HUMAN)
@needs(PROS)
def test_each_set_against_its_best_pool(sets):
    """Where a larger sigma starts to hurt the set that wants to be sharpened; and what pulling in outliers would give."""
    lines = []
    for sigma in (0.3, 0.4, 0.5, 0.6, 0.7, 0.85):
        for reach in (np.inf, 1.5):
            cells = [sigma, CORRELATION, "-" if np.isinf(reach) else f"{reach} sigma sqrt(1 - corr.)"]
            for questions in sets.values():
                y, who = outcomes(questions), clusters(questions)
                n = np.array([len(question.forecasts) for question in questions])
                out = reach * sigma * np.sqrt(1 - CORRELATION)
                middle = np.array([exact.centre(question.forecasts, out) for question in questions])
                p = exact.posterior(middle, exact.tau(n, sigma, CORRELATION), base_rates(questions), WIDE)
                pools = [log_score(pooled(questions, pool), y) for pool in POOLS]
                cells += [
                    f"{log_score(p, y).mean():.4f}",
                    mean(log_score(p, y) - min(pools, key=lambda one: one.mean()), who).signed,
                ]
            lines.append(cells)
    names = [f"{name}{what}" for name in sets for what in (": log score", ": less the best pool")]
    table(f"By sigma, prior spread {WIDE}", ["sigma", "correlation", "outliers pulled in to", *names], lines)


@needs(HUMAN)
@needs(PROS)
def test_how_far_forecasters_lie_apart(sets):
    """sigma sqrt(1 - correlation) is how far one forecaster lies from what all of them share."""
    lines = []
    for name, questions in sets.items():
        apart = np.array([logit(question.forecasts).std(ddof=1) for question in questions])
        lines.append([name, len(apart), *(f"{x:.2f}" for x in np.percentile(apart, [25, 50, 75]))])
    table("Spread of the logits within a question", ["", "n", "lower quartile", "median", "upper quartile"], lines)


@needs(MARKET)
def test_sigma_of_a_market():
    questions = markets()
    y, who = outcomes(questions), np.array(clusters(questions))
    value = np.array([question.forecasts[0] for question in questions])
    of = np.array([question.forecasters[0] for question in questions])
    rates = base_rates(questions)
    lines = []
    for sigma in (0.05, 0.15, 0.25, 0.35, 0.45, 0.6):
        p = exact.posterior(logit(value), np.full(len(y), sigma), rates, WIDE)
        worse = log_score(p, y) - log_score(value, y)
        kinds = [np.isin(of, ("polymarket", "manifold")), np.isin(of, ("metaculus", "infer"))]
        lines.append([sigma, *(mean(worse[kind], who[kind]).signed for kind in (*kinds, np.full(len(y), True)))])
    counts = [int(np.isin(of, names).sum()) for names in (("polymarket", "manifold"), ("metaculus", "infer"))]
    table(
        f"Log score of the engine less that of the value, one reading of spread sigma, prior spread {WIDE}",
        ["sigma", f"markets, n = {counts[0]}", f"crowds, n = {counts[1]}", f"all, n = {len(y)}"],
        lines,
    )

"""Base rates of coups against what followed: Brier scores, standard errors clustered by country."""

from __future__ import annotations

import itertools
import json
from datetime import date

import numpy as np
from builders import project, scenario

from engine.belief.hearing import build
from engine.belief.inference import infer
from engine.records.scenario import Prior
from validation.coups import (
    COUPS,
    CUTS,
    HORIZONS,
    anchored,
    cases,
    constant,
    indexed,
    mixed,
    own,
    plug_in,
    probabilities,
    weighted,
)
from validation.scores import brier, mean, table
from validation.shared import needs

GRIDS = {
    "weighted": (weighted, [(10, 15, 20), (0.05, 0.1, 0.2, 0.5), (5, 10), (0.005, 0.01, 0.02, 0.03)]),
    "anchored": (anchored, [(10, 15, 20), (0.1, 0.2, 0.3, 0.5), (5, 10, 20)]),
    "indexed": (indexed, [(5, 10), (0.3, 0.5, 0.7, 1.0), (5, 10)]),
}
CHOSEN = {"weighted": (15, 0.1, 5, 0.02), "anchored": (10, 0.2, 10), "indexed": (10, 0.5, 10)}
"""Round numbers near the bottom of each grid."""


def outcomes(horizon):
    return np.array([case.outcome for case in cases(horizon)])


def countries(horizon):
    return [case.country for case in cases(horizon)]


def years(horizon):
    return np.array([case.year for case in cases(horizon)])


def left_out(kind, plain):
    """Each period scored with the settings that are best on the other periods, both horizons together."""
    make, axes = GRIDS[kind]
    settings = list(itertools.product(*axes))
    scored = {
        horizon: np.array([brier(probabilities(make(*one), horizon), outcomes(horizon)) for one in settings])
        for horizon in HORIZONS
    }
    answers = {horizon: np.empty(len(cases(horizon))) for horizon in HORIZONS}
    for cut in CUTS:
        relative = sum(
            scored[horizon][:, years(horizon) != cut].mean(axis=1) / plain[horizon][years(horizon) != cut].mean()
            for horizon in HORIZONS
        )
        for horizon in HORIZONS:
            here = years(horizon) == cut
            answers[horizon][here] = scored[horizon][relative.argmin()][here]
    return answers


@needs(COUPS)
def test_better_classes_beat_the_country_alone():
    mixture = {horizon: probabilities(own, horizon) for horizon in HORIZONS}
    plain = {horizon: brier(mixture[horizon], outcomes(horizon)) for horizon in HORIZONS}
    given = {
        "world's constant rate": {h: brier(constant(h), outcomes(h)) for h in HORIZONS},
        "country's plug-in rate": {h: brier(plug_in(h), outcomes(h)) for h in HORIZONS},
        "country's Gamma-mixed rate": plain,
    }
    for kind, setting in CHOSEN.items():
        recipe = GRIDS[kind][0](*setting)
        given[f"{kind} {setting}"] = {h: brier(probabilities(recipe, h), outcomes(h)) for h in HORIZONS}
    given["anchored, all years in full (100, 1, 10)"] = {
        h: brier(probabilities(anchored(100, 1.0, 10), h), outcomes(h)) for h in HORIZONS
    }
    for kind in GRIDS:
        given[f"{kind}, each period left out"] = left_out(kind, plain)
    lines = []
    for what, score in given.items():
        cells = [
            (mean(score[h], countries(h)), mean(score[h] - plain[h], countries(h)).signed if score is not plain else "")
            for h in HORIZONS
        ]
        lines.append([what, *(cell for pair in cells for cell in pair)])
    n = {h: (len(cases(h)), outcomes(h).mean(), mixture[h].mean()) for h in HORIZONS}
    table(
        "coup_country_month: "
        + "; ".join(f"{h} years, n = {k}, {y:.3f} happened, Gamma-mixed mean {p:.3f}" for h, (k, y, p) in n.items())
        + f"; {len(set(countries(1)))} countries, cut-offs {CUTS}",
        ["", "1 year", "less Gamma-mixed", "10 years", "less Gamma-mixed"],
        lines,
    )
    by_cut = [
        [
            cut,
            *(
                f"{brier(p, outcomes(h))[years(h) == cut].mean():.4f}"
                for h in HORIZONS
                for p in (mixture[h], *(probabilities(GRIDS[kind][0](*CHOSEN[kind]), h) for kind in GRIDS))
            ),
        ]
        for cut in CUTS
    ]
    names = ["Gamma-mixed", *GRIDS]
    table("Brier by cut-off", ["", *(f"{name}, {h} y" for h in HORIZONS for name in names)], by_cut)
    for horizon in HORIZONS:
        for kind in ("weighted", "anchored"):
            found = given[f"{kind} {CHOSEN[kind]}"][horizon]
            assert found.mean() < plain[horizon].mean()


@needs(COUPS)
def test_the_engine_gives_these_rates():
    """The classes as records, through the reader and the importance engine."""
    some = cases(10)[::25]
    recipe = anchored(*CHOSEN["anchored"])
    told = {
        f"c-{number}": scenario(
            prior={
                "base_rate": [
                    {"events": events, "years": span, "weight": weight}
                    for events, span, weight in recipe(c.country, c.year)
                ]
            },
            opens="2024-01-01",
            deadline="2034-01-01",
        )
        for number, c in enumerate(some)
    }
    found = project(told)
    posterior = infer(build(found, date(2024, 1, 1)), "importance", draws=2000, seed=1)
    for number, case in enumerate(some):
        expected = mixed(recipe(case.country, case.year), found.scenarios[f"c-{number}"].window_years)
        prior = Prior.model_validate_json(json.dumps(told[f"c-{number}"]["prior"]))
        assert abs(found.scenarios[f"c-{number}"].base_rate_probability - expected) < 1e-12
        assert abs(posterior.probability[posterior.network.position(f"c-{number}")] - expected) < 0.005
        assert prior.rate_shape_and_years[0] >= 0.5

"""Questions that several people, or a market, gave a probability: as data, as pools, and as a project of scenarios."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
from builders import article, network, scenario

from engine.belief.inference import infer
from engine.belief.network import Network
from engine.belief.posterior import Posterior
from engine.probability import Array, cloglog, expit, from_hazard, logit
from engine.records.scenario import Z90
from validation.shared import rows

HUMAN = "forecastbench/forecastbench_human.csv"
PROS = "metaculus/metaculus_pros.csv"
MARKET = "forecastbench/forecastbench_market.csv"

PLATFORMS = ("polymarket", "manifold", "metaculus", "infer")

LEAST = 0.001
"""Nobody is taken to be surer than this: a record takes no 0 or 1. The pools see the same clipped numbers."""
WIDE = 2.0
"""Spread of log hazard of a wide prior: at a base rate of 0.3 its central 90 % interval is [0.008, 0.995]."""
DAY = date(2024, 7, 21)
"""Every question is asked and forecast as of one day: what counts is how much later its deadline is."""


@dataclass(frozen=True)
class Question:
    """A question on one horizon, how it came out, and what each forecaster said last."""

    id: str
    """Shared by the horizons of one question: they are one cluster."""
    outcome: float
    forecasts: Array
    forecasters: tuple[str, ...]
    days: int
    """From the forecasts to the deadline."""


def superforecasters() -> list[Question]:
    """ForecastBench's human round: 521 question-dates in all, some of them here."""
    return _grouped(
        rows(HUMAN),
        key=lambda row: (row["question_id"], row["resolution_date"]),
        days=lambda row: int(row["horizon_days"]),
    )


def professionals() -> list[Question]:
    """Metaculus' paid forecasters, each with the last probability before the question closed."""
    return _grouped(
        [row for row in rows(PROS) if row["is_last"] == "1"],
        key=lambda row: (row["question_id"], ""),
        days=lambda row: _days_between(row["scheduled_close_time"], row["scheduled_resolve_time"]),
    )


def markets() -> list[Question]:
    """Markets and crowds ten days before the questions were put, each question once."""
    first = [row for row in rows(MARKET) if row["first_appearance"] == "1"]
    return [
        Question(
            row["question_id"],
            float(row["outcome"]),
            np.clip([float(row["freeze_value"])], LEAST / 10, 1 - LEAST / 10),
            (row["source"],),
            max(1, int(row["days_due_to_resolution"])),
        )
        for row in first
    ]


def superforecasters_beside_a_market() -> list[Question]:
    """The same, where a market or crowd had put a value on the question ten days earlier: it comes first."""
    priced = {
        row["question_id"]: float(row["freeze_value"])
        for row in rows(HUMAN)
        if row["freeze_value"] and row["source"] in PLATFORMS
    }
    return [
        replace(
            question,
            forecasts=np.clip([priced[question.id], *question.forecasts], LEAST, 1 - LEAST),
            forecasters=("market", *question.forecasters),
        )
        for question in superforecasters()
        if question.id in priced
    ]


def _days_between(start: str, end: str) -> int:
    return max(1, (date.fromisoformat(end[:10]) - date.fromisoformat(start[:10])).days) if end else 60


def _grouped(
    found: Sequence[Mapping[str, str]],
    key: Callable[[Mapping[str, str]], tuple[str, str]],
    days: Callable[[Mapping[str, str]], int],
) -> list[Question]:
    together: dict[tuple[str, str], list[Mapping[str, str]]] = {}
    for row in found:
        together.setdefault(key(row), []).append(row)
    return [
        Question(
            name,
            float(said[0]["outcome"]),
            np.clip([float(row["probability"]) for row in said], LEAST, 1 - LEAST),
            tuple(row["forecaster_id"] for row in said),
            days(said[0]),
        )
        for (name, _), said in together.items()
    ]


def outcomes(questions: Sequence[Question]) -> Array:
    return np.array([question.outcome for question in questions])


def clusters(questions: Sequence[Question]) -> list[str]:
    return [question.id for question in questions]


def base_rates(questions: Sequence[Question]) -> Array:
    """For each question how often the others of its set came true, its own other horizons left out too."""
    y, names = outcomes(questions), np.array(clusters(questions))
    others = names[:, None] != names[None, :]
    return np.asarray((others @ y) / others.sum(axis=1))


POOLS: dict[str, Callable[[Array], float]] = {
    "mean": lambda p: float(p.mean()),
    "median": lambda p: float(np.median(p)),
    "geometric mean of odds": lambda p: float(expit(logit(p).mean())),
}


def pooled(questions: Sequence[Question], pool: str) -> Array:
    return np.array([POOLS[pool](question.forecasts) for question in questions])


def interval_about(probability: float, spread: float = WIDE) -> tuple[float, float]:
    """The central 90 % interval that gives a prior this spread of log hazard."""
    low, high = from_hazard(cloglog(probability) + np.array([-Z90, Z90]) * spread)
    return float(low), float(high)


def network_of(questions: Sequence[Question], kind: str, spread: float = WIDE) -> Network:
    """Each question a scenario with its set's base rate as a wide prior, each forecast a witness.

    A forecaster called `market` is one whatever the others' kind. `detection: uncertain`: most of these are states on a day, of which no silence before tells anything.
    """
    names = {name: f"f-{number}" for number, name in enumerate({f: 0 for q in questions for f in q.forecasters})}
    opens = DAY - timedelta(days=1)
    scenarios, articles = {}, []
    for number, (question, rate) in enumerate(zip(questions, base_rates(questions), strict=True)):
        scenarios[f"q-{number:04}"] = scenario(
            prior={"probability": float(rate), "interval": interval_about(rate, spread)},
            opens=str(opens),
            deadline=str(DAY + timedelta(days=question.days)),
            detection="uncertain",
        )
        said = [
            {
                "scenario": f"q-{number:04}",
                "source": names[who],
                "kind": "market" if who == "market" else kind,
                "probability": float(p),
            }
            for who, p in zip(question.forecasters, question.forecasts, strict=True)
        ]
        articles.append(article(publisher="f-0", published=str(DAY), forecasts=said))
    return network(scenarios, articles, as_of=DAY, grades=dict.fromkeys(names.values(), "F"))


def engine_answer(net: Network, draws: int = 2000) -> tuple[Array, Posterior]:
    """The engine's probabilities, in the order of the questions."""
    posterior = infer(net, "importance", draws=draws, seed=1)
    return posterior.probability[np.argsort(net.ids)], posterior

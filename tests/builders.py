"""Small projects in a line or two. Records are given as dicts; JSON is YAML, so they go through the real reader."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import numpy as np

from engine.belief.assumptions import Assumptions
from engine.belief.hearing import build
from engine.belief.network import Network
from engine.belief.parameters import Parameters
from engine.records.assembly import Assembled, Files, assemble
from engine.records.project import Project

OPENS, DEADLINE = "2024-01-01", "2026-01-01"
DAY = date(2024, 1, 1)
"""The day the windows open, so that no time has passed."""

GRADES = {"ann": "A", "bob": "B", "cat": "C", "dan": "D", "eve": "E", "fay": "F", "paper": "B", "tabloid": "D"}
"""Sources of every grade; a witness at its own publisher is no relay."""

type Record = dict[str, Any]


def scenario(probability: float | None = 0.3, **fields: Any) -> Record:
    """A scenario with a two-year window and no indicators, unless `fields` say otherwise."""
    prior = fields.pop("prior", {"probability": probability})
    about = {"title": "T", "question": "Q?", "opens": OPENS, "deadline": DEADLINE, "prior": prior}
    return about | fields


def indicator(if_true: float = 0.8, if_false: float = 0.2, **fields: Any) -> Record:
    return {"statement": "S.", "if_true": if_true, "if_false": if_false} | fields


def report(path: str, source: str, stance: str = "affirms", credibility: int = 1, **fields: Any) -> Record:
    return {"indicator": path, "source": source, "stance": stance, "credibility": credibility} | fields


def article(*reports: Record, publisher: str | None = None, published: str = OPENS, **fields: Any) -> Record:
    """An article at the publisher of its first report's source, so that nothing is a relay unless asked for."""
    publisher = publisher or (reports[0]["source"] if reports else "paper")
    about = {"title": "T", "publisher": publisher, "published": published, "summary": "S."}
    return about | {"reports": list(reports)} | fields


def files(
    scenarios: Mapping[str, Record], articles: Iterable[Record] = (), grades: Mapping[str, str] = GRADES
) -> Files:
    def encoded(record: Record) -> bytes:
        return json.dumps(record).encode()

    return Files(
        scenarios={f"scenarios/{name}.yaml": encoded(record) for name, record in scenarios.items()},
        articles={f"seeds/article-{number:03}.yaml": encoded(record) for number, record in enumerate(articles)},
        sources={
            "seeds/sources.yaml": encoded(
                {name: {"name": name.title(), "reliability": grade} for name, grade in grades.items()}
            )
        },
    )


def assembled(*args: Any, **kwargs: Any) -> Assembled:
    return assemble(files(*args, **kwargs))


def project(*args: Any, **kwargs: Any) -> Project:
    return assembled(*args, **kwargs).project


def network(
    scenarios: Mapping[str, Record],
    articles: Iterable[Record] = (),
    as_of: date = DAY,
    assumptions: Assumptions | None = None,
    grades: Mapping[str, str] = GRADES,
) -> Network:
    return build(project(scenarios, articles, grades), as_of, assumptions)


def at_centre(net: Network, reliability: float | Mapping[str, float] | None = None) -> Parameters:
    """One theta with every unknown at the centre of its prior: what the model says where nothing is uncertain.

    `reliability` of all sources, or by source; without it each is at its grade's mean.
    """
    said = net.evidence
    mean = said.reliability_a / (said.reliability_a + said.reliability_b)
    if isinstance(reliability, Mapping):
        mean = np.array([reliability[source] for source in said.sources])
    elif reliability is not None:
        mean = np.full(len(said.sources), reliability)
    return Parameters(
        log_hazard=net.baselines.log_hazard(np.zeros((1, len(net.scenarios)))),
        log_hazard_ratio=net.effects.mean[None, :],
        logit_if_true=said.logit_if_true[None, :],
        logit_if_false=said.logit_if_false[None, :],
        reliability=mean[None, :],
    )


def random_theta(net: Network, n: int, seed: int) -> Parameters:
    """n thetas scattered around the prior, wider than it, reliabilities anywhere in (0.02, 0.98)."""
    rng = np.random.default_rng(seed)
    centre = at_centre(net)

    def around(mean: np.ndarray, spread: float) -> np.ndarray:
        return mean + spread * rng.normal(size=(n, mean.shape[1]))

    return Parameters(
        log_hazard=around(centre.log_hazard, 1.0),
        log_hazard_ratio=around(centre.log_hazard_ratio, 0.7),
        logit_if_true=around(centre.logit_if_true, 0.8),
        logit_if_false=around(centre.logit_if_false, 0.8),
        reliability=rng.uniform(0.02, 0.98, (n, centre.reliability.shape[1])),
    )

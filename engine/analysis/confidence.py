"""How far a probability is to be trusted, apart from how high it is, as ICD 203 asks.

Confidence has three sides (Friedman & Zeckhauser 2018): how good the evidence is, how far apart reasonable
opinions still lie, and how firmly the answer stands on what was found rather than on what was assumed.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Literal

import numpy as np

from engine.analysis.forecast import Forecast
from engine.probability import Array

type Level = Literal["low", "moderate", "high"]

_BINS = 20
_ENOUGH, _TOO_FEW = 3.0, 2.0
"""Effective sources."""
_LEARNT, _ASSUMED = 0.35, 0.70
"""Share of the prior; below the first the data identify the answer (Garrett & Zeger 2000)."""
_NARROW, _WIDE = 0.30, 0.60
"""Width of the central 90 % interval."""
RULE = (
    f"It is high where {_ENOUGH:g} sources' worth of evidence or more, at most {100 * _LEARNT:.0f} % of the prior left "
    f"and an interval at most {100 * _NARROW:.0f} points wide come together; low where there are fewer than {_TOO_FEW:g} "
    f"sources' worth, more than {100 * _ASSUMED:.0f} % of the prior left, an interval wider than {100 * _WIDE:.0f} points, "
    "or checks that failed; moderate otherwise."
)
"""How the level is chosen, for readers."""


@dataclass(frozen=True)
class Confidence:
    """What stands behind the probability of one scenario."""

    n_sources: int
    """Sources that speak of it, each counted once however often it is printed or relayed."""
    effective_sources: float
    """How many sources of equal pull would be spread as theirs is: (sum |pull|)^2 / sum |pull|^2 over sources.

    1 where one source moves everything; 0 where nobody moves anything.
    """
    prior_share: float
    """Overlap of prior and posterior, 0 to 1: how much of the belief is where it was before anything was heard."""
    width: float
    """Of the central 90 % interval, in probability."""
    trusted: bool
    """Whether the draws behind it are sound."""

    @property
    def level(self) -> Level:
        """High where all three sides are strong, low where one is weak or the draws are not sound, else moderate."""
        if self.weaknesses:
            return "low"
        enough, learnt = self.effective_sources >= _ENOUGH, self.prior_share <= _LEARNT
        return "high" if enough and learnt and self.width <= _NARROW else "moderate"

    @property
    def weaknesses(self) -> tuple[str, ...]:
        """What alone would make confidence low, in words."""
        found = {
            "the sampler's checks failed": not self.trusted,
            "few independent sources": self.effective_sources < _TOO_FEW,
            "mostly the prior": self.prior_share > _ASSUMED,
            "a wide interval": self.width > _WIDE,
        }
        return tuple(name for name, weak in found.items() if weak)

    @property
    def statement(self) -> str:
        """The sentences to print beside, and never inside, the one that gives the probability."""
        why = f" ({', '.join(self.weaknesses)})" if self.weaknesses else ""
        return f"Confidence is {self.level}{why}. {self._witnesses()} {self._prior()} {self._interval()}"

    def _witnesses(self) -> str:
        if not self.n_sources:
            return "No source speaks of it."
        if self.n_sources == 1:
            return "One source alone speaks of it."
        return f"{self.n_sources} sources speak of it; unequal as their pulls are, they count for {self.effective_sources:.1f}."

    def _prior(self) -> str:
        return f"{100 * self.prior_share:.0f} % of the belief still lies where the prior had it."

    def _interval(self) -> str:
        return f"The central 90 % interval is {100 * self.width:.0f} percentage points wide."


def confidence(forecast: Forecast, scenario: str) -> Confidence | None:
    """What stands behind the probability of a scenario; None once it is resolved: then it is known, not believed."""
    posterior = forecast.posterior
    position = posterior.network.position(scenario)
    if position in posterior.network.known:
        return None
    pulls = _pull_of_sources(forecast, scenario)
    low, high = posterior.interval[:, position]
    return Confidence(
        n_sources=len(pulls),
        effective_sources=effective_number(pulls),
        prior_share=overlap(forecast.prior.belief.scenarios[:, position], posterior.belief.scenarios[:, position]),
        width=float(high - low),
        trusted=posterior.diagnostics.sound,
    )


def _pull_of_sources(forecast: Forecast, scenario: str) -> Array:
    """Decibans by source, the sizes of its pulls added up; of its words and of its numbers."""
    found: dict[str, float] = defaultdict(float)
    for pull in forecast.pulls:
        if pull.scenario == scenario:
            found[pull.witness.grade_source] += abs(pull.decibans)
    for read in forecast.quantities:
        if read.scenario == scenario:
            for number in read.numbers:
                found[number.number.source] += abs(number.decibans)
    return np.array(list(found.values()))


def effective_number(sizes: Array) -> float:
    """How many equal sizes are as concentrated as these: the inverse of Simpson's index (Hill 1973)."""
    total = float(sizes.sum())
    return total**2 / float((sizes**2).sum()) if total > 0 else 0.0


def overlap(one: Array, other: Array) -> float:
    """Area that two samples' distributions share, 0 to 1, on twentieths of the first (Garrett & Zeger 2000)."""
    edges = np.quantile(one, np.linspace(0, 1, _BINS + 1)[1:-1])
    shares = [np.bincount(np.searchsorted(edges, x), minlength=_BINS) / len(x) for x in (one, other)]
    return float(np.minimum(*shares).sum())

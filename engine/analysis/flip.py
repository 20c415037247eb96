"""What would change the answer: the smallest single change that moves a belief into another band.

Small is measured in decibans, so that unlike changes can be ranked. A prior counts the decibans its stated odds
move. A likelihood ratio counts the decibans of the odds ratio (t / (1 - t)) / (f / (1 - f)), which weighs
affirming and denying alike (Glas et al. 2003). A step of an Admiralty letter or digit counts `STEP_DB`; so does one voice
taken for an echo, and every doubling of voices where one is taken for several or several for one. More than
`WITHIN_REASON` decibans is no small change but another opinion.

Every change is weighed on the run's own draws: what it does to the likelihood of each state, or of the unknowns,
weighs the states and the draws anew. An unknown whose prior moves is moved along with it, from quantile to quantile.
Other people's forecasts are compared anew with what would have been believed on their day; those of a quantity only where
the prior moves.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from engine.analysis.flips.change import WITHIN_REASON, Flip, Kind
from engine.analysis.flips.credibility import credibilities
from engine.analysis.flips.echo import echoes
from engine.analysis.flips.letter import letters
from engine.analysis.flips.likelihood import likelihoods
from engine.analysis.flips.prior import priors
from engine.analysis.flips.scale import Scale
from engine.analysis.forecast import Forecast
from engine.analysis.words import band
from engine.errors import ForecastError


@dataclass(frozen=True)
class Flips:
    """What would move one belief over an edge."""

    scenario: str
    now: float
    threshold: float | None
    """The edge asked for; None for either edge of the belief's ICD 203 band."""
    found: tuple[Flip, ...]
    """The smallest change of every input that has one within reason, the smallest first."""
    reach: tuple[float, float]
    """Lowest and highest belief that any single change within reason leads to."""
    unweighed: int = 0
    """Changes within reason that the run's draws cannot tell of: other people's forecasts hold too few of them."""

    @property
    def smallest(self) -> Flip | None:
        """None: none within reason."""
        return self.found[0] if self.found else None

    def crosses(self, probability: float) -> bool:
        """Whether a belief lies on the other side; of one that cannot be told, no."""
        if math.isnan(probability):
            return False
        if self.threshold is None:
            return band(probability) != band(self.now)
        return (probability >= self.threshold) != (self.now >= self.threshold)


def flip(forecast: Forecast, scenario: str, threshold: float | None = None) -> Flips:
    """The smallest single changes that move the belief in a scenario over `threshold`, or out of its band.

    Nothing flips what is resolved.
    """
    if threshold is not None and not 0 < threshold < 1:
        raise ForecastError(f"--threshold: must be a probability between 0 and 1, got {threshold:g}.")
    network = forecast.posterior.network
    position = network.position(scenario)
    now = float(forecast.posterior.probability[position])
    answer = Flips(scenario, now, threshold, (), (now, now))
    if position in network.known or not 0 < now < 1:
        return answer
    scale = Scale.of(forecast, position)
    tried = [
        change
        for changes in (priors, credibilities, letters, likelihoods, echoes)
        for change in changes(scale, answer.crosses)
        if change.size <= WITHIN_REASON + 1e-9
    ]
    smallest: dict[tuple[Kind, str], Flip] = {}
    for change in sorted((one for one in tried if answer.crosses(one.probability)), key=_rank):
        smallest.setdefault((change.kind, change.what), change)
    known = [change.probability for change in tried if not math.isnan(change.probability)]
    led_to = [now, *known]
    return replace(
        answer,
        found=tuple(smallest.values()),
        reach=(min(led_to), max(led_to)),
        unweighed=len(tried) - len(known),
    )


def _rank(change: Flip) -> tuple[float, str, str]:
    return change.size, change.kind, change.what

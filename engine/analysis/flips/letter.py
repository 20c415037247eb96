"""The Admiralty letter of one source: whatever it says anywhere, and whatever it passes on."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import numpy as np
from scipy.special import betainc, betaincinv

from engine.analysis.flips.change import STEP_DB, WITHIN_REASON, Crosses, Flip
from engine.analysis.flips.scale import Scale
from engine.belief.evidence import Evidence
from engine.belief.hearing import reheard
from engine.belief.likelihood import believed_on_the_day, hear
from engine.belief.measurements import Levels, Measurements, measurements, numbers, read_numbers
from engine.belief.network import Network
from engine.belief.parameters import Parameters
from engine.belief.witnesses import ADMISSION, BETA_OF_GRADE
from engine.probability import Array

_PLACE_OF_LETTER = {"A": 0.0, "B": 1.0, "C": 2.0, "F": 2.5, "D": 3.0, "E": 4.0}
"""F, not known, stands between C and D."""


def letters(scale: Scale, crosses: Crosses) -> Iterator[Flip]:
    """Every source that is heard, or relays, among the scenarios joined to this one, at every other known letter."""
    project = scale.forecast.project
    for source in sorted(_heard(scale)):
        letter = project.sources[source].reliability
        for side in (-1, 1):
            yield from _by_steps(crosses, _letters_on(scale, source, letter, side))


def _letters_on(scale: Scale, source: str, letter: str, side: int) -> list[Callable[[], Flip]]:
    """The better letters within reason, or the worse, each weighed when it is called; the furthest last."""
    place = _PLACE_OF_LETTER[letter]
    steps = {other: math.ceil(side * (_PLACE_OF_LETTER[other] - place)) for other in "ABCDE"}

    def weighed(other: str) -> Flip:
        return Flip("letter", source, letter, other, steps[other] * STEP_DB, _with_letter(scale, source, other))

    near = sorted((other for other in steps if 0 < steps[other] * STEP_DB <= WITHIN_REASON), key=lambda one: steps[one])
    return [partial(weighed, other) for other in near]


def _by_steps(crosses: Crosses, changes: list[Callable[[], Flip]]) -> Iterator[Flip]:
    """The furthest change, and if it crosses or cannot be weighed, the others from the nearest on until one crosses."""
    if not changes:
        return
    *nearer, furthest = changes
    yield (last := furthest())
    for change in nearer if math.isnan(last.probability) or crosses(last.probability) else ():
        yield (found := change())
        if crosses(found.probability):
            return


def _heard(scale: Scale) -> set[str]:
    """Sources and publishers of what is said of the scenario, and of those joined to it by drivers."""
    network, project = scale.network, scale.forecast.project
    joined = {network.ids[member] for member in network.groups[int(network.group_of[scale.position])].members}
    spoken = [one for one in network.evidence.witnesses if one.indicator.partition("/")[0] in joined]
    counted = [one for one in network.measurements.numbers if one.scenario in joined]
    sources = {one.source for one in spoken} | {one.source for one in counted}
    articles = {
        name for names in ([one.articles for one in spoken] + [one.articles for one in counted]) for name in names
    }
    publishers = {project.articles[name].publisher for name in articles}
    return {one for one in sources if not one.endswith(ADMISSION)} | publishers


def _with_letter(scale: Scale, source: str, letter: str) -> float:
    """The belief had the source another letter: its reliability moved to the same quantile, its relays weighed anew."""
    network, theta = scale.network, scale.theta
    other = _regraded(scale, source, letter)
    reliability = theta.reliability.copy()
    for column in (number for number, voice in enumerate(network.evidence.sources) if voice == source):
        old = network.evidence.reliability_a[column], network.evidence.reliability_b[column]
        level = np.clip(betainc(*old, reliability[:, column]), 1e-12, 1 - 1e-12)
        reliability[:, column] = betaincinv(*BETA_OF_GRADE[letter], level)
    moved = replace(theta, reliability=reliability)
    return scale.after_all(
        _changed(network.evidence, other.evidence, theta, moved, source),
        _recounted(scale, source, other.measurements, reliability) + _reread(scale, other, source, moved),
    )


def _regraded(scale: Scale, source: str, letter: str) -> Network:
    """What is said and counted, had the source another letter: as it is, unless the source passes others on."""
    network, project = scale.network, scale.forecast.project
    if not any(article.publisher == source for article in project.articles.values()):
        return network
    graded = project.sources[source].model_copy(update={"reliability": letter})
    other = replace(project, sources={**project.sources, source: graded})
    counted = numbers(other, network.as_of, network.ids)
    found = measurements(network.scenarios, counted, network.evidence.sources, network.as_of)
    return replace(reheard(network, other), measurements=found)


def _reread(scale: Scale, other: Network, source: str, moved: Parameters) -> Array:
    """(n,) log likelihood other people's forecasts gain: who had read the source would have believed otherwise."""
    pairs = zip(scale.network.earlier, other.earlier, strict=True)
    if not any(_heard_otherwise(then.evidence, now.evidence, source) for then, now in pairs):
        return np.zeros(len(moved))
    return scale.absorption.against(believed_on_the_day(other, moved))


def _heard_otherwise(old: Evidence, new: Evidence, source: str) -> bool:
    """Whether a day on which somebody forecast had heard the source, or what it passes on."""
    return any(one.source == source for one in old.witnesses) or bool((old.weight != new.weight).any())


def _changed(old: Evidence, new: Evidence, theta: Parameters, moved: Parameters, source: str) -> dict[int, Array]:
    """For each scenario the source speaks of or relays about, the log likelihood (2, n) its two outcomes gain."""
    spoken = np.array([witness.source == source for witness in old.witnesses], dtype=bool)
    gained: dict[int, Array] = {}
    for indicator in np.unique(old.indicator_of[spoken | (old.weight != new.weight)]).tolist():
        before, after = (
            hear(old.about(indicator), theta.about(indicator)),
            hear(new.about(indicator), moved.about(indicator)),
        )
        gain = np.stack([(after.if_not - before.if_not)[:, 0], (after.if_happens - before.if_happens)[:, 0]])
        scenario = int(old.scenario_of_indicator[indicator])
        gained[scenario] = gained.get(scenario, 0.0) + gain
    return gained


def _recounted(scale: Scale, source: str, found: Measurements, reliability: Array) -> Array:
    """(n,) log likelihood the numbers gain, had the source another letter."""
    old, theta = scale.network.measurements, scale.theta
    if not any(number.source == source for number in old.numbers) and (old.weight == found.weight).all():
        return np.zeros(len(theta))
    levels = Levels(theta.log_peak, theta.headroom, theta.slip)
    before, after = read_numbers(old, levels, theta.reliability), read_numbers(found, levels, reliability)
    return np.asarray((after.value - before.value).sum(axis=1))

"""What would change the answer: the smallest single change that moves a belief into another band.

Small is measured in decibans, so that unlike changes can be ranked. A prior counts the decibans its stated odds
move. A likelihood ratio counts the decibans of the odds ratio (t / (1 - t)) / (f / (1 - f)), which weighs
affirming and denying alike (Glas et al. 2003). A step of an Admiralty letter or digit counts `STEP_DB`.
More than `WITHIN_REASON` decibans is no small change but another opinion.

Every change is weighed on the run's own draws: what it does to the likelihood of each state, or of the unknowns,
weighs the states and the draws anew. An unknown whose prior moves is moved along with it, from quantile to quantile.
Other people's forecasts are compared anew only where the prior moves; else they keep what they have taught.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Literal

import numpy as np
from scipy.special import betainc, betaincinv

from engine.analysis.forecast import Forecast
from engine.analysis.words import band
from engine.belief.blocks import Blocks, blocks_of
from engine.belief.evidence import Evidence, evidence
from engine.belief.likelihood import believed_on_the_day, hear, state_probabilities
from engine.belief.measurements import Levels, Measurements, measurements, numbers, read_numbers
from engine.belief.network import Network
from engine.belief.parameters import Parameters
from engine.belief.states import IntArray
from engine.belief.third_party import value_and_gradient
from engine.belief.witnesses import ADMISSION, BETA_OF_GRADE, WEIGHT_OF_CREDIBILITY, Witness, relay_weight, witnesses
from engine.errors import ForecastError
from engine.probability import Array, decibans, expit, log1mexp, logit, odds
from engine.records.project import Project

type Kind = Literal["prior", "credibility", "letter", "likelihood"]

STEP_DB = 3.0
"""Decibans one step of a letter or digit counts as: a doubling of odds."""
WITHIN_REASON = 10.0
"""Decibans: a factor of ten in odds, or three steps."""
_PLACE_OF_LETTER = {"A": 0.0, "B": 1.0, "C": 2.0, "F": 2.5, "D": 3.0, "E": 4.0}
"""F, not known, stands between C and D."""
_PLACE_OF_DIGIT = {1: 1, 2: 2, 3: 3, 6: 3, 4: 4, 5: 5}
"""6, cannot be judged, weighs what 3 does."""
_DRAWS = 1000
_WIDEST = 4.0
"""Of the log hazard or log median: the search for a prior ends here."""


@dataclass(frozen=True)
class Flip:
    """One change to one input, and the belief it leads to."""

    kind: Kind
    what: str
    """The scenario, `indicator, source`, source, or indicator whose input changes."""
    was: str
    becomes: str
    size: float
    """Decibans; see the module."""
    probability: float
    """The belief it leads to."""


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

    @property
    def smallest(self) -> Flip | None:
        """None: none within reason."""
        return self.found[0] if self.found else None

    def crosses(self, probability: float) -> bool:
        """Whether a belief lies on the other side."""
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
    scale = _Scale.of(forecast, position)
    tried = [
        change
        for changes in (_priors, _credibilities, _letters, _likelihoods)
        for change in changes(scale, answer.crosses)
        if change.size <= WITHIN_REASON + 1e-9
    ]
    smallest: dict[tuple[Kind, str], Flip] = {}
    for change in sorted((one for one in tried if answer.crosses(one.probability)), key=_rank):
        smallest.setdefault((change.kind, change.what), change)
    led_to = [now, *(change.probability for change in tried)]
    return replace(answer, found=tuple(smallest.values()), reach=(min(led_to), max(led_to)))


def _rank(change: Flip) -> tuple[float, str, str]:
    return change.size, change.kind, change.what


@dataclass(frozen=True)
class _Scale:
    """A run's draws, thinned, on which changes are weighed against one scenario."""

    forecast: Forecast
    network: Network
    position: int
    theta: Parameters
    entries: Array
    """(n, T)"""
    now: float

    @staticmethod
    def of(forecast: Forecast, position: int) -> _Scale:
        posterior = forecast.posterior
        rows = np.unique(np.linspace(0, posterior.n - 1, min(posterior.n, _DRAWS)).astype(np.int64))
        theta, entries = posterior.theta.take(rows), posterior.belief.entries[rows]
        return _Scale(forecast, posterior.network, position, theta, entries, float(posterior.probability[position]))

    @cached_property
    def own(self) -> IntArray:
        """The table entries about the scenario."""
        return np.flatnonzero(self.network.entries.scenario == self.position)

    @cached_property
    def happens(self) -> Array:
        """(own entries,) whether the scenario happens."""
        return self.network.entries.happens[self.own].astype(float)

    @cached_property
    def base(self) -> float:
        """The belief of the thinned draws."""
        return float((self.entries[:, self.own] @ self.happens).mean())

    def told(self, probability: float) -> float:
        """A belief of the thinned draws, as one of the run: moved as far in log odds."""
        return float(expit(logit(self.now) + logit(probability) - logit(self.base)))

    def after_own(self, gained: Array, log_weight: Array | float = 0.0) -> float:
        """The belief once the entries about the scenario have gained log likelihood (n, own entries)."""
        weight = self.entries[:, self.own] * np.exp(gained + np.reshape(log_weight, (-1, 1)))
        return self.told(float((weight @ self.happens).sum() / weight.sum()))

    def after_all(self, gained: Mapping[int, Array], log_weight: Array) -> float:
        """The belief once outcomes of some scenarios have gained log likelihood (2, n), and the draws (n,).

        Only what shares an unknown with the scenario weighs the draws.
        """
        network, blocks = self.network, self.blocks
        mine = int(network.group_of[self.position])
        weight, p = np.exp(log_weight), np.zeros(len(self.theta))
        for number in np.flatnonzero(blocks.of_group == blocks.of_group[mine]):
            group = network.groups[number]
            members = group.members.tolist()
            moved = [place for place in members if place in gained]
            if not moved and number != mine:
                continue
            shown = [*moved, self.position] if number == mine else moved
            kinds, kind_of = np.unique(
                group.states[:, [members.index(place) for place in shown]], axis=0, return_inverse=True
            )
            joint = self.states[number] @ np.eye(len(kinds))[kind_of.reshape(-1)]
            for column, place in enumerate(moved):
                joint *= np.exp(gained[place])[kinds[:, column].astype(np.int64)].T
            total = joint.sum(axis=1)
            weight = weight * total
            if number == mine:
                p = joint @ kinds[:, -1] / total
        return self.told(float(weight @ p / weight.sum()))

    @cached_property
    def blocks(self) -> Blocks:
        return blocks_of(self.network)

    @cached_property
    def states(self) -> list[Array]:
        """For each group (n, states)."""
        return state_probabilities(self.network, self.theta)


type Crosses = Callable[[float], bool]
type Curve = Callable[[float], float]


def _worth_trying(value: Curve, crosses: Crosses, end: float) -> Iterator[float]:
    """The furthest argument on one side of 0, and the nearest at which the value crosses, if it does by then."""
    yield end
    if crosses(value(end)):
        yield _edge(value, crosses, end)


def _edge(value: Curve, crosses: Crosses, beyond: float) -> float:
    """The argument, between 0 and one beyond it, at which the value begins to cross: by halving."""
    near, far = 0.0, beyond
    while abs(far - near) > 1e-3 * abs(beyond):
        middle = (near + far) / 2
        near, far = (near, middle) if crosses(value(middle)) else (middle, far)
    return far


# --- the prior ---


def _priors(scale: _Scale, crosses: Crosses) -> Iterator[Flip]:
    """The stated prior moved up or down.

    Hazard ratios of its drivers, and baselines of the scenarios it drives, are kept as they were solved: a driver stated
    as a probability would, on running again, get another hazard ratio, and lead a little elsewhere.
    """
    network, name = scale.network, scale.network.ids[scale.position]
    quantity = network.scenarios[scale.position].prior.quantity
    belief, stated = _of_quantity(scale) if quantity else _of_hazard(scale)
    was = stated(0.0)
    ends = [
        _edge(lambda x: abs(_db(was, stated(x))), lambda db: db > WITHIN_REASON - 0.05, end)
        for end in (_WIDEST, -_WIDEST)
    ]
    for moved in sorted({one for end in ends for one in _worth_trying(belief, crosses, end)}):
        now = stated(moved)
        stating = (f"{was:.3g}", f"{now:.3g}")
        if quantity:
            stating = (_median(quantity.median), _median(quantity.median * math.exp(moved)))
        yield Flip("prior", name, *stating, abs(_db(was, now)), belief(moved))


def _median(value: float) -> str:
    return f"median {float(f'{value:.4g}'):,.10g}"


def _db(before: float, after: float) -> float:
    return float(decibans(odds(before), odds(after)))


def _of_hazard(scale: _Scale) -> tuple[Curve, Curve]:
    """Belief and stated prior, once the log hazard is moved."""
    network, own, prior = scale.network, scale.own, scale.forecast.prior
    scenario = network.scenarios[scale.position]
    before = prior.network
    first = np.flatnonzero(before.entries.scenario == scale.position)
    happens = before.entries.happens[first].astype(float)
    thinned = slice(None, None, max(1, prior.n // _DRAWS))
    prior_theta, prior_entries = prior.theta.take(thinned), prior.belief.entries[thinned, first]

    def belief(moved: float) -> float:
        gained = _own_weight(network, scale.theta, own, moved) - _own_weight(network, scale.theta, own, 0.0)
        return scale.after_own(gained, _opinions(scale, moved) - _opinions(scale, 0.0))

    def marginal(moved: float) -> float:
        gained = _own_weight(before, prior_theta, first, moved) - _own_weight(before, prior_theta, first, 0.0)
        return float((prior_entries * np.exp(gained) @ happens).mean())

    base, said = marginal(0.0), scenario.prior_probability
    assert said is not None  # noqa: S101  (every prior states a probability, one way or another)
    return belief, lambda moved: float(expit(logit(said) + logit(marginal(moved)) - logit(base)))


def _own_weight(network: Network, theta: Parameters, entries: IntArray, moved: float) -> Array:
    """(n, entries) log P(outcome, nothing seen so far | drivers), the log hazard moved by so much."""
    table, w = network.entries, network.entry_elapsed[entries]
    log_hazard = theta.log_hazard[:, table.scenario[entries]] + theta.log_hazard_ratio @ table.drivers[entries].T
    H = np.clip(np.exp(log_hazard + moved), 1e-290, 700.0)
    return np.where(table.happens[entries], log1mexp(H * (1 - w)) - H * w, -H)


def _opinions(scale: _Scale, moved: float) -> Array:
    """(n,) log likelihood of other people's forecasts, the scenario's log hazard moved by so much."""
    if not scale.network.readings.opinions:
        return np.zeros(len(scale.theta))
    log_hazard = scale.theta.log_hazard.copy()
    log_hazard[:, scale.position] += moved
    believed = believed_on_the_day(scale.network, replace(scale.theta, log_hazard=log_hazard))
    return np.asarray(value_and_gradient(scale.network.readings, believed)[0].sum(axis=1))


def _of_quantity(scale: _Scale) -> tuple[Curve, Curve]:
    """Belief and prior probability, once the log median of the peak is moved; numbers pin the peak, so it stays put."""
    base, place = scale.network.baselines, scale.position
    quantity = scale.network.scenarios[place].prior.quantity
    assert quantity is not None  # noqa: S101  (asked only of quantities)
    column = scale.network.measurements.quantities.tolist().index(place)
    sd = base.log_peak_sd[place]
    z = (scale.theta.log_peak[:, column] - base.log_peak[place]) / sd
    nothing = np.zeros((1, len(scale.own)))

    def belief(moved: float) -> float:
        return scale.after_own(nothing, moved / sd * z - (moved / sd) ** 2 / 2)

    def stated(moved: float) -> float:
        return quantity.model_copy(update={"median": quantity.median * math.exp(moved)}).probability

    return belief, stated


# --- one witness, one indicator: only what is said of the scenario itself changes ---


def _gained(scale: _Scale, indicator: int, said: Evidence, theta: Parameters) -> Array:
    """(n, own entries) log likelihood gained once the witnesses of one indicator are heard otherwise."""
    old = hear(scale.network.evidence.about(indicator), scale.theta.about(indicator))
    new = hear(said.about(indicator), theta.about(indicator))
    return np.where(scale.happens > 0, new.if_happens - old.if_happens, new.if_not - old.if_not)


def _credibilities(scale: _Scale, _: Crosses) -> Iterator[Flip]:
    """Every witness of the scenario at every other digit, given to all the reports it stands by."""
    said, project = scale.network.evidence, scale.forecast.project
    for number, witness in enumerate(said.witnesses):
        indicator = int(said.indicator_of[number])
        if said.scenario_of_indicator[indicator] != scale.position:
            continue
        digit, passed_on = _digit(project, witness)
        for other in (1, 2, 3, 4, 5):
            steps = abs(_PLACE_OF_DIGIT[other] - _PLACE_OF_DIGIT[digit])
            if steps:
                weight = said.weight.copy()
                weight[number] = WEIGHT_OF_CREDIBILITY[other] * passed_on
                gained = _gained(scale, indicator, replace(said, weight=weight), scale.theta)
                what = f"{witness.indicator}, {witness.source}"
                yield Flip("credibility", what, str(digit), str(other), steps * STEP_DB, scale.after_own(gained))


def _digit(project: Project, witness: Witness) -> tuple[int, float]:
    """The digit of the report that counts, and how much of a report the best of its publishers passes on."""
    stood_by = [
        (article, report)
        for name in witness.articles
        for article in (project.articles[name],)
        for report in article.reports
        if (report.indicator, report.source, report.stance) == (witness.indicator, witness.grade_source, witness.stance)
    ]
    weighed = [
        (relay_weight(project, article, report.source, report.credibility), report) for article, report in stood_by
    ]
    best = max(weighed, key=lambda pair: pair[0])[1].credibility
    return best, max(relay_weight(project, article, report.source, 1) for article, report in stood_by)


def _likelihoods(scale: _Scale, crosses: Crosses) -> Iterator[Flip]:
    """Every indicator that is spoken of made more or less telling, both its probabilities moved alike in logits."""
    said = scale.network.evidence
    for indicator in np.unique(said.indicator_of).tolist():
        if said.scenario_of_indicator[indicator] != scale.position:
            continue
        pair = said.logit_if_true[indicator], said.logit_if_false[indicator]

        def belief(moved_db: float, indicator: int = indicator) -> float:
            shift = np.where(np.arange(len(said.indicators)) == indicator, moved_db * math.log(10) / 20, 0.0)
            theta = replace(
                scale.theta,
                logit_if_true=scale.theta.logit_if_true + shift,
                logit_if_false=scale.theta.logit_if_false - shift,
            )
            return scale.after_own(_gained(scale, indicator, said, theta))

        for moved in (one for end in (WITHIN_REASON, -WITHIN_REASON) for one in _worth_trying(belief, crosses, end)):
            shift = moved * math.log(10) / 20
            becomes = _pair(pair[0] + shift, pair[1] - shift)
            yield Flip("likelihood", said.indicators[indicator], _pair(*pair), becomes, abs(moved), belief(moved))


def _pair(logit_if_true: float, logit_if_false: float) -> str:
    return f"{expit(logit_if_true):.2f} / {expit(logit_if_false):.2f}"


# --- one source: whatever it says anywhere, and whatever it passes on ---


def _letters(scale: _Scale, crosses: Crosses) -> Iterator[Flip]:
    """Every source that is heard, or relays, among the scenarios joined to this one, at every other known letter."""
    project = scale.forecast.project
    for source in sorted(_heard(scale)):
        letter = project.sources[source].reliability
        for side in (-1, 1):
            yield from _by_steps(crosses, _letters_on(scale, source, letter, side))


def _letters_on(scale: _Scale, source: str, letter: str, side: int) -> list[Callable[[], Flip]]:
    """The better letters within reason, or the worse, each weighed when it is called; the furthest last."""
    place = _PLACE_OF_LETTER[letter]
    steps = {other: math.ceil(side * (_PLACE_OF_LETTER[other] - place)) for other in "ABCDE"}

    def weighed(other: str) -> Flip:
        return Flip("letter", source, letter, other, steps[other] * STEP_DB, _with_letter(scale, source, other))

    near = sorted((other for other in steps if 0 < steps[other] * STEP_DB <= WITHIN_REASON), key=lambda one: steps[one])
    return [partial(weighed, other) for other in near]


def _by_steps(crosses: Crosses, changes: list[Callable[[], Flip]]) -> Iterator[Flip]:
    """The furthest change, and if it crosses, the others from the nearest on until one does."""
    if not changes:
        return
    *nearer, furthest = changes
    yield (last := furthest())
    for change in nearer if crosses(last.probability) else ():
        yield (found := change())
        if crosses(found.probability):
            return


def _heard(scale: _Scale) -> set[str]:
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


def _with_letter(scale: _Scale, source: str, letter: str) -> float:
    """The belief had the source another letter: its reliability moved to the same quantile, its relays weighed anew."""
    network, theta = scale.network, scale.theta
    said, found = _regraded(scale, source, letter)
    reliability = theta.reliability.copy()
    for column in (number for number, voice in enumerate(said.sources) if voice == source):
        old = network.evidence.reliability_a[column], network.evidence.reliability_b[column]
        level = np.clip(betainc(*old, reliability[:, column]), 1e-12, 1 - 1e-12)
        reliability[:, column] = betaincinv(*BETA_OF_GRADE[letter], level)
    return scale.after_all(
        _changed(network.evidence, said, theta, replace(theta, reliability=reliability), source),
        _recounted(scale, source, found, reliability),
    )


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


def _regraded(scale: _Scale, source: str, letter: str) -> tuple[Evidence, Measurements]:
    """What is said and counted, had the source another letter."""
    network, project = scale.network, scale.forecast.project
    graded = project.sources[source].model_copy(update={"reliability": letter})
    other = replace(project, sources={**project.sources, source: graded})
    speaking, scenarios, day = network.evidence.sources, network.scenarios, network.as_of
    return (
        evidence(scenarios, other.sources, speaking, witnesses(other, day, network.ids)),
        measurements(scenarios, numbers(other, day, network.ids), speaking, day),
    )


def _recounted(scale: _Scale, source: str, found: Measurements, reliability: Array) -> Array:
    """(n,) log likelihood the numbers gain, had the source another letter."""
    old, theta = scale.network.measurements, scale.theta
    if not any(number.source == source for number in old.numbers) and (old.weight == found.weight).all():
        return np.zeros(len(theta))
    levels = Levels(theta.log_peak, theta.headroom, theta.slip)
    before, after = read_numbers(old, levels, theta.reliability), read_numbers(found, levels, reliability)
    return np.asarray((after.value - before.value).sum(axis=1))

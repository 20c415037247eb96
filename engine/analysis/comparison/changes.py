"""What changed from one run's inputs to another's, as far as a belief can depend on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from engine.analysis.comparison.side import Side
from engine.belief.measurements import Number, bounds
from engine.belief.third_party import Opinion
from engine.belief.witnesses import Witness
from engine.records.scenario import Driver, Prior, Scenario

type Kind = Literal[
    "scenario", "prior", "dates", "driver", "indicator", "outcome", "time", "letter", "report", "number", "forecast"
]
type Key = tuple[Kind, *tuple[str, ...]]
"""The kind, and what it is about."""

STRUCTURAL: frozenset[Kind] = frozenset({"scenario", "prior", "dates", "driver"})
"""Kinds after which priors and drivers have to be made to agree again."""


@dataclass(frozen=True)
class Change:
    """One input that differs; `was` or `becomes` is empty where there is none."""

    key: Key
    was: str
    becomes: str

    @property
    def kind(self) -> Kind:
        """What sort of input it is."""
        return self.key[0]

    @property
    def about(self) -> str:
        """The scenario, `scenario/indicator`, source, or any of these together, in words."""
        return ", ".join(self.key[1:])


def changes_between(before: Side, after: Side) -> tuple[Change, ...]:
    """Every input that differs, in an order that no order of files can change."""
    found = [
        *_scenarios(before, after),
        *_outcomes(before, after),
        *_letters(before, after),
        *_said(before, after),
        *_forecasts(before, after),
    ]
    if before.as_of != after.as_of:
        found.append(Change(("time",), f"{before.as_of}", f"{after.as_of}"))
    order = [*Kind.__value__.__args__]
    return tuple(sorted(found, key=lambda change: (order.index(change.kind), change.key[1:])))


def bundled(changes: Sequence[Change], most: int, *, structure_apart: bool = True) -> list[tuple[Change, ...]]:
    """Changes that are made together: each alone, or, where there are more than `most`, all of a kind about a scenario.

    With `structure_apart` off, all after which priors and drivers have to be made to agree again come as one.
    """
    bundles: dict[object, list[Change]] = {}
    for change in changes:
        name: object = change.key
        if change.kind in STRUCTURAL and not structure_apart:
            name = STRUCTURAL
        elif len(changes) > most:
            name = change.kind, change.key[1].partition("/")[0] if len(change.key) > 1 else ""
        bundles.setdefault(name, []).append(change)
    return [tuple(bundle) for bundle in bundles.values()]


def _scenarios(before: Side, after: Side) -> Iterator[Change]:
    for name in before.scenarios.keys() | after.scenarios.keys():
        old, new = before.scenarios.get(name), after.scenarios.get(name)
        if old is None or new is None:
            yield Change(("scenario", name), "" if old is None else "asked", "" if new is None else "asked")
            continue
        yield from _differing(("prior", name), _prior(old.prior), _prior(new.prior))
        yield from _differing(("dates", name), _dates(old), _dates(new))
        yield from _drivers(old, new, before.scenarios.keys() | after.scenarios.keys())
        for key in old.indicators.keys() & new.indicators.keys():
            pairs = (f"{one.indicators[key].pair[0]:.2f} / {one.indicators[key].pair[1]:.2f}" for one in (old, new))
            if old.indicators[key].pair != new.indicators[key].pair:
                yield Change(("indicator", f"{name}/{key}"), *pairs)


def _drivers(old: Scenario, new: Scenario, there: set[str]) -> Iterator[Change]:
    was, now = ({one.scenario: one for one in scenario.drivers if one.scenario in there} for scenario in (old, new))
    for name in was.keys() | now.keys():
        yield from _differing(("driver", new.id, name), _driver(was.get(name)), _driver(now.get(name)))


def _outcomes(before: Side, after: Side) -> Iterator[Change]:
    told = {None: "open", True: "happened", False: "did not happen"}
    for name in before.scenarios.keys() & after.scenarios.keys():
        yield from _differing(("outcome", name), told[before.known.get(name)], told[after.known.get(name)])


def _letters(before: Side, after: Side) -> Iterator[Change]:
    for name in before.heard_of | after.heard_of:
        if name in before.project.sources and name in after.project.sources:
            letters = (side.project.sources[name].reliability for side in (before, after))
            yield from _differing(("letter", name), *letters)


def _said(before: Side, after: Side) -> Iterator[Change]:
    """Reports and numbers at the same letters, those before, then those after: what a letter does to relays is its own."""
    found: dict[Key, Change] = {}
    for letters in (_grades(before), _grades(after)):
        old, new = (_told(side.with_letters(letters)) for side in (before, after))
        for key in old.keys() | new.keys():
            for change in _differing(key, old.get(key, ""), new.get(key, "")):
                found.setdefault(key, change)
    yield from found.values()


def _told(side: Side) -> dict[Key, str]:
    reports: dict[Key, str] = {("report", *key): _report(one) for key, one in side.reports.items()}
    numbers: dict[Key, str] = {("number", *key): _number(one) for key, one in side.counts.items()}
    return reports | numbers


def _grades(side: Side) -> Mapping[str, str]:
    return {name: source.reliability for name, source in side.project.sources.items()}


def _forecasts(before: Side, after: Side) -> Iterator[Change]:
    for key in before.opinions.keys() | after.opinions.keys():
        told = (_forecast(side.opinions.get(key)) for side in (before, after))
        yield from _differing(("forecast", *key), *told)


def _differing(key: Key, was: str, becomes: str) -> Iterator[Change]:
    if was != becomes:
        yield Change(key, was, becomes)


def _prior(prior: Prior) -> str:
    """All of a prior that counts, in a line."""
    around = f" [{prior.interval[0]:.3g}, {prior.interval[1]:.3g}]" if prior.interval else ""
    if prior.probability is not None:
        return f"{prior.probability:.3g}{around}"
    if prior.quantity:
        q = prior.quantity
        return f"{q.median:,.10g} [{q.interval[0]:,.10g}, {q.interval[1]:,.10g}], at least {q.at_least:,.10g}"
    return " and ".join(
        f"{one.events} in {one.years:g} years" + (f" at {one.weight:g}" if one.weight != 1 else "")
        for one in prior.base_rate
    )


def _dates(scenario: Scenario) -> str:
    seen = "" if scenario.detected else ", uncertain"
    return f"{scenario.prior_as_of} to {scenario.deadline}{seen}"


def _driver(driver: Driver | None) -> str:
    if driver is None:
        return ""
    around = f" [{driver.interval[0]:g}, {driver.interval[1]:g}]" if driver.interval else ""
    if driver.probability_if_occurs is not None:
        return f"{driver.probability_if_occurs:g} if it happens"
    return f"times {driver.hazard_ratio:g}{around}"


def _report(witness: Witness) -> str:
    own = " against interest" if witness.source != witness.grade_source else ""
    looked = f" ({witness.detection:g})" if witness.stance == "absent" else ""
    return f"{witness.stance}{looked}{own}, weight {witness.weight:.2f}"


def _number(number: Number) -> str:
    low, high = bounds(number.record)
    value = f"{low:,.10g}" if low == high else f"{low:,.10g} to {high:,.10g}"
    losses = ", losses" if number.record.losses else ""
    return f"{value} on {number.on}{losses}, weight {number.weight:.2f}"


def _forecast(opinion: Opinion | None) -> str:
    return "" if opinion is None else f"{opinion.probability:.3g} by a {opinion.kind} on {opinion.on}"

"""A network in between two runs: some inputs as the one has them, the rest as the other does."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, cached_property

from engine.analysis.comparison.changes import STRUCTURAL, Change, Key
from engine.analysis.comparison.side import Side
from engine.belief.hearing import Heard, Said, hear
from engine.belief.measurements import Number
from engine.belief.network import Network, framed
from engine.belief.witnesses import Witness
from engine.errors import ForecastError
from engine.records.checks import MAX_COMPONENT
from engine.records.project import components
from engine.records.scenario import Driver, Indicator, Scenario
from engine.records.source import Source

type Chosen = frozenset[Key]
"""The changes that have been made."""


@dataclass(frozen=True, eq=False)
class Between:
    """All networks on the ways from one run to another."""

    before: Side
    after: Side
    changes: tuple[Change, ...]

    @cached_property
    def differing(self) -> frozenset[Key]:
        """The keys of all changes."""
        return frozenset(change.key for change in self.changes)

    def pick[T](self, chosen: Chosen, key: Key, old: T | None, new: T | None) -> T | None:
        """What stands in one place: as it was unless it differs and is chosen; where nothing differs, whatever is there."""
        if key in self.differing:
            return new if key in chosen else old
        return new if old is None else old

    def network(self, chosen: Chosen) -> Network:
        """The network once the chosen changes are made."""
        day = self.after.as_of if ("time",) in chosen else self.before.as_of
        structure = frozenset(key for key in chosen if key[0] in STRUCTURAL or key[0] == "indicator")
        outcomes = frozenset(key for key in chosen if key[0] == "outcome")
        silent = self._silent(structure, outcomes, day)
        return hear(silent, self._heard(chosen, silent.ids), self.sources(chosen))

    @cached_property
    def _silent(self) -> Callable[[Chosen, Chosen, date], Network]:
        """The network on a day, with some outcomes known and nobody heard."""

        @cache
        def silent(structure: Chosen, outcomes: Chosen, day: date) -> Network:
            frame = self._frame(frozenset(key for key in structure if key[0] in STRUCTURAL))
            frame = replace(frame, scenarios=tuple(self._scenarios(structure)[name] for name in frame.ids))
            found = ((place, self._known(outcomes, name)) for place, name in enumerate(frame.ids))
            return frame.on_another_day(day, {place: happened for place, happened in found if happened is not None})

        return silent

    @cached_property
    def _frame(self) -> Callable[[Chosen], Network]:
        """The network without anything said; making priors and drivers agree takes long, so it is done once for each."""
        structure = frozenset(key for key in self.differing if key[0] in STRUCTURAL)

        @cache
        def frame(chosen: Chosen) -> Network:
            if chosen in (frozenset(), structure):
                return self.after.network if chosen == structure else self.before.network
            scenarios = self._scenarios(chosen)
            widest = len(components(scenarios)[0])
            if widest > MAX_COMPONENT:
                raise ForecastError(f"{widest} scenarios would be joined on the way from one run to the other.")
            try:
                return framed(scenarios, self.after.as_of)
            except ValueError as cycle:
                raise ForecastError(
                    f"On the way from one run to the other scenarios would drive each other: {cycle}"
                ) from None

        return frame

    def _scenarios(self, chosen: Chosen) -> dict[str, Scenario]:
        names = self.before.scenarios.keys() | self.after.scenarios.keys()
        found = {name: self._scenario(chosen, name) for name in sorted(names)}
        return {name: one for name, one in found.items() if one}

    def _scenario(self, chosen: Chosen, name: str) -> Scenario | None:
        old, new = self.before.scenarios.get(name), self.after.scenarios.get(name)
        if old is None or new is None:
            return self.pick(chosen, ("scenario", name), old, new)
        dated = new if ("dates", name) in chosen else old
        prior = new.prior if ("prior", name) in chosen else old.prior
        return old.model_copy(
            update={
                "opens": dated.opens,
                "deadline": dated.deadline,
                "detection": "certain" if dated.detected else "uncertain",
                "prior": prior.model_copy(update={"as_of": dated.prior_as_of}),
                "drivers": tuple(self._drivers(chosen, old, new)),
                "indicators": {
                    key: found
                    for key in sorted(old.indicators.keys() | new.indicators.keys())
                    if (found := self._indicator(chosen, old, new, key))
                },
                "resolution": old.resolution or new.resolution,
            }
        )

    def _drivers(self, chosen: Chosen, old: Scenario, new: Scenario) -> Iterable[Driver]:
        was, now = ({driver.scenario: driver for driver in one.drivers} for one in (old, new))
        for name in sorted(was.keys() | now.keys()):
            if driver := self.pick(chosen, ("driver", old.id, name), was.get(name), now.get(name)):
                yield driver

    def _indicator(self, chosen: Chosen, old: Scenario, new: Scenario, key: str) -> Indicator | None:
        path = f"{old.id}/{key}"
        return self.pick(chosen, ("indicator", path), old.indicators.get(key), new.indicators.get(key))

    def _known(self, chosen: Chosen, name: str) -> bool | None:
        old, new = self.before.known.get(name), self.after.known.get(name)
        if name not in self.before.scenarios or name not in self.after.scenarios:
            return new if old is None else old
        return new if ("outcome", name) in chosen else old

    def sources(self, chosen: Chosen) -> dict[str, Source]:
        """Every source of either run, at its letter."""
        old, new = self.before.project.sources, self.after.project.sources
        found = {
            name: self.pick(chosen, ("letter", name), old.get(name), new.get(name)) for name in old.keys() | new.keys()
        }
        return {name: source for name, source in found.items() if source}

    def _graded(self, chosen: Chosen) -> tuple[Side, Side]:
        return self._regrade(frozenset(key for key in chosen if key[0] == "letter"))

    @cached_property
    def _regrade(self) -> Callable[[Chosen], tuple[Side, Side]]:
        @cache
        def regrade(chosen: Chosen) -> tuple[Side, Side]:
            letters = {name: source.reliability for name, source in self.sources(chosen).items()}
            return self.before.with_letters(letters), self.after.with_letters(letters)

        return regrade

    def _heard(self, chosen: Chosen, ids: tuple[str, ...]) -> Heard:
        before, after = self._graded(chosen)
        opinions = [
            opinion
            for key in sorted(before.opinions.keys() | after.opinions.keys())
            if key[0] in ids
            and (opinion := self.pick(chosen, ("forecast", *key), before.opinions.get(key), after.opinions.get(key)))
        ]
        now = max(self.before.as_of, self.after.as_of)
        return Heard(
            now=self._said(chosen, ids, now),
            opinions=opinions,
            before={day: self._said(chosen, ids, day) for day in sorted({one.on for one in opinions})},
        )

    def _said(self, chosen: Chosen, ids: tuple[str, ...], day: date) -> Said:
        return Said(self._witnesses(chosen, ids, day), self._numbers(chosen, ids, day))

    def _numbers(self, chosen: Chosen, ids: tuple[str, ...], day: date) -> list[Number]:
        old, new = self.before.counts_on(day), self.after.counts_on(day)
        return [
            number
            for key in sorted(old.keys() | new.keys())
            if key[0] in ids and (number := self.pick(chosen, ("number", *key), old.get(key), new.get(key)))
        ]

    def _witnesses(self, chosen: Chosen, ids: tuple[str, ...], day: date) -> list[Witness]:
        before, after = self._graded(chosen)
        old, new = before.on(day), after.on(day)
        return [
            witness
            for key in sorted(old.keys() | new.keys())
            if key[0].partition("/")[0] in ids
            and (witness := self.pick(chosen, ("report", *key), old.get(key), new.get(key)))
        ]

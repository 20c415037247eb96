"""One of two runs that are compared, its inputs by key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from engine.analysis.forecast import Forecast
from engine.belief.measurements import Number, numbers
from engine.belief.network import Network
from engine.belief.third_party import Opinion
from engine.belief.witnesses import Witness, witnesses
from engine.records.project import Project
from engine.records.scenario import Scenario

type ReportKey = tuple[str, str]
"""Indicator and source."""
type NumberKey = tuple[str, str, str]
"""Scenario, source and kind."""


@dataclass(frozen=True)
class Side:
    """What one run was made from, as far as a belief can depend on it."""

    project: Project
    network: Network

    @staticmethod
    def of(forecast: Forecast) -> Side:
        """The inputs of a run."""
        return Side(forecast.project, forecast.posterior.network)

    @property
    def as_of(self) -> date:
        """The day of the run."""
        return self.network.as_of

    @cached_property
    def scenarios(self) -> dict[str, Scenario]:
        """Those that take part: open on the day."""
        return {scenario.id: scenario for scenario in self.network.scenarios}

    @cached_property
    def known(self) -> dict[str, bool]:
        """What came of the scenarios that are resolved."""
        return {self.network.ids[place]: happened for place, happened in self.network.known.items()}

    def with_letters(self, letters: Mapping[str, str]) -> Side:
        """The same, with some of the sources graded otherwise."""
        regraded = {
            name: source.model_copy(update={"reliability": letters.get(name, source.reliability)})
            for name, source in self.project.sources.items()
        }
        return Side(replace(self.project, sources=regraded), self.network)

    def on(self, day: date) -> dict[ReportKey, Witness]:
        """The witnesses as they stood on a day, or on that of the run if it is earlier."""
        return self.reports if day >= self.as_of else self._said_by(day)

    @cached_property
    def reports(self) -> dict[ReportKey, Witness]:
        """The witnesses of the run."""
        return self._said_by(self.as_of)

    def _said_by(self, day: date) -> dict[ReportKey, Witness]:
        return {(one.indicator, one.grade_source): one for one in witnesses(self.project, day, self.scenarios)}

    def counts_on(self, day: date) -> dict[NumberKey, Number]:
        """The numbers as they stood on a day, or on that of the run if it is earlier."""
        return self.counts if day >= self.as_of else self._counted_by(day)

    @cached_property
    def counts(self) -> dict[NumberKey, Number]:
        """The numbers of the run."""
        return self._counted_by(self.as_of)

    def _counted_by(self, day: date) -> dict[NumberKey, Number]:
        return {(one.scenario, one.source, one.kind): one for one in numbers(self.project, day, self.scenarios)}

    @cached_property
    def opinions(self) -> dict[tuple[str, str], Opinion]:
        """Other people's forecasts: by scenario and source."""
        return {(one.scenario, one.source): one for one in self.network.opinions}

    @cached_property
    def heard_of(self) -> frozenset[str]:
        """Sources and publishers of all that counts."""
        said: Sequence[Witness | Number] = [*self.reports.values(), *self.counts.values()]
        names = {one.grade_source if isinstance(one, Witness) else one.source for one in said}
        carried = {self.project.articles[article].publisher for one in said for article in one.articles}
        return frozenset(names | carried)

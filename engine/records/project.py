"""A project: one folder of scenarios with its sources and article records, checked as a whole."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from graphlib import CycleError, TopologicalSorter

from engine.records.article import Article, Signal
from engine.records.scenario import Scenario
from engine.records.settings import Settings
from engine.records.source import Source


@dataclass(frozen=True)
class Project:
    """Everything an answer depends on, besides the day it is asked for and the seed.

    Mappings are sorted by id, so that the order of files never matters.
    """

    settings: Settings
    scenarios: Mapping[str, Scenario]
    sources: Mapping[str, Source]
    articles: Mapping[str, Article]

    @cached_property
    def signals(self) -> dict[str, Signal]:
        """Every row of every horizon scan, by id."""
        return {signal.id: signal for article in self.articles.values() for signal in article.signals}

    @cached_property
    def fingerprint(self) -> str:
        """Hash of the records: same fingerprint, day, engine and seed give the same beliefs.

        What is left at its default does not count, so that a field added to the records later leaves it as it is.
        """
        digest = hashlib.sha256()
        for records in (self.scenarios, self.sources, self.articles):
            for record in records.values():
                digest.update(record.model_dump_json(exclude_defaults=True).encode())
        return digest.hexdigest()[:16]

    def known_by(self, day: date) -> Project:
        """The project as it could be known on a day: nothing that was published, opened or resolved later.

        Sources nobody had quoted by then are left out too, so that the fingerprint is that of the day.
        """
        articles = {name: one for name, one in self.articles.items() if one.known_on <= day}
        quoted = {name for one in articles.values() for name in one.quoted}
        return Project(
            settings=self.settings,
            scenarios={name: one.known_by(day) for name, one in self.scenarios.items() if one.opens <= day},
            sources={name: one for name, one in self.sources.items() if name in quoted},
            articles=articles,
        )


def components(scenarios: Mapping[str, Scenario]) -> list[list[str]]:
    """Groups of scenarios joined by drivers, each sorted by id, largest first."""
    pairs = ((name, driver.scenario) for name, scenario in scenarios.items() for driver in scenario.drivers)
    groups = joined(scenarios, (pair for pair in pairs if pair[1] in scenarios))
    return sorted(groups, key=lambda members: (-len(members), members))


def joined[T: (str, int)](items: Iterable[T], pairs: Iterable[tuple[T, T]]) -> list[list[T]]:
    """The groups into which pairs join items, each sorted."""
    group = {item: {item} for item in items}
    for one, other in pairs:
        if group[one] is not group[other]:
            smaller, larger = sorted((group[one], group[other]), key=len)
            larger |= smaller
            for member in smaller:
                group[member] = larger
    return [sorted(members) for members in {id(members): members for members in group.values()}.values()]


def in_driver_order(scenarios: Mapping[str, Scenario]) -> list[str]:
    """Scenario ids with every driver before what it drives; ties by id. Raises ValueError on a cycle.

    The message of the error is the cycle, `a -> b -> a`.
    """
    drives = {
        name: [d.scenario for d in scenario.drivers if d.scenario in scenarios] for name, scenario in scenarios.items()
    }
    sorter = TopologicalSorter(drives)
    try:
        sorter.prepare()
    except CycleError as error:
        raise ValueError(" -> ".join(error.args[1])) from None
    order: list[str] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        order += ready
        sorter.done(*ready)
    return order

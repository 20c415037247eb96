"""What a track record teaches: each source's reliability, before and after."""

from __future__ import annotations

from dataclasses import dataclass

from engine.belief.draws import interval
from engine.belief.posterior import Posterior
from engine.belief.witnesses import ADMISSION, Witness
from engine.records.project import Project

_OPPOSITE = {"affirms": "denies", "denies": "affirms", "absent": "affirms"}


@dataclass(frozen=True)
class TrackRecord:
    """One source in one run."""

    source: str
    name: str
    letter: str
    prior: float
    """Mean reliability its letter stands for: 0 a coin, 1 always right."""
    posterior: float
    interval: tuple[float, float]
    """Central 90 %."""
    n_witnesses: int
    """Claims it speaks about."""
    n_reports: int
    n_echoes: int
    """Reports that only repeat what it had said."""
    n_numbers: int
    n_contradicted: int
    """Claims on which another source says the opposite."""


def track_records(posterior: Posterior, project: Project) -> list[TrackRecord]:
    """Every source that speaks in a run, the most reliable first."""
    said, numbers = posterior.network.evidence, posterior.network.measurements.numbers
    low, high = interval(posterior.theta.reliability)
    mean = posterior.theta.reliability.mean(axis=0)
    found = []
    for place, voice in enumerate(said.sources):
        source = project.sources[voice.removesuffix(ADMISSION)]
        mine = [witness for witness in said.witnesses if witness.source == voice]
        a, b = float(said.reliability_a[place]), float(said.reliability_b[place])
        n_reports = sum(witness.n_reports for witness in mine)
        found.append(
            TrackRecord(
                source=voice,
                name=source.name,
                letter="A" if voice.endswith(ADMISSION) else source.reliability,
                prior=a / (a + b),
                posterior=float(mean[place]),
                interval=(float(low[place]), float(high[place])),
                n_witnesses=len(mine),
                n_reports=n_reports,
                n_echoes=n_reports - len(mine),
                n_numbers=sum(number.source == voice for number in numbers),
                n_contradicted=sum(_contradicted(witness, said.witnesses) for witness in mine),
            )
        )
    return sorted(found, key=lambda record: (-record.posterior, record.source))


def _contradicted(witness: Witness, others: tuple[Witness, ...]) -> bool:
    return any(
        other.indicator == witness.indicator and other.stance == _OPPOSITE[witness.stance]
        for other in others
        if other.source != witness.source
    )

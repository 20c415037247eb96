"""What has been said, as arrays: indicators, sources, and the witnesses that join them.

Axes: K indicators, I sources, W witnesses, S scenarios.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from engine.belief.states import BoolArray, IntArray
from engine.belief.witnesses import ADMISSION, BETA_OF_GRADE, Witness
from engine.probability import Array, logit
from engine.records.scenario import Scenario
from engine.records.source import Source

_VOICE = {"affirms": (1.0, -1.0), "denies": (-1.0, 1.0)}


@dataclass(frozen=True)
class Evidence:
    """Priors of the indicators and sources, and what each witness says."""

    indicators: tuple[str, ...]
    """(K,) `scenario/indicator`."""
    sources: tuple[str, ...]
    """(I,) those that speak; an admission against interest is a source of its own."""
    witnesses: tuple[Witness, ...]
    scenario_of_indicator: IntArray
    logit_if_true: Array
    logit_if_false: Array
    reliability_a: Array
    reliability_b: Array
    weight: Array
    """(W,) kappa."""
    voice: Array
    """(W, 2) u and v: P(stance | C=1) is proportional to 1 + u rho, P(stance | C=0) to 1 + v rho."""
    indicator_of: IntArray
    """(W,) which indicator a witness speaks about."""
    source_of: IntArray
    """(W,) which source it is."""
    n_scenarios: int

    def keep(self, kept: BoolArray) -> Evidence:
        """The same indicators and sources, with some of the witnesses."""
        return replace(
            self,
            witnesses=tuple(witness for witness, stays in zip(self.witnesses, kept, strict=True) if stays),
            weight=self.weight[kept],
            voice=self.voice[kept],
            indicator_of=self.indicator_of[kept],
            source_of=self.source_of[kept],
        )

    def without(self, indicator: str, sources: Container[str]) -> Evidence:
        """Had these sources said nothing of one indicator, neither for themselves nor against their interest."""
        spoken = (one.indicator == indicator and one.grade_source in sources for one in self.witnesses)
        return self.keep(~np.fromiter(spoken, dtype=bool))

    def unheard(self) -> Evidence:
        """The same indicators, with nobody to speak about them."""
        nobody = np.zeros(0)
        silent = self.keep(np.zeros(len(self.witnesses), dtype=bool))
        return replace(silent, sources=(), reliability_a=nobody, reliability_b=nobody)

    def plus(self, witness: Witness, source: int) -> Evidence:
        """With one more witness, heard from the source at this place; it replaces what that source said before."""
        place = self.indicators.index(witness.indicator)
        here = self.keep((self.indicator_of != place) | (self.source_of != source))
        return replace(
            here,
            witnesses=(*here.witnesses, witness),
            weight=np.append(here.weight, witness.weight),
            voice=np.vstack([here.voice, _voice(witness)]),
            indicator_of=np.append(here.indicator_of, place),
            source_of=np.append(here.source_of, source),
        )

    def about(self, indicator: int) -> Evidence:
        """Only one indicator, and the witnesses that speak about it."""
        heard = self.keep(self.indicator_of == indicator)
        return replace(
            heard,
            indicators=self.indicators[indicator : indicator + 1],
            scenario_of_indicator=self.scenario_of_indicator[[indicator]],
            logit_if_true=self.logit_if_true[[indicator]],
            logit_if_false=self.logit_if_false[[indicator]],
            indicator_of=np.zeros(len(heard.witnesses), dtype=np.int64),
        )

    @cached_property
    def voices(self) -> tuple[Array, Array, Array]:
        """u, v, and log 2 where a stance is one of two, each (W,)."""
        u, v = np.ascontiguousarray(self.voice.T)
        return u, v, np.log(2.0) * (v != 0)

    @cached_property
    def on_indicator(self) -> Array:
        """(W, K) 1 where a witness speaks about an indicator."""
        return incidence(self.indicator_of, len(self.indicators))

    @cached_property
    def of_scenario(self) -> Array:
        """(K, S) 1 where an indicator belongs to a scenario."""
        return incidence(self.scenario_of_indicator, self.n_scenarios)


def evidence(
    scenarios: Sequence[Scenario], letters: Mapping[str, Source], speaking: Sequence[str], witnesses: Sequence[Witness]
) -> Evidence:
    """The arrays behind these witnesses; indicators nobody has reported on stand there too.

    `speaking` are the sources that get a reliability, whether or not one of these witnesses is theirs.
    """
    indicators = [
        (position, f"{scenario.id}/{name}", scenario.indicators[name].pair)
        for position, scenario in enumerate(scenarios)
        for name in sorted(scenario.indicators)
    ]
    names = [name for _, name, _ in indicators]
    pairs = np.array([pair for _, _, pair in indicators], dtype=float).reshape(-1, 2)
    betas = np.array([_beta(voice, letters) for voice in speaking], dtype=float).reshape(-1, 2)
    voices = [_voice(witness) for witness in witnesses]
    return Evidence(
        indicators=tuple(names),
        sources=tuple(speaking),
        witnesses=tuple(witnesses),
        scenario_of_indicator=np.array([position for position, _, _ in indicators], dtype=np.int64),
        logit_if_true=logit(pairs[:, 0]),
        logit_if_false=logit(pairs[:, 1]),
        reliability_a=betas[:, 0],
        reliability_b=betas[:, 1],
        weight=np.array([witness.weight for witness in witnesses], dtype=float),
        voice=np.array(voices, dtype=float).reshape(-1, 2),
        indicator_of=np.array([names.index(witness.indicator) for witness in witnesses], dtype=np.int64),
        source_of=np.array([list(speaking).index(witness.source) for witness in witnesses], dtype=np.int64),
        n_scenarios=len(scenarios),
    )


def _voice(witness: Witness) -> tuple[float, float]:
    """u and v of its stance."""
    return _VOICE.get(witness.stance, (-witness.detection, 0.0))


def _beta(voice: str, sources: Mapping[str, Source]) -> tuple[float, float]:
    return BETA_OF_GRADE["A" if voice.endswith(ADMISSION) else sources[voice].reliability]


def incidence(columns: IntArray, n_columns: int) -> Array:
    """(len(columns), n_columns) with a 1 in each row, at its column."""
    return np.eye(n_columns)[columns] if len(columns) else np.zeros((0, n_columns))

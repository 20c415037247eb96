"""What a scenario's log odds would be, had only some of what moves it been heard: the values of coalitions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from engine.analysis.shapley import subsets
from engine.belief.evidence import Evidence
from engine.belief.states import BoolArray, IntArray
from engine.probability import Array

type Kind = Literal["time", "network", "numbers", "forecasts", "witness"]

_AT_ONCE = 256
"""Coalitions weighed together."""
DB = 10 / math.log(10)


@dataclass(frozen=True)
class Pieces:
    """What every coalition is put together from; n draws of the mixture, g groups of players."""

    groups: tuple[Kind, ...]
    said: Evidence
    """The witnesses of the scenario."""
    indicators: tuple[tuple[IntArray, Array, Array, Array, Array], ...]
    """For each indicator spoken of: its witnesses, log (1 + u rho) / 2 and log (1 + v rho) / 2 (w, n), P(claim | Z) (n,) twice."""
    log_weight: Array
    """(2^g, 2, n) log weight of not happening and of happening, with each set of groups and no witness."""
    n_posterior: int
    """The first so many draws are of the posterior."""

    @property
    def n_players(self) -> int:
        """Groups and witnesses."""
        return len(self.groups) + len(self.said.witnesses)

    @cached_property
    def _weight(self) -> Array:
        """`log_weight` as weights, each set of groups scaled to a largest of 1."""
        return np.exp(self.log_weight - self.log_weight.max(axis=(1, 2), keepdims=True))

    def said_by(self, heard: BoolArray) -> tuple[Array, Array]:
        """P(witnesses | Z=0) and P(witnesses | Z=1), each (c, n), for coalitions of witnesses (c, W)."""
        if_not = np.ones((len(heard), self.log_weight.shape[2]))
        if_happens = np.ones_like(if_not)
        for witnesses, claim, no_claim, true, false in self.indicators:
            if not heard[:, witnesses].any():
                continue
            kinds, kind_of = np.unique(heard[:, witnesses], axis=0, return_inverse=True)
            c1, c0 = np.exp(kinds @ claim), np.exp(kinds @ no_claim)
            if_happens *= (c1 * true + c0 * (1 - true))[kind_of.reshape(-1)]
            if_not *= (c1 * false + c0 * (1 - false))[kind_of.reshape(-1)]
        return if_not, if_happens

    def values(self, heard: BoolArray) -> Array:
        """(c, 2^g) log odds in decibans, for coalitions of witnesses (c, W) with every set of groups."""
        parts = []
        for start in range(0, len(heard), _AT_ONCE):
            if_not, if_happens = self.said_by(heard[start : start + _AT_ONCE])
            parts.append(np.log(if_happens @ self._weight[:, 1].T) - np.log(if_not @ self._weight[:, 0].T))
        return DB * np.concatenate(parts)

    def some_values(self, heard: BoolArray) -> Array:
        """(c,) log odds in decibans of some coalitions of players (c, players)."""
        g = len(self.groups)
        kinds, kind_of = np.unique(heard[:, g:], axis=0, return_inverse=True)
        return np.asarray(self.values(kinds)[kind_of.reshape(-1), heard[:, :g] @ (1 << np.arange(g))])

    def every_value(self) -> Array:
        """(2,) * players log odds in decibans of all coalitions; axis p is 1 where player p is heard.

        What is said of different indicators is independent within a draw. So the indicators are dealt into two
        hands, and the coalitions of the one meet those of the other in one matrix product for each set of groups.
        """
        hands = self._hands()
        larger, smaller = (_heard(hand, len(self.said.witnesses)) for hand in hands)
        right_not, right = self.said_by(smaller)
        parts = []
        for start in range(0, len(larger), _AT_ONCE):
            left_not, left = self.said_by(larger[start : start + _AT_ONCE])
            parts.append(
                [
                    np.log((left * happens) @ right.T) - np.log((left_not * no) @ right_not.T)
                    for no, happens in self._weight
                ]
            )
        table = np.concatenate(parts, axis=1)
        g, w = len(self.groups), len(self.said.witnesses)
        # bits run the fastest first, axes the slowest first
        stands = [*reversed(range(g)), *(g + one for hand in hands for one in reversed(hand))]
        return DB * table.reshape((2,) * (g + w)).transpose(np.argsort(stands))

    def _hands(self) -> tuple[list[int], list[int]]:
        """The witnesses in two parts of like size, the larger first; those of one indicator stay together."""
        hands: tuple[list[int], list[int]] = ([], [])
        for witnesses, *_ in sorted(self.indicators, key=lambda one: -len(one[0])):
            min(hands, key=len).extend(witnesses.tolist())
        return hands if len(hands[0]) >= len(hands[1]) else hands[::-1]


def _heard(hand: list[int], n_witnesses: int) -> BoolArray:
    """(2^h, W) every subset of one hand, as coalitions of all witnesses."""
    found = np.zeros((2 ** len(hand), n_witnesses), dtype=bool)
    found[:, hand] = subsets(len(hand))
    return found

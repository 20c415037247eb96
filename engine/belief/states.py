"""The 2^S ways in which a group of joined scenarios may turn out, as one matrix.

The log weight of a state is a sum of table entries, one for each scenario: an entry stands for
(scenario, which of its drivers happen, whether it happens itself). So with `takes` of shape
(states, entries), the weights of all states are one matrix product, and the probability of every
entry is the product back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

type IntArray = NDArray[np.int64]
type BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class Entries:
    """Rows of the table, for all groups of scenarios together; T of them."""

    scenario: IntArray
    """(T,) which scenario."""
    happens: BoolArray
    """(T,) whether it happens."""
    drivers: NDArray[np.float64]
    """(T, E) 1 where the driver has happened."""


@dataclass(frozen=True)
class Group:
    """Scenarios joined by drivers, with their states."""

    members: IntArray
    """(S,) positions of the scenarios."""
    states: BoolArray
    """(states, S) which of the members happen; states that contradict a resolution are left out."""
    entries: slice
    """Where the group's rows stand in the table."""
    takes: NDArray[np.float64]
    """(states, entries) 1 where a state takes an entry."""


def tabulate(
    groups: Sequence[Sequence[int]],
    drivers_of: Mapping[int, Sequence[tuple[int, int]]],
    known: Mapping[int, bool],
    n_drivers: int,
) -> tuple[Entries, tuple[Group, ...]]:
    """The table and the groups.

    `drivers_of[s]` lists (driver number, driving scenario); `known` holds what is resolved.
    """
    rows: list[tuple[int, bool, tuple[int, ...]]] = []
    built = []
    for members in groups:
        states = _states(members, known)
        start = len(rows)
        columns = []
        place = {scenario: position for position, scenario in enumerate(members)}
        for position, scenario in enumerate(members):
            edges = drivers_of.get(scenario, ())
            configuration = states[:, [place[parent] for _, parent in edges] + [position]]
            kinds, taken = np.unique(configuration, axis=0, return_inverse=True)
            columns.append(np.eye(len(kinds))[taken.reshape(-1)])
            for kind in kinds:
                active = tuple(number for (number, _), on in zip(edges, kind[:-1], strict=True) if on)
                rows.append((scenario, bool(kind[-1]), active))
        built.append(Group(np.array(members), states, slice(start, len(rows)), np.hstack(columns)))
    masks = np.zeros((len(rows), n_drivers))
    for row, (_, _, active) in enumerate(rows):
        masks[row, list(active)] = 1
    about = np.array([row[0] for row in rows], dtype=np.int64)
    happens = np.array([row[1] for row in rows], dtype=bool)
    return Entries(about, happens, masks), tuple(built)


def _states(members: Sequence[int], known: Mapping[int, bool]) -> BoolArray:
    """Every combination of outcomes that agrees with what is known."""
    choices = [(known[scenario],) if scenario in known else (False, True) for scenario in members]
    grids = np.meshgrid(*choices, indexing="ij")
    return np.stack([grid.reshape(-1) for grid in grids], axis=1).astype(bool)

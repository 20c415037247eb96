"""One change to one input, how large it is, and how the smallest that crosses an edge is looked for."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

type Kind = Literal["prior", "credibility", "letter", "likelihood", "echo"]
type Crosses = Callable[[float], bool]
type Curve = Callable[[float], float]

STEP_DB = 3.0
"""Decibans one step of a letter or digit counts as, or one voice taken for another's echo: a doubling of odds."""
WITHIN_REASON = 10.0
"""Decibans: a factor of ten in odds, or three steps."""


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
    """The belief it leads to; nan where the run's draws cannot tell."""


def worth_trying(value: Curve, crosses: Crosses, end: float) -> Iterator[float]:
    """The furthest argument on one side of 0, and the nearest at which the value crosses, if it does by then.

    Nearer than `end` where a change so large cannot be weighed.
    """
    reached = value(end)
    for _ in range(3):
        if math.isnan(reached):
            end /= 2
            reached = value(end)
    yield end
    if crosses(reached):
        yield edge_of(value, crosses, end)


def edge_of(value: Curve, crosses: Crosses, beyond: float) -> float:
    """The argument, between 0 and one beyond it, at which the value begins to cross: by halving."""
    near, far = 0.0, beyond
    while abs(far - near) > 1e-3 * abs(beyond):
        middle = (near + far) / 2
        near, far = (near, middle) if crosses(value(middle)) else (middle, far)
    return far

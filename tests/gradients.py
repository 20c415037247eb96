"""The compiled likelihood on many draws, one by one, as the tests want it."""

from __future__ import annotations

import numpy as np

from engine.belief.compiled import Levels, Theta
from engine.belief.log_density import of_theta
from engine.belief.network import Network
from engine.belief.parameters import Parameters


def value_and_gradient(net: Network, theta: Parameters) -> tuple[np.ndarray, Parameters]:
    """The log likelihood of every draw (n,), and its derivatives as `Parameters`."""
    weigh = of_theta(net)
    values, gradients = [], []
    for n in range(len(theta)):
        one = [np.ascontiguousarray(column[n]) for column in vars(theta).values()]
        value, by_theta, by_levels = weigh(Theta(*one[:5]), Levels(*one[5:]))
        values.append(value)
        gradients.append([*by_theta, *by_levels])
    return np.array(values), Parameters(*(np.array(column) for column in zip(*gradients, strict=True)))

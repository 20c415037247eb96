"""The same posterior by numerical integration over the log hazard: what the engine is checked against, and tuned with.

One scenario without reports has one unknown, its log hazard h ~ Normal(mu, spread), and forecasters with
equal spread sigma and common correlation c read its logit; all they say is in the mean of their logits,
which is Normal(logit p(h), tau), tau^2 = sigma^2 (c + (1 - c)/n).
"""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy.special import logsumexp

from engine.probability import Array, from_hazard, logit, ndtri, solve_rising

_H = np.linspace(-16.0, 6.0, 1401)
_P = from_hazard(_H)
_LOGIT = np.log(np.expm1(np.exp(_H)))
_Z = ndtri((np.arange(2000) + 0.5) / 2000)


@cache
def _log_prior(rate: float, spread: float) -> Array:
    mu = solve_rising(lambda shift: float(from_hazard(shift + spread * _Z).mean()), rate)
    return np.asarray(-(((_H - mu) / spread) ** 2) / 2)


def tau(n: Array | int, sigma: float, correlation: float) -> Array:
    """Standard error of the mean logit of n forecasters."""
    return np.asarray(sigma * np.sqrt(correlation + (1 - correlation) / np.asarray(n)))


def posterior(mean_logits: Array, taus: Array, rates: Array, spread: float) -> Array:
    """Posterior probability of each question."""
    result = np.empty(len(mean_logits))
    for rate in np.unique(rates):
        mine = rates == rate
        off = (mean_logits[mine, None] - _LOGIT) / taus[mine, None]
        weight = _log_prior(float(rate), spread) - off**2 / 2
        result[mine] = np.exp(weight - logsumexp(weight, axis=1, keepdims=True)) @ _P
    return result


def centre(forecasts: Array, reach: float = np.inf) -> float:
    """Mean of the logits, those further than `reach` from it pulled in to there (Huber 1964)."""
    x = logit(forecasts)
    middle = float(np.median(x))
    for _ in range(100 if np.isfinite(reach) else 0):
        middle = float(np.clip(x, middle - reach, middle + reach).mean())
    return middle if np.isfinite(reach) else float(x.mean())

"""The constants of the belief model, in one place, so that a test or a sceptic can move them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Assumptions:
    """What the model takes for granted where an analyst has said nothing."""

    log_hazard_sd: float = 0.6
    """Spread of a prior without an interval, on the complementary log-log scale."""
    log_hazard_ratio_sd: float = 0.35
    """Spread of a driver's log hazard ratio without an interval."""
    likelihood_sd: float = 0.4
    """Spread of if_true and if_false, in logits."""
    calibration_draws: int = 4096
    """Prior draws against which baselines are solved."""

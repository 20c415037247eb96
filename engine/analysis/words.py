"""Words of probability, always with their numbers (ICD 203, Office of the Director of National Intelligence 2015)."""

from __future__ import annotations

BANDS = (
    (5, "almost no chance", "0-5 %"),
    (20, "very unlikely", "6-20 %"),
    (45, "unlikely", "21-45 %"),
    (55, "roughly even chance", "46-55 %"),
    (80, "likely", "56-80 %"),
    (95, "very likely", "81-95 %"),
    (100, "almost certain", "96-100 %"),
)
"""Upper end in per cent, term, and the numbers it stands for."""


def words(probability: float) -> str:
    """The ICD 203 term for a probability with its range, as in `unlikely (21-45 %)`."""
    _, term, numbers = BANDS[band(probability)]
    return f"{term} ({numbers})"


def band(probability: float) -> int:
    """Which of the seven bands a probability lies in, 0 the lowest; by the whole per cent it is told as."""
    told = int(f"{100 * probability:.0f}")
    return next(number for number, (upper, _, _) in enumerate(BANDS) if told <= upper)

"""Words of probability go by the figure that stands beside them."""

import numpy as np

from engine.analysis.words import BANDS, band, words

EDGES = [upper for upper, _, _ in BANDS]


def test_the_figure_told_lies_in_the_range_told():
    """45.4 % is told as 45 %, so it is unlikely (21-45 %); a word beside a figure outside its range is a blunder."""
    for probability in np.linspace(0, 1, 2001):
        low, high = (int(end) for end in words(probability).split("(")[1].removesuffix(" %)").split("-"))
        assert low <= int(f"{100 * probability:.0f}") <= high


def test_the_bands_are_those_of_the_standard():
    """ICD 203 (2015), table: the ends are shared there, and belong to the lower band here."""
    assert EDGES == [5, 20, 45, 55, 80, 95, 100]
    assert [band(p) for p in (0.0, 0.05, 0.06, 0.5, 0.95, 0.96, 1.0)] == [0, 0, 1, 3, 5, 6, 6]

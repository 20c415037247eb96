"""Ctrl-C while the sampler runs."""

from __future__ import annotations

import itertools

import pytest
from builders import DAY, network, scenario

from engine.belief.model import sample


@pytest.mark.parametrize("when", [3, 700])
def test_an_interrupted_sampler_gives_no_half_answer(when):
    calls = itertools.count()

    def impatient(_done, _total):
        if next(calls) == when:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sample(network({"a": scenario(0.3)}, [], DAY), 4000, 1, impatient)

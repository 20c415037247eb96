"""Draws of several distributions as one mixture: constants nobody knows are found from the draws alone."""

import numpy as np
import pytest

from engine.analysis.mixture import log_mixture


def normals(means, sds, counts, seed=1):
    """Draws of some normals, and their densities up to constants that differ."""
    rng = np.random.default_rng(seed)
    x = np.concatenate([rng.normal(m, s, n) for m, s, n in zip(means, sds, counts, strict=True)])
    constants = np.array([0.0, 7.0, -300.0])[: len(means), None]
    return x, -(((x - np.array(means)[:, None]) / np.array(sds)[:, None]) ** 2) / 2 + constants


@pytest.mark.parametrize(
    ("means", "sds", "counts"),
    [
        ((0, 1), (1, 1), (4000, 4000)),
        ((0, 3, 1), (1, 0.5, 2), (3000, 1000, 2000)),
        ((0, 0, 0), (1, 1, 1), (50, 60, 70)),
    ],
)
def test_the_mixture_has_the_density_of_the_normals_it_is_made_of(means, sds, counts):
    x, log_density = normals(means, sds, counts)
    found = log_mixture(log_density, np.array(counts))
    share = np.array(counts) / sum(counts)
    true = np.log(sum(w * np.exp(-(((x - m) / s) ** 2) / 2) / s for w, m, s in zip(share, means, sds, strict=True)))
    apart = found - true
    # a few thousand draws that overlap give a ratio of constants to about two per cent
    np.testing.assert_allclose(apart, apart.mean(), atol=0.06)


def test_a_distribution_apart_from_all_others_is_still_given_its_share():
    x, log_density = normals((0, 60), (1, 1), (1000, 1000))
    found = log_mixture(log_density, np.array([1000, 1000]))
    share = np.exp(log_density[1] - found)
    assert share[x > 30].std() / share[x > 30].mean() < 1e-6
    assert np.isfinite(found).all()

"""How far each player pulls within every draw: what a bar would be if the unknowns were known to be so."""

from __future__ import annotations

import math

import numpy as np

from engine.analysis.pieces import DB, Pieces
from engine.analysis.shapley import subsets
from engine.belief.states import BoolArray
from engine.probability import Array

_SETTLED = 20.0
"""Decibans beyond which a draw of a quantity has settled the matter."""


def within_draws(pieces: Pieces) -> Array:
    """(posterior draws, players) how far each player pulls in every draw, in decibans.

    Within a draw log odds add up over indicators; the witnesses of one indicator share its pull by
    Shapley, and so do time and network theirs. What acts on theta alone (numbers, and forecasts but for those of a
    quantity) shows where the draw starts from.
    """
    n, groups = pieces.n_posterior, pieces.groups
    log_odds = DB * (pieces.log_weight[:, 1, :n] - pieces.log_weight[:, 0, :n])
    pulls = np.zeros((n, pieces.n_players))
    for player, kind in enumerate(groups):
        if kind in ("numbers", "forecasts") and np.allclose(log_odds[1 << player], log_odds[0]):
            pulls[:, player] = np.clip(log_odds[0], -_SETTLED, _SETTLED)
            continue
        other = next((1 << bit for bit, also in enumerate(groups) if also in ("time", "network") and bit != player), 0)
        me = 1 << player
        pulls[:, player] = (log_odds[me] - log_odds[0] + log_odds[me | other] - log_odds[other]) / 2
    for witnesses, claim, no_claim, true, false in pieces.indicators:
        shares = _shares(claim[:, :n], no_claim[:, :n], true[:n], false[:n])
        pulls[:, len(groups) + witnesses] = shares.T
    return pulls


def _shares(claim: Array, no_claim: Array, true: Array, false: Array) -> Array:
    """(w, n) how the witnesses of one indicator share its pull in every draw, by Shapley; in decibans.

    Of more than eight, each gets its part of what its leaving out and its coming first add.
    """
    w = len(claim)

    def pull(heard: BoolArray) -> Array:
        c1, c0 = np.exp(heard @ claim), np.exp(heard @ no_claim)
        return DB * (np.log(c1 * true + c0 * (1 - true)) - np.log(c1 * false + c0 * (1 - false)))

    if w > 8:
        alone, without = pull(np.eye(w, dtype=bool)), pull(~np.eye(w, dtype=bool))
        return (alone + pull(np.ones((1, w), dtype=bool)) - without) / 2
    bits = subsets(w)
    value, size = pull(bits), bits.sum(axis=1)
    weight = np.array([1 / (w * math.comb(w - 1, k)) for k in range(w)])
    shares = np.empty((w, claim.shape[1]))
    for witness in range(w):
        out = np.flatnonzero(~bits[:, witness])
        shares[witness] = weight[size[out]] @ (value[out | 1 << witness] - value[out])
    return shares

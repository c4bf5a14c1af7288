"""Fitting of item factors, and of the weights of the parts of relevance."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from personalize_mock.recipes.numerics.implicit_als import ITERATIONS, fit_als
from personalize_mock.recipes.personal.category_lifts import CategoryLifts
from personalize_mock.recipes.personal.fold_in import FoldIn, prepare_fold_in
from personalize_mock.recipes.personal.held_out_users import hold_out
from personalize_mock.recipes.personal.relevance_parts import relevance_parts
from personalize_mock.recipes.personal.relevance_weights import RelevanceWeights, learn_weights
from personalize_mock.recipes.personal.warm_interactions import WarmInteractions

CG_STEPS = 2  # with fold-in, NDCG@25 is within 1 % of that of 3 steps


def fit_factors(
    warm: WarmInteractions,
    *,
    categories: tuple[CategoryLifts, NDArray[np.float32]] | None,
    decays: Sequence[NDArray[np.float64]],
    factors: int,
    seed: int,
) -> tuple[FoldIn, RelevanceWeights]:
    """Fit item factors, and learn from held-out interactions how much each part of relevance counts.

    The parts are described in `RelevanceParts`.

    The first iterations of the factorization leave out the interactions from which the weights are learnt. The last
    iteration uses all interactions.

    Args:
        warm: The interactions to fit the factors to.
        categories: The category lifts and the category factors of the items, as returned by `category_lifts`. None if
            the items have no categories.
        decays: Lists of weights for the items in a history, newest first, each float64[length]. The list that
            predicts the held-out interactions best is chosen.
        factors: Number of latent factors.
        seed: Seed of the initial factors.

    Returns:
        The item factors, prepared for the computation of user vectors, and the weights of the parts of relevance. If
        there are too few interactions to learn from, these are the default weights.
    """
    users = hold_out(warm.interactions)
    if users is None:
        fitted = fit_als(warm.matrix, factors=factors, seed=seed, cg_steps=CG_STEPS)
        weights = RelevanceWeights()
        return _weighted(fitted.items, weights, categories=categories), weights
    start = fit_als(
        warm.interactions.csr(warm.warm_items, mask=~users.held_out),
        factors=factors,
        seed=seed,
        iterations=ITERATIONS - 1,
        cg_steps=CG_STEPS,
    )
    fold_in = prepare_fold_in(start.items, categories=categories, direction_weight=1)
    weights = learn_weights(relevance_parts(users, warm, fold_in=fold_in, decays=decays))
    fitted = fit_als(warm.matrix, factors=factors, seed=seed, iterations=1, cg_steps=CG_STEPS, start=start)
    return _weighted(fitted.items, weights, categories=categories), weights


def _weighted(
    items: NDArray[np.float64],
    weights: RelevanceWeights,
    *,
    categories: tuple[CategoryLifts, NDArray[np.float32]] | None,
) -> FoldIn:
    """Prepare item factors for the computation of user vectors, with the weights of factors, directions and categories.

    Args:
        items: float64[n_items, n], the item factors fitted by ALS.
        weights: The weights of the parts of relevance.
        categories: The category lifts and the category factors of the items. None if the items have no categories.
    """
    fold_in = prepare_fold_in(items, categories=categories, direction_weight=weights.directions)
    return replace(fold_in, weight=weights.factors, category_weight=weights.categories)

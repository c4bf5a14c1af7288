"""aws-user-personalization: implicit's ALS, users folded in from their newest events, plus sequential rules.

The service's recipe is a recurrent network. What it does for users of the API (the order of the events
matters, new events act at once, scores are a softmax) this does too; the numbers are its own.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from personalize_mock.data.ids import UNKNOWN
from personalize_mock.data.matrix import Events
from personalize_mock.recipes.base import Data, Recipe
from personalize_mock.recipes.fold_in import ALPHA, REGULARIZATION, whitened
from personalize_mock.recipes.hyperparameters import Hyperparameters, parse
from personalize_mock.recipes.library import alternating_least_squares
from personalize_mock.recipes.objective import Objective, weights
from personalize_mock.recipes.personalization import SHARPNESS, Personalization
from personalize_mock.recipes.repeats import repeat_rate, shift_for
from personalize_mock.recipes.sequential import rules_from
from personalize_mock.recipes.threads import one_blas_thread

ITERATIONS = 7  # NDCG@25 is within 1 % of that of 15: the fold-in and the rules make up for the rest
RECENCY = 10.0
ALL_CORES_FROM = 200_000
CALIBRATION_USERS = 64


class UserPersonalization(Recipe):
    """aws-user-personalization."""

    def fit(
        self, data: Data, *, config: Mapping[str, str], objective: Objective | None, seed: int
    ) -> Personalization:
        """Train; see `Recipe.fit`."""
        with one_blas_thread():
            return _fitted(data.events, parse(config), objective=objective, seed=seed)


def _fitted(
    events: Events, hyperparameters: Hyperparameters, *, objective: Objective | None, seed: int
) -> Personalization:
    events = hyperparameters.kept(events)
    codes = np.flatnonzero(events.warm).astype(np.int32)
    row_of = np.full(len(events.items) + 1, UNKNOWN, dtype=np.int32)
    row_of[codes] = np.arange(len(codes), dtype=np.int32)
    rows = row_of[events.item]
    counts = events.csr()[:, codes]
    model = Personalization(
        codes=codes,
        row_of=row_of,
        fold_in=whitened(_item_factors(counts, factors=hyperparameters.hidden_dimension, seed=seed)),
        rules=rules_from(rows, events.user, count=len(codes)),
        popular=(np.log(counts.getnnz(axis=0)) / SHARPNESS).astype(np.float32),
        place_weights=_place_weights(hyperparameters),
        lift=_lift(objective, codes),
    )
    rate = repeat_rate(events, distinct=counts.nnz)
    return replace(model, seen_shift=_seen_shift(model, events, rate=rate))


def _item_factors(counts: sparse.csr_matrix, *, factors: int, seed: int) -> NDArray[np.float64]:
    """ALS on counts of events, users x items: float64[items, factors].

    In float64 the factors are the same to the last bit with any number of threads; few events are faster in
    one.
    """
    if not counts.nnz:
        return np.zeros((counts.shape[1], factors))
    als = alternating_least_squares()(
        factors=factors,
        regularization=REGULARIZATION,
        alpha=ALPHA,
        dtype=np.float64,
        iterations=ITERATIONS,
        num_threads=1 if counts.nnz < ALL_CORES_FROM else 0,
        random_state=seed,
    )
    als.fit(counts, show_progress=False)
    return np.asarray(als.item_factors)


def _place_weights(hyperparameters: Hyperparameters) -> NDArray[np.float64]:
    """What the newest, the second newest, ... event of a history weighs."""
    places = np.arange(hyperparameters.bptt)
    return np.exp(-places / RECENCY) if hyperparameters.recency_mask else np.ones(len(places))


def _lift(objective: Objective | None, codes: NDArray[np.int32]) -> NDArray[np.float32] | None:
    if objective is None:
        return None
    lift = weights(objective)[codes]
    return lift if lift.any() else None


def _seen_shift(model: Personalization, events: Events, *, rate: float) -> float:
    """The shift that makes touched items as probable as repeats are, measured on evenly spread users."""
    users = np.flatnonzero(events.lengths())
    spread = users[:: max(1, -(-len(users) // CALIBRATION_USERS))]
    odds = model.seen_log_odds([events.history(user) for user in spread])
    return shift_for(rate, log_odds=odds) / SHARPNESS

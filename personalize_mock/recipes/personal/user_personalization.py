"""aws-user-personalization: implicit's ALS, users folded in from their newest events, plus sequential rules.

The service's recipe is a recurrent network. What it does for users of the API (the order of the events
matters, new events act at once, scores are a softmax) this does too; the numbers are its own. The other personal
recipes are the same machinery with other defaults and abilities.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.id_map import UNKNOWN
from personalize_mock.data.interaction_matrix import InteractionMatrix
from personalize_mock.lru_cache import LruCache
from personalize_mock.recipes.base import Model, Recipe, TrainingData
from personalize_mock.recipes.numerics.blas import one_blas_thread
from personalize_mock.recipes.numerics.implicit_als import fit_als
from personalize_mock.recipes.numerics.softmax import INVERSE_TEMPERATURE
from personalize_mock.recipes.objective import Objective, weights
from personalize_mock.recipes.personal.association_rules import mine_rules
from personalize_mock.recipes.personal.category_lifts import category_lifts
from personalize_mock.recipes.personal.context_lifts import contextual, user_kinds
from personalize_mock.recipes.personal.exploration import Policy, exploration_candidates
from personalize_mock.recipes.personal.fold_in import whitened
from personalize_mock.recipes.personal.hyperparameters import Hyperparameters, parse
from personalize_mock.recipes.personal.model import Personalization
from personalize_mock.recipes.personal.popularity_prior import baseline
from personalize_mock.recipes.personal.relevance import TASTES
from personalize_mock.recipes.personal.repeat_shift import repeat_rate, shift_for

RECENCY = 10.0
CALIBRATION_USERS = 64


class UserPersonalization(Recipe):
    """aws-user-personalization, and what all personal recipes share.

    Attributes:
        model: What serves.
        known: The hyperparameters that can be sent.
        default: Those that hold otherwise.
        exploration: Which items are explored where a query asks for it; None explores nothing.
        contextual: Whether contextual metadata count.
        kinds: Whether the Users dataset counts.
        themes: Whether the categories of the Items dataset count.
    """

    model: ClassVar[type[Personalization]] = Personalization
    known: ClassVar[frozenset[str]] = frozenset(
        (
            "hidden_dimension",
            "bptt",
            "recency_mask",
            "min_user_history_length_percentile",
            "max_user_history_length_percentile",
        )
    )
    default: ClassVar[Hyperparameters] = Hyperparameters()
    exploration: ClassVar[Policy | None] = Policy()
    contextual: ClassVar[bool] = True
    kinds: ClassVar[bool] = True
    themes: ClassVar[bool] = True

    def fit(
        self, data: TrainingData, *, config: Mapping[str, str], objective: Objective | None, seed: int
    ) -> Personalization:
        """Train; see `Recipe.fit`."""
        hyperparameters = parse(config, known=self.known, default=self.default)
        with one_blas_thread():
            return self._fitted(data, hyperparameters, objective=objective, seed=seed)

    def updated(self, model: Model, data: TrainingData, *, objective: Objective | None = None) -> Personalization:
        """With the new items as ones to explore, and the new events in what is known of all items.

        The factors, and so what is recommended without exploration, stay as they are.
        """
        assert isinstance(model, Personalization)  # noqa: S101  # what `fit` gave comes back
        row_of = np.full(len(data.interactions.items) + 1, UNKNOWN, dtype=np.int32)
        row_of[model.codes] = np.arange(len(model.codes), dtype=np.int32)
        kinds = model.kinds if model.kinds is None or data.users is None else replace(model.kinds, users=data.users)
        model = replace(model, row_of=row_of, kinds=kinds, tastes=LruCache(TASTES))
        policy = None if model.exploration_candidates is None else model.exploration_candidates.policy
        return _exploring(model, data, policy=policy, objective=objective)

    def policy(self, hyperparameters: Hyperparameters) -> Policy | None:
        """Which items are explored."""
        del hyperparameters
        return self.exploration

    def _fitted(
        self, data: TrainingData, hyperparameters: Hyperparameters, *, objective: Objective | None, seed: int
    ) -> Personalization:
        events = hyperparameters.kept(data.interactions)
        codes = np.flatnonzero(events.warm).astype(np.int32)
        row_of = np.full(len(events.items) + 1, UNKNOWN, dtype=np.int32)
        row_of[codes] = np.arange(len(codes), dtype=np.int32)
        rows, count = row_of[events.item], len(codes)
        counts = events.csr()[:, codes]
        popular = baseline(events, counts, codes, latest=hyperparameters.recency_mask)
        model = self.model(
            codes=codes,
            row_of=row_of,
            fold_in=whitened(
                fit_als(counts, factors=hyperparameters.hidden_dimension, seed=seed).items,
                themes=category_lifts(data.items, codes, events) if self.themes else None,
            ),
            rules=mine_rules(rows, events.user, count=count, weight=events.weight),
            popular=(np.log(popular) / INVERSE_TEMPERATURE).astype(np.float32),
            place_weights=_place_weights(hyperparameters),
            lift=_lift(objective, codes),
            context=contextual(data.interactions_table, events, item=rows, count=count) if self.contextual else None,
            kinds=user_kinds(data.users, events, item=rows, count=count) if self.kinds and data.users else None,
        )
        shift = _seen_shift(model, events, rate=repeat_rate(events, distinct=counts.nnz))
        model = replace(model, seen_shift=shift)
        return _exploring(model, data, policy=self.policy(hyperparameters), objective=objective)


def _exploring(
    model: Personalization, data: TrainingData, *, policy: Policy | None, objective: Objective | None
) -> Personalization:
    if policy is None:
        return model
    factors, favour = model.fold_in.factors, None if objective is None else weights(objective)
    new = exploration_candidates(
        data, policy=policy, row_of=model.row_of, known=model.codes, factors=factors, favour=favour
    )
    return replace(model, exploration_candidates=new)


def _place_weights(hyperparameters: Hyperparameters) -> NDArray[np.float64]:
    """What the newest, the second newest, ... event of a history weighs."""
    places = np.arange(hyperparameters.bptt)
    return np.exp(-places / RECENCY) if hyperparameters.recency_mask else np.ones(len(places))


def _lift(objective: Objective | None, codes: NDArray[np.int32]) -> NDArray[np.float32] | None:
    if objective is None:
        return None
    lift = weights(objective)[codes]
    return lift if lift.any() else None


def _seen_shift(model: Personalization, events: InteractionMatrix, *, rate: float) -> float:
    """The shift that makes touched items as probable as repeats are, measured on evenly spread users."""
    users = np.flatnonzero(events.lengths())
    spread = users[:: max(1, -(-len(users) // CALIBRATION_USERS))]
    odds = model.seen_log_odds([events.history(user) for user in spread])
    return shift_for(rate, log_odds=odds) / INVERSE_TEMPERATURE

"""Interfaces of recipes and models."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.action_interactions import NO_ACTION_HISTORY, ActionHistory
from personalize_mock.data.id_map import UNKNOWN
from personalize_mock.data.interaction_matrix import InteractionMatrix
from personalize_mock.data.metadata import Metadata
from personalize_mock.data.tables import Table
from personalize_mock.recipes.objective import Objective

NO_ITEM = -1
NO_INDICES: NDArray[np.int32] = np.empty(0, dtype=np.int32)

Ranked = Literal["items", "users", "actions"]
EvaluationName = Literal["items", "related", "texts", "trends", "segments", "actions"]
Candidates = NDArray[np.bool_] | NDArray[np.int32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrainingData:
    """Data to which a recipe fits a model.

    Attributes:
        interactions: The interactions, without held-out ones. `interactions.row` holds rows of `interactions_table`.
        interactions_table: The Interactions dataset without the columns that are excluded from training.
        items: The Items dataset in the order of `interactions.items`, or None if the group does not have one.
        users: The Users dataset in the order of `interactions.users`, or None if the group does not have one.
        actions: The Actions dataset, or None if the group does not have one.
        action_interactions: The Action_Interactions dataset, or None if the group does not have one.
        held_out: bool[n_rows], action interactions to leave out of the training. They still count towards the numbers
            that the service requires. None if no action interactions are held out.
        now: Start of the training, epoch seconds.
    """

    interactions: InteractionMatrix
    interactions_table: Table
    items: Metadata | None = None
    users: Metadata | None = None
    actions: Metadata | None = None
    action_interactions: Table | None = None
    held_out: NDArray[np.bool_] | None = None
    now: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Exploration:
    """Exploration settings of a campaign.

    Attributes:
        weight: The explorationWeight, from 0 (no exploration) to 1.
        age_cut_off: Items older than this many days, counted back from the newest interaction, are not explored.
        seed: Seed of the noise, different for each request.
    """

    weight: float
    age_cut_off: float
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Query:
    """Request to a model, with indices in place of ids.

    Attributes:
        history: Item indices of the user's interactions, oldest first; empty for unknown users. Items that the model
            does not know (-1, or without an interaction in training) are ignored.
        user: Index of the user in the training data, -1 if unknown.
        item: Index of the item to which related items or users are wanted, -1 if unknown.
        context: Contextual metadata by column name of the Interactions schema.
        attributes: Pairs of a column of Items and a value, for segments. An item must have all values.
        exploration: Exploration settings, or None to explore no items.
        influence: The rankingInfluence of a campaign, for semantic similarity: POPULARITY and FRESHNESS, from 0 to 1.
        now: Time of the request, epoch seconds.
        action_history: The user's imported and put action interactions, for models that rank actions.
        user_attributes: Attributes of the user in the Users dataset of the training, by column. They are used if the
            history is empty. If the mapping is empty, the model looks up the attributes of `user`.
    """

    history: NDArray[np.int32] = field(default_factory=lambda: NO_INDICES)
    user: int = UNKNOWN
    item: int = UNKNOWN
    context: Mapping[str, str] = field(default_factory=dict)
    attributes: Sequence[tuple[str, str]] = ()
    exploration: Exploration | None = None
    influence: Mapping[str, float] = field(default_factory=dict)
    now: float = 0.0
    action_history: ActionHistory = NO_ACTION_HISTORY
    user_attributes: Mapping[str, str | float | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ranking:
    """Answer of a model.

    Attributes:
        indices: int32[k], indices of items, users or actions (see `Model.ranks`), best first.
        scores: float64[k], NaN for entries without a score. None if the recipe has no scores. Scores of items are a
            softmax over all candidates, so their sum is at most 1.
        reasons: The reason of each entry, or None for entries that the model recommends normally. None instead of the
            list if the recipe gives no reasons.
    """

    indices: NDArray[np.int32]
    scores: NDArray[np.float64] | None = None
    reasons: Sequence[str | None] | None = None


class Model(ABC):
    """Fitted model of a recipe. Its answers depend only on the query.

    Attributes:
        ranks: Whether rankings contain indices of items, users or actions.
        uses_item: Whether the item of the query makes a difference.
        scored: Whether rankings have scores.
        explores: Whether the exploration settings of the query make a difference.
    """

    ranks: ClassVar[Ranked] = "items"
    uses_item: ClassVar[bool] = False

    @property
    def scored(self) -> bool:
        """Whether rankings have scores."""
        return False

    @property
    def explores(self) -> bool:
        """Whether the exploration settings of the query make a difference."""
        return False

    @abstractmethod
    def rank(self, query: Query, *, n: int, candidates: Candidates | None = None) -> Ranking:
        """Return the best candidates for one query, never the item of the query.

        Args:
            query: The query.
            n: The largest number of results. There are fewer if the model knows fewer candidates.
            candidates: The candidates as a mask over all indices or as ascending int32 indices. None allows all.
        """

    def rank_each(self, queries: Sequence[Query], *, n: int, candidates: Sequence[Candidates | None]) -> list[Ranking]:
        """Return the result of `rank` for each query and its candidates.

        Scores may differ from those of `rank` by rounding, because models may compute them in blocks.
        """
        return [self.rank(query, n=n, candidates=mask) for query, mask in zip(queries, candidates, strict=True)]


class Recipe(ABC):
    """Algorithm that fits a model to data.

    Attributes:
        evaluation: Name of the evaluation whose split and metrics are used.
        needs_interactions: Whether the minimum numbers of interactions and users apply.
    """

    evaluation: ClassVar[EvaluationName] = "items"
    needs_interactions: ClassVar[bool] = True

    @abstractmethod
    def fit(self, data: TrainingData, *, config: Mapping[str, str], objective: Objective | None, seed: int) -> Model:
        """Fit a model.

        Args:
            data: The training data.
            config: algorithmHyperParameters and featureTransformationParameters as on the wire. Missing parameters have
                the service's defaults; unknown parameters are ignored.
            objective: The optimization objective, or None.
            seed: The only source of randomness. The same arguments give the same model.

        Raises:
            TrainingFailed: The data does not meet the requirements of the recipe.
        """

    def completed(self, model: Model, data: TrainingData) -> Model:
        """Return the model for serving, which may also know the held-out interactions, without fitting it again.

        Most models need none of them: their queries bring the user's complete history.

        Args:
            model: A model that this recipe has fitted to a part of `data`.
            data: The whole data, with the same indices.
        """
        del data
        return model

    def updated(self, model: Model, data: TrainingData, *, objective: Objective | None = None) -> Model:
        """Return the model with new items and interactions, without fitting it again.

        Recipes without incremental updates return the model itself.

        Args:
            model: A model that this recipe has fitted.
            data: The current data. Known ids keep their indices, new ids follow them.
            objective: The optimization objective for the items of `data`, or None.
        """
        del data, objective
        return model


class TrainingFailed(Exception):  # noqa: N818  # an outcome of the service, not an error of the program
    """Failure of a training because of its data. The message becomes the failureReason."""

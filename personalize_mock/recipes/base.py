"""Interfaces that every recipe and every fitted model implements, and the data that they exchange."""

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
    """Data of a dataset group, to which a recipe fits a model.

    Attributes:
        interactions: The item interactions to train on, without those held out for the evaluation. `interactions.row`
            is the row of each interaction in `interactions_table`.
        interactions_table: The Interactions dataset without the columns that are excluded from training.
        items: The Items dataset in the order of `interactions.items`, or None if the group has no Items dataset.
        users: The Users dataset in the order of `interactions.users`, or None if the group has no Users dataset.
        actions: The Actions dataset, or None if the group has no such dataset.
        action_interactions: The Action_Interactions dataset, or None if the group has no such dataset.
        held_out: bool[n_rows], a mask of the rows of `action_interactions` that are held out for the evaluation. They
            are not trained on, but count towards the minimum numbers that the service requires. None if no rows are
            held out.
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
    """Settings of item exploration for one request.

    Attributes:
        weight: The explorationWeight of the campaign, from 0 (no exploration) to 1.
        age_cut_off: The explorationItemAgeCutOff of the campaign, which is the maximum age of explored items in days.
            Ages are counted back from the newest interaction.
        seed: Seed of the random choice of explored items. It differs between users, but is the same in all requests of
            a user, so that repeated requests get the same answer.
    """

    weight: float
    age_cut_off: float
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Query:
    """Request to a model, with integer indices in place of user and item ids.

    Attributes:
        history: Item indices of the user's interactions, oldest first; empty for unknown users. Items without an
            interaction in the training data are ignored, and so is -1, which stands for an unknown item.
        live: Number of interactions at the end of `history` that were sent after the training.
        user: Index of the user in the training data, -1 if unknown.
        item: Index of the item for which related items or interested users are requested, -1 if unknown.
        context: Contextual metadata, as values by column name of the Interactions schema.
        attributes: Item attributes that define a user segment, as pairs of a column of Items and a value. An item must
            have all of these values.
        exploration: Exploration settings, or None to explore no items.
        influence: The rankingInfluence of a campaign: weights of POPULARITY and FRESHNESS, from 0 to 1. Only
            aws-semantic-similarity uses it.
        now: Time of the request, epoch seconds.
        action_history: The user's action interactions, imported or sent by PutActionInteractions, for models that rank
            actions.
        user_attributes: Attributes of the user in the Users dataset at the time of the training, by column name. They
            are used for users without history. If the mapping is empty, the model looks up the attributes of `user`.
    """

    history: NDArray[np.int32] = field(default_factory=lambda: NO_INDICES)
    live: int = 0
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
    """Answer of a model to a query: a ranked list of items, users or actions.

    Attributes:
        indices: int32[k], indices of items, users or actions, depending on `Model.ranks`, best first.
        scores: float64[k], the score of each entry, or NaN for an entry without a score. None if the recipe has no
            scores. Scores of items are probabilities of a softmax over all candidates, so their sum is at most 1.
        reasons: Why each entry was recommended, such as "Exploration"; None for entries that need no explanation. None
            in place of the list if the recipe gives no reasons.
    """

    indices: NDArray[np.int32]
    scores: NDArray[np.float64] | None = None
    reasons: Sequence[str | None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RankingParts:
    """Numbers that explain the positions of the k items in a ranking.

    Attributes:
        explored: bool[k], whether exploration has chosen the item.
        relevance: float64[k], the relevance of each item for the user before the objective is added, minus the mean
            relevance of all items with interactions. NaN for items without interactions.
        objective: float64[k], the amount that the objective adds to the relevance; 0 if there is no objective.
        history: int32[h], the items of the user's history that have interactions, without duplicates.
        similarity: float64[k, h], the cosine similarity of each item to each item of the history, from their factors.
            NaN for items without interactions.
    """

    explored: NDArray[np.bool_]
    relevance: NDArray[np.float64]
    objective: NDArray[np.float64]
    history: NDArray[np.int32]
    similarity: NDArray[np.float64]


class Model(ABC):
    """Fitted model of a recipe, which ranks items, users or actions for a query.

    The same query always gets the same ranking. Earlier queries have no influence.

    Attributes:
        ranks: What the indices in a ranking refer to: items, users or actions.
        uses_item: Whether rankings depend on the item of the query.
        scored: Whether rankings have scores.
        explores: Whether rankings depend on the exploration settings of the query.
    """

    ranks: ClassVar[Ranked] = "items"
    uses_item: ClassVar[bool] = False

    @property
    def scored(self) -> bool:
        """Whether the rankings that the model returns have scores."""
        return False

    @property
    def explores(self) -> bool:
        """Whether rankings depend on the exploration settings of the query."""
        return False

    def without_scores(self) -> "Model":
        """Return a model that gives the same rankings but need not compute scores.

        By default this model itself is returned.
        """
        return self

    @abstractmethod
    def rank(self, query: Query, *, n: int, candidates: Candidates | None = None) -> Ranking:
        """Return the best candidates for one query, best first.

        If items are ranked, the item of the query is never among them.

        Args:
            query: The request, with the user's history, the item and so on.
            n: The largest number of results. The ranking is shorter if the model can rank fewer candidates.
            candidates: The items, users or actions that may be returned, as a boolean mask or as ascending int32
                indices. None allows all.
        """

    def ranking_parts(
        self, query: Query, items: NDArray[np.int32], *, n: int, candidates: Candidates | None = None
    ) -> RankingParts | None:
        """Explain a ranking that `rank` has returned, or return None if the model gives no explanations.

        Args:
            query: The request that was ranked.
            items: int32[k], the indices of the items in the ranking.
            n: The number of results that `rank` was asked for.
            candidates: The candidates that `rank` was given.
        """
        del query, items, n, candidates
        return None

    def rank_each(self, queries: Sequence[Query], *, n: int, candidates: Sequence[Candidates | None]) -> list[Ranking]:
        """Return one ranking for each of many queries, as `rank` does for a single query.

        Scores may differ from those of `rank` by rounding errors, because models may process queries in blocks.

        Args:
            queries: The requests, each with the user's history, the item and so on.
            n: The largest number of results per query.
            candidates: The candidates of each query, in the form that `rank` accepts.
        """
        return [self.rank(query, n=n, candidates=mask) for query, mask in zip(queries, candidates, strict=True)]


class Recipe(ABC):
    """Algorithm that fits a model to the data of a dataset group.

    Attributes:
        evaluation: Name of the evaluation that splits the data and computes the metrics of a solution version.
        needs_interactions: Whether the service requires minimum numbers of interactions and users for the training.
        depends_on_time: Whether models and metrics depend on `TrainingData.now`.
    """

    evaluation: ClassVar[EvaluationName] = "items"
    needs_interactions: ClassVar[bool] = True
    depends_on_time: ClassVar[bool] = False

    @abstractmethod
    def fit(self, data: TrainingData, *, config: Mapping[str, str], objective: Objective | None, seed: int) -> Model:
        """Fit a model to training data.

        Args:
            data: The training data.
            config: The algorithmHyperParameters and featureTransformationParameters of the solution, as strings by
                name. Missing parameters have the service's defaults; unknown parameters are ignored.
            objective: The optimization objective, or None.
            seed: Seed of all random numbers. The same arguments always give the same model.

        Raises:
            TrainingFailed: The data does not meet the requirements of the recipe.
        """

    def with_objective(
        self, model: Model, data: TrainingData, *, config: Mapping[str, str], objective: Objective
    ) -> Model:
        """Return the model with an objective, as if it had been fitted with the objective.

        By default the given model is returned unchanged, because most recipes have no objective.

        Args:
            model: A model that this recipe has fitted with `objective=None`. It is not modified.
            data: The training data of the model.
            config: The configuration with which the model was fitted.
            objective: The optimization objective.
        """
        del data, config, objective
        return model

    def for_trials(self) -> "Recipe":
        """Return a recipe for trials, which are fits to the same data with different hyperparameters.

        Its fits may share intermediate results, and its models may be slower. By default this recipe itself is
        returned.
        """
        return self

    def completed(self, model: Model, data: TrainingData) -> Model:
        """Return the model with the interactions that were held out for the evaluation, without fitting it again.

        By default the given model is returned unchanged, because a query usually contains the complete history of its
        user.

        Args:
            model: A model that this recipe has fitted to `data` without the held-out interactions.
            data: The complete data, with the same user and item indices.
        """
        del data
        return model

    def updated(self, model: Model, data: TrainingData, *, objective: Objective | None) -> Model:
        """Return the model with new items and interactions, without fitting it again.

        By default the given model is returned unchanged, because most recipes have no incremental updates.

        Args:
            model: A model that this recipe has fitted.
            data: The current data. Ids from the training keep their indices, and new ids get the indices after them.
            objective: The optimization objective for the items of `data`, or None.
        """
        del data, objective
        return model


class TrainingFailed(Exception):  # noqa: N818  # an outcome of the service, not an error of the program
    """Raised when no model can be fitted to the data. The message becomes the failureReason of the solution version."""

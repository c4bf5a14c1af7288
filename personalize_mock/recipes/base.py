"""What every recipe and every model can do."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.action_interactions import NOTHING_DONE, ActionHistory
from personalize_mock.data.id_map import UNKNOWN
from personalize_mock.data.interaction_matrix import InteractionMatrix
from personalize_mock.data.metadata import Metadata
from personalize_mock.data.tables import Table
from personalize_mock.recipes.objective import Objective

NO_ITEM = -1
NOBODY: NDArray[np.int32] = np.empty(0, dtype=np.int32)

Answers = Literal["items", "users", "actions"]
Evaluation = Literal["items", "related", "texts", "trends", "segments", "actions"]
Candidates = NDArray[np.bool_] | NDArray[np.int32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrainingData:
    """What a recipe may learn from.

    Attributes:
        interactions: The interactions, without held-out ones; `events.row` leads into `interactions`.
        interactions_table: The Interactions dataset; columns that must not be used for training are left out.
        items: The Items dataset in the order of `events.items`, None if the group has none.
        users: The Users dataset in the order of `events.users`, None if the group has none.
        actions: The Actions dataset, None if the group has none.
        action_interactions: The Action_Interactions dataset, None if the group has none.
        held_out: bool[rows], which action interactions are not learnt from, although they count where the service asks
            for so many; None if none.
        now: When training began, epoch seconds.
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
    """How much a campaign explores.

    Attributes:
        weight: From 0 (none) to 1.
        age_cut_off: Items older than this many days, counted back from the newest event, are not explored.
        seed: Of the noise; another request, another seed.
    """

    weight: float
    age_cut_off: float
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Query:
    """One request, in codes.

    Attributes:
        history: Item codes of the user's events, oldest first; empty for unknown users. Items that the model
            does not know (-1, or without an event in training) are passed over.
        user: The user's code in the training events, -1 if unknown.
        item: The item that is asked about, -1 if unknown; of related items and of segments.
        context: Contextual metadata, by the names of the Interactions schema.
        attributes: Pairs of a column of Items and a value that all must hold; of segments.
        exploration: None explores nothing.
        influence: A campaign's rankingInfluence, POPULARITY and FRESHNESS from 0 to 1; of semantic similarity.
        now: The instant of the request, epoch seconds.
        action_history: All that the user did with actions, imported or put since; of models that answer with actions.
        traits: What Users said of the user at the training, by its columns; read where the history is empty. Without
            it, what is known of `user` counts.
    """

    history: NDArray[np.int32] = field(default_factory=lambda: NOBODY)
    user: int = UNKNOWN
    item: int = UNKNOWN
    context: Mapping[str, str] = field(default_factory=dict)
    attributes: Sequence[tuple[str, str]] = ()
    exploration: Exploration | None = None
    influence: Mapping[str, float] = field(default_factory=dict)
    now: float = 0.0
    action_history: ActionHistory = NOTHING_DONE
    traits: Mapping[str, str | float | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ranking:
    """What a model answers.

    Attributes:
        indices: int32[k], codes of items (or of users or actions, see `Model.answers`), best first.
        scores: float64[k], NaN where an entry has none; None where the recipe has no scores. Scores of items
            are a softmax over everything that was eligible, so that they sum to at most 1.
        reasons: For each entry why it is there where the model would not normally recommend it, else None; None
            where the recipe gives no reasons.
    """

    indices: NDArray[np.int32]
    scores: NDArray[np.float64] | None = None
    reasons: Sequence[str | None] | None = None


class Model(ABC):
    """A trained recipe; its answers depend on the query alone.

    Attributes:
        answers: What the codes of its rankings stand for.
        personal: Whether the history makes a difference.
        related: Whether the item of the query makes a difference.
        scored: Whether rankings carry scores.
        explores: Whether the exploration of the query makes a difference.
    """

    answers: ClassVar[Answers] = "items"
    personal: ClassVar[bool] = False
    related: ClassVar[bool] = False
    scored: ClassVar[bool] = False

    @property
    def explores(self) -> bool:
        """See the class."""
        return False

    @abstractmethod
    def rank(self, query: Query, *, n: int, candidates: Candidates | None = None) -> Ranking:
        """The best for one query.

        Args:
            query: What is asked.
            n: How many at most.
            candidates: What may be recommended: bool[all], or ascending int32 codes; all if None.

        Returns:
            At most `n`, fewer where fewer are eligible or known to the model; never the item of the query.
        """

    def rank_each(self, queries: Sequence[Query], *, n: int, candidates: Sequence[Candidates | None]) -> list[Ranking]:
        """What `rank` answers to each of some queries, each with what is eligible for it.

        Models that compute them together may differ from `rank` by a rounding.
        """
        return [self.rank(query, n=n, candidates=passing) for query, passing in zip(queries, candidates, strict=True)]


class Recipe(ABC):
    """A way to make a model of data.

    Attributes:
        evaluation: Which split and metrics tell how good its models are.
        needs_events: Whether the minima of events and users hold; a recipe that learns from text alone has none.
    """

    evaluation: ClassVar[Evaluation] = "items"
    needs_events: ClassVar[bool] = True

    @abstractmethod
    def fit(self, data: TrainingData, *, config: Mapping[str, str], objective: Objective | None, seed: int) -> Model:
        """Train.

        Args:
            data: What to learn from.
            config: algorithmHyperParameters and featureTransformationParameters as on the wire; what is
                absent has the service's default, what the recipe does not know is ignored.
            objective: What to favour besides relevance.
            seed: The only source of randomness. Same data, config, objective and seed, same model.

        Raises:
            Untrainable: the data lack what the recipe needs; the text is the service's.
        """

    def updated(self, model: Model, data: TrainingData, *, objective: Objective | None = None) -> Model:
        """The model with the items and events that came since, without a new fit.

        The codes of what it knew stay: ids of `data` begin with those of the training; `objective` has those of
        `data`. Recipes that cannot give back what they got.
        """
        del data, objective
        return model


class TrainingFailed(Exception):  # noqa: N818  # an outcome of the service, not a fault of the program
    """The data cannot be trained on; the text becomes the failureReason."""

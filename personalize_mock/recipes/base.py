"""What every recipe and every model can do."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.matrix import Events
from personalize_mock.recipes.objective import Objective

NO_ITEM = -1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ranking:
    """Recommended items.

    Attributes:
        items: int32[k], item codes, best first.
        scores: float64[k], softmax over everything that was eligible, so that they sum to at most 1; None
            where the recipe has no scores.
    """

    items: NDArray[np.int32]
    scores: NDArray[np.float64] | None


class Model(ABC):
    """A trained recipe; it never changes.

    Attributes:
        personal: Whether the history makes a difference.
        scored: Whether rankings carry scores.
    """

    personal: ClassVar[bool]
    scored: ClassVar[bool]

    @abstractmethod
    def rank(self, history: NDArray[np.int32], *, n: int, eligible: NDArray[np.bool_] | None = None) -> Ranking:
        """The best items for one user.

        Args:
            history: Item codes, oldest first; empty for unknown users. Items that the model does not know
                (-1, or without an interaction in training) are passed over.
            n: How many items at most.
            eligible: bool[len(items)], which items may be recommended; all if None.

        Returns:
            At most `n` items, fewer where fewer are eligible; only items with an interaction in training.
        """

    @abstractmethod
    def rank_many(self, histories: Sequence[NDArray[np.int32]], *, n: int) -> NDArray[np.int32]:
        """The best items for many users: int32[len(histories), n] item codes, padded with -1."""


class Recipe(ABC):
    """A way to make a model of events."""

    @abstractmethod
    def fit(self, events: Events, *, config: Mapping[str, str], objective: Objective | None, seed: int) -> Model:
        """Train.

        Args:
            events: The interactions, without held-out ones.
            config: algorithmHyperParameters and featureTransformationParameters as on the wire; what is
                absent has the service's default, what the recipe does not know is ignored.
            objective: What to favour besides relevance.
            seed: The only source of randomness. Same events, config, objective and seed, same model.
        """

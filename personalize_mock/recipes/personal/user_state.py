"""States of users: the numbers computed from the histories of users before items are ranked."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import repeat

import numpy as np
from numpy.typing import NDArray

from personalize_mock.recipes.numerics.top_k import positions


def _no_positions() -> NDArray[np.int32]:
    return np.empty(0, dtype=np.int32)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class UserState:
    """Data from which the relevance of items for a user is computed. The defaults are for users without history.

    Only warm items are included, that is, items with an interaction in the training data. The position of an item is
    its index in the array of all warm items, `RelevanceModel.warm_items`.

    Attributes:
        seen: int32[n_seen], the positions of the items in the history, ascending, without duplicates.
        vector: float32[n_factors], the user vector. None for a user without history.
        followers: int32[k], the positions of items that association rules make more relevant. An item occurs once for
            each rule that applies to it.
        follower_scores: float32[k], the amount added to the relevance at each of these positions.
        relevance: float32[n_warm], the relevance of all warm items. None if it is to be computed on demand.
        shared: Whether the state is used for several queries, so that `relevance` must be copied before it is changed.
        seen_relevance: float32[n_seen], the relevance of the seen items as learnt from repeated interactions. None if
            the training data has too few repeats.
    """

    seen: NDArray[np.int32] = field(default_factory=_no_positions)
    vector: NDArray[np.float32] | None = None
    followers: NDArray[np.int32] = field(default_factory=_no_positions)
    follower_scores: NDArray[np.float32] = field(default_factory=lambda: np.empty(0, dtype=np.float32))
    relevance: NDArray[np.float32] | None = None
    shared: bool = True
    seen_relevance: NDArray[np.float32] | None = None

    def seen_among(self, subset: NDArray[np.integer] | None) -> NDArray[np.integer]:
        """Return which candidates are in the user's history, as ascending indices into `subset`.

        Args:
            subset: int[n_candidates], the candidates as positions in the array of warm items, ascending. None if all
                warm items are candidates.
        """
        if subset is None:
            return self.seen
        places = positions(self.seen, among=subset)
        return places[places >= 0]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class UserStates:
    """States of several users, computed together. `UserState` explains the attributes of the same name.

    Attributes:
        seen: The seen items of each user. Users without a history have none.
        vectors: float32[n_users, n_factors], the user vector of each user.
        rules: The `followers` and `follower_scores` of each user.
        relevance: float32[n_users, n_warm], the relevance of all warm items for each user, before seen items get their
            `seen_relevance`. None if it is to be computed on demand.
        seen_relevance: The relevance of each user's seen items as learnt from repeated interactions. None if the
            training data has too few repeats.
        uses: For each user, the number of consecutive queries that have the user's history.
    """

    seen: Sequence[NDArray[np.int32]]
    vectors: NDArray[np.float32]
    rules: Sequence[tuple[NDArray[np.int32], NDArray[np.float32]]]
    relevance: NDArray[np.float32] | None = None
    seen_relevance: Sequence[NDArray[np.float32]] | None = None
    uses: Sequence[int]

    def vector(self, user: int) -> NDArray[np.float32] | None:
        """Return a user's vector, or None if the user has no history."""
        return self.vectors[user] if len(self.seen[user]) else None

    def state(self, user: int) -> UserState:
        """Return the state of one of the users."""
        if not len(self.seen[user]):
            return UserState()
        followers, scores = self.rules[user]
        return UserState(
            seen=self.seen[user],
            vector=self.vectors[user],
            followers=followers,
            follower_scores=scores,
            relevance=None if self.relevance is None else self.relevance[user],
            shared=self.uses[user] > 1,
            seen_relevance=None if self.seen_relevance is None else self.seen_relevance[user],
        )

    def split(self, size: int) -> Iterator["UserStates"]:
        """Divide the states into blocks of at most `size` queries, with one state for each query.

        The caller may modify the relevance in a block. This does not change the relevance in other blocks.
        """
        users = np.arange(len(self.uses)).repeat(self.uses)
        for start in range(0, len(users), size):
            yield self._select(users[start : start + size])

    def _select(self, users: NDArray[np.int64]) -> "UserStates":
        """Return the states of some consecutive users. A user occurs once for each query."""
        indices = users.tolist()
        rows = slice(indices[0], indices[-1] + 1)
        is_shared = any(uses > 1 for uses in self.uses[rows])
        return UserStates(
            seen=[self.seen[user] for user in indices],
            vectors=self.vectors[users],
            rules=[self.rules[user] for user in indices],
            relevance=None if self.relevance is None else self.relevance[users if is_shared else rows],
            seen_relevance=None if self.seen_relevance is None else [self.seen_relevance[user] for user in indices],
            uses=[1] * len(indices),
        )

    def placed_relevance(self) -> NDArray[np.float32]:
        """Write the relevance of seen items (`seen_relevance`) into `relevance`, in place, and return `relevance`."""
        assert self.relevance is not None  # noqa: S101  # the caller has asked for it
        if self.seen_relevance is not None:
            self.relevance.put(self.seen_cells(), np.concatenate(self.seen_relevance))
        return self.relevance

    def seen_cells(self) -> NDArray[np.int64]:
        """Return the positions of all seen items in `relevance`, as indices into the flattened array."""
        assert self.relevance is not None  # noqa: S101  # the caller has asked for it
        rows = np.arange(len(self.seen)).repeat([len(seen) for seen in self.seen])
        return np.asarray(rows * self.relevance.shape[1] + np.concatenate(self.seen))


def states_of_queries(blocks: Iterable[UserStates]) -> Iterator[UserState]:
    """Yield a state for each query, in order, from blocks of users.

    A user with several consecutive queries (`UserStates.uses`) gives several equal states.
    """
    for block in blocks:
        for user, uses in enumerate(block.uses):
            yield from repeat(block.state(user), uses)

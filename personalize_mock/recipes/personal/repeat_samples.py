"""Training examples from which the mock learns how likely users are to return to which of their items.

An example is an interaction together with the user's history before it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.interaction_matrix import InteractionMatrix

SAMPLES = 6000
NEWEST = 10  # number of a user's newest interactions to learn from
ROWS = 100_000  # largest number of seen items in all choices together; more hardly change the coefficients
NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RepeatChoices:
    """Seen items from which users chose one to repeat. The seen items of one choice are consecutive.

    Attributes:
        age: int64[n], for each seen item the number of distinct items that occurred after it.
        count: int64[n], how often each seen item occurs in the history.
        starts: int64[n_choices], the first seen item of each choice.
        chosen: int64[n_choices], the index of the seen item that was repeated.
    """

    age: NDArray[np.int64]
    count: NDArray[np.int64]
    starts: NDArray[np.int64]
    chosen: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RepeatSamples:
    """All interactions of some users, of which the newest ones of each user are training examples (samples).

    A sample shows whether a user returned to an item of the history (a repeat) or chose a new item. A user's first
    interaction is not a sample, because it cannot be a repeat. Indices of interactions are positions in the arrays of
    length n, which are sorted by user, then by time.

    Attributes:
        first: int64[n], the index of the first interaction of the same user.
        occurrence: int64[n], how often the user has interacted with the item so far, this time included.
        following: int64[n], the index of the user's next interaction with the same item. `NEVER` if there is none.
        distinct: int64[n], the number of distinct items with which the user interacted before this interaction.
        samples: int64[m], the indices of the samples, ascending.
    """

    first: NDArray[np.int64]
    occurrence: NDArray[np.int64]
    following: NDArray[np.int64]
    distinct: NDArray[np.int64]
    samples: NDArray[np.int64]

    @classmethod
    def from_interactions(cls, interactions: InteractionMatrix) -> "RepeatSamples":
        """Choose users that are evenly spaced by index, and use the newest ten interactions of each as samples."""
        lengths = interactions.lengths()
        users = np.flatnonzero(lengths >= 2)  # noqa: PLR2004  a history and the next item
        available = int(np.minimum(lengths[users] - 1, NEWEST).sum())
        users = users[:: max(1, -(-available // SAMPLES))]
        lengths, starts = lengths[users], np.cumsum(lengths[users]) - lengths[users]
        first = np.repeat(starts, lengths)
        place = np.arange(len(first)) - first
        item = interactions.item[np.repeat(interactions.indptr[users], lengths) + place]
        occurrence, following = _occurrences(first, item)
        before = np.cumsum(occurrence == 1) - (occurrence == 1)
        return cls(
            first=first,
            occurrence=occurrence,
            following=following,
            distinct=before - before[first],
            samples=np.flatnonzero(place >= np.repeat(np.maximum(1, lengths - NEWEST), lengths)),
        )

    @property
    def is_new(self) -> NDArray[np.bool_]:
        """Whether each sample is the user's first interaction with the item, bool[m]."""
        return np.asarray(self.occurrence[self.samples] == 1)

    def choices(self) -> RepeatChoices:
        """Return the choices of users who returned to a seen item: all items that they had seen, and the chosen one.

        Samples in which the user chose a new item are left out.
        """
        repeated = self.samples[~self.is_new]
        repeated = repeated[:: max(1, -(-int(self.distinct[repeated].sum()) // ROWS))]
        choice, seen = self._last_occurrences(repeated)
        stops = np.cumsum(np.bincount(choice, minlength=len(repeated)))
        return RepeatChoices(
            age=stops[choice] - 1 - np.arange(len(choice)),
            count=self.occurrence[seen],
            starts=np.concatenate(([0], stops[:-1])),
            chosen=np.flatnonzero(self.following[seen] == repeated[choice]),
        )

    def _last_occurrences(self, interactions: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Find the last occurrence of each seen item in the histories before some interactions.

        Args:
            interactions: int64[k], the indices of the interactions, ascending.

        Returns:
            Two arrays with an entry for each seen item of each history, in the order of the histories: the index in
            `interactions` of the interaction that comes after the history, and the index of the interaction in which
            the item occurs last.
        """
        # If the item occurs again before the first sample of the user, this is not its last occurrence in any history.
        earliest = self.samples[np.searchsorted(self.samples, self.first)]
        possible = np.flatnonzero(self.following >= earliest)
        begin = np.searchsorted(possible, self.first[interactions])
        lengths = np.searchsorted(possible, interactions) - begin
        owner = np.repeat(np.arange(len(interactions)), lengths)
        seen = possible[np.arange(len(owner)) + (begin + lengths - np.cumsum(lengths))[owner]]
        last = self.following[seen] >= interactions[owner]
        return owner[last], seen[last]


def _occurrences(first: NDArray[np.int64], item: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Count a user's interactions with the same item so far, and find the next one, for each interaction.

    Args:
        first: int64[n], the index of the first interaction of the same user.
        item: int32[n], the item of each interaction.

    Returns:
        Two arrays, int64[n]: the number of interactions with the item up to and including this one, and the index of
        the next interaction with it, or `NEVER`.
    """
    pair = first * (1 + int(item.max(initial=0))) + item
    order = pair.argsort(kind="stable")
    is_first = np.ones(len(order), dtype=bool)
    is_first[1:] = np.diff(pair[order]) > 0
    start = np.flatnonzero(is_first)
    occurrence, following = np.empty(len(order), dtype=np.int64), np.full(len(order), NEVER)
    occurrence[order] = 1 + np.arange(len(order)) - np.repeat(start, np.diff(np.append(start, len(order))))
    following[order[:-1][~is_first[1:]]] = order[1:][~is_first[1:]]
    return occurrence, following

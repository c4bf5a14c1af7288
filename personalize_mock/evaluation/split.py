"""Test users and their held-out events (reference: metrics, "Test split")."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from personalize_mock.data.interaction_matrix import InteractionMatrix

TEST_USERS = 0.1
HELD_OUT = 0.1
SHORTEST = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Events to train on, and what some users did afterwards.

    Attributes:
        train: All events but the held-out ones; users, items and their numbers are those of the whole.
        users: int32[m], codes of the test users, ascending.
        relevant: For each test user the codes of the held-out items, each once.
        weights: For each test user what these items count (the most of their events), None if all count 1.
    """

    train: InteractionMatrix
    users: NDArray[np.int32]
    relevant: list[NDArray[np.int32]]
    weights: list[NDArray[np.float64]] | None = None


def split(events: InteractionMatrix, *, seed: int) -> Split:
    """Hold out the newest 10 % of the events (at least one) of 10 % of the users.

    Only users with two events or more can be test users: one event to start from, one to predict. There is at
    least one test user if any user can be one. The same seed and events give the same split.
    """
    lengths = events.lengths()
    users = _test_users(np.flatnonzero(lengths >= SHORTEST), seed=seed)
    stops = events.indptr[users + 1]
    starts = stops - np.maximum(1, np.rint(HELD_OUT * lengths[users]).astype(np.int64))
    held_out = np.zeros(len(events), dtype=bool)
    relevant = []
    for start, stop in zip(starts.tolist(), stops.tolist(), strict=True):
        held_out[start:stop] = True
        relevant.append(np.unique(events.item[start:stop]))
    weights = None
    if events.weight is not None:
        spans = zip(starts.tolist(), stops.tolist(), relevant, strict=True)
        weights = [_most(events, slice(start, stop), items) for start, stop, items in spans]
    return Split(train=events.select(~held_out), users=users, relevant=relevant, weights=weights)


def _most(events: InteractionMatrix, span: slice, items: NDArray[np.int32]) -> NDArray[np.float64]:
    """The greatest weight of the events of each of `items`, which are ascending, within a span."""
    assert events.weight is not None  # noqa: S101  # only weighted events get here
    most = np.zeros(len(items))
    np.maximum.at(most, np.searchsorted(items, events.item[span]), events.weight[span])
    return most


def _test_users(able: NDArray[np.int64], *, seed: int) -> NDArray[np.int32]:
    count = min(len(able), max(1, round(TEST_USERS * len(able))))
    chosen = np.random.default_rng(seed).choice(able, size=count, replace=False)
    return np.sort(chosen).astype(np.int32)

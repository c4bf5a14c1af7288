"""Plain models that ours are compared with, as scores of items for users and for items."""

import warnings
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from implicit.nearest_neighbours import BM25Recommender
from scipy import sparse
from threadpoolctl import threadpool_limits

from personalize_mock.data.interaction_matrix import InteractionMatrix

FACTORS = 64
STEPS = 5  # newest interactions that the successor rules read
COUNT = 25
SMOOTHING = 10  # interactions of an average user that are added to those of each user


@dataclass(frozen=True, kw_only=True)
class Baselines:
    """Baselines of one training set."""

    train: InteractionMatrix

    @cached_property
    def counts(self) -> sparse.csr_matrix:
        """The counts of interactions, users x items."""
        return self.train.csr()

    @cached_property
    def indicators(self) -> sparse.csr_matrix:
        """1 where a user interacted with an item."""
        return (self.counts > 0).astype(np.float32).tocsr()

    @cached_property
    def users_per_item(self) -> np.ndarray:
        """The popularity of each item."""
        return self.indicators.getnnz(axis=0).astype(float)

    @cached_property
    def co_counts(self) -> sparse.csr_matrix:
        """The users that two items share; 0 for an item with itself."""
        common = (self.indicators.T @ self.indicators).tolil()
        common.setdiag(0)
        return common.tocsr()

    @cached_property
    def jaccard(self) -> sparse.csr_matrix:
        """The shared users of two items divided by the users of either."""
        common = self.co_counts.tocoo()
        either = self.users_per_item[common.row] + self.users_per_item[common.col] - common.data
        return sparse.csr_matrix((common.data / either, (common.row, common.col)), shape=common.shape)

    @cached_property
    def bm25(self) -> sparse.csr_matrix:
        """The similarity of items by implicit's BM25Recommender with its default values."""
        model = BM25Recommender(num_threads=1)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # implicit warns about its own conversion of a sparse matrix
            model.fit(self.counts, show_progress=False)
        return model.similarity.tocsr()

    @cached_property
    def successors(self) -> sparse.csr_matrix:
        """The share of the interactions after an item that are with another item."""
        item, same = self.train.item, self.train.user[1:] == self.train.user[:-1]
        shape = (len(self.train.items),) * 2
        pairs = sparse.csr_matrix((np.ones(same.sum()), (item[:-1][same], item[1:][same])), shape=shape)
        total = np.maximum(1, np.asarray(pairs.sum(axis=1)).ravel())
        return (sparse.diags(1 / total) @ pairs).tocsr()

    @cached_property
    def als(self) -> AlternatingLeastSquares:
        """Implicit's default ALS."""
        with threadpool_limits(1, "blas"):
            als = AlternatingLeastSquares(factors=FACTORS, dtype=np.float64, random_state=0, num_threads=1)
            als.fit(self.indicators, show_progress=False)
        return als

    def for_users(self, users: np.ndarray) -> dict[str, np.ndarray]:
        """Return scores of all items for some users, by the name of the baseline."""
        rows = self.indicators[users]
        return {
            "popularity": np.tile(self.users_per_item, (len(users), 1)),
            "default ALS": self.als.user_factors[users] @ self.als.item_factors.T,
            "co-counts": (rows @ self.co_counts).toarray(),
            "BM25": (self.counts[users] @ self.bm25).toarray(),
            "successors": np.stack([self._after(self.train.history(user)) for user in users]),
            "newest first": np.stack([self._newest_first(self.train.history(user)) for user in users]),
        }

    def for_items(self, items: np.ndarray) -> dict[str, np.ndarray]:
        """Return scores of all items for some items, by the name of the baseline."""
        factors = self.als.item_factors / np.maximum(1e-9, np.linalg.norm(self.als.item_factors, axis=1, keepdims=True))
        return {
            "popularity": np.tile(self.users_per_item, (len(items), 1)),
            "default ALS": factors[items] @ factors.T,
            "co-counts": self.co_counts[items].toarray(),
            "Jaccard": self.jaccard[items].toarray(),
            "BM25": self.bm25[items].toarray(),
            "successors": self.successors[items].toarray(),
        }

    def users_for_items(self, items: np.ndarray) -> dict[str, np.ndarray]:
        """Return scores of all users for some items, by the name of the baseline."""
        active = np.asarray(self.counts.sum(axis=1)).ravel()
        return {
            "most active users": np.tile(active, (len(items), 1)),
            "default ALS": self.als.item_factors[items] @ self.als.user_factors.T,
            "co-counts": (self.indicators @ self.co_counts[:, items]).T.toarray(),
            "BM25": (self.counts @ self.bm25[:, items]).T.toarray(),
        }

    def users_for_attributes(self, masks: np.ndarray) -> dict[str, np.ndarray]:
        """Return scores of all users for some attributes, by the name of the baseline.

        Args:
            masks: bool[attributes, items], the items that have each attribute.
        """
        total = np.asarray(self.counts.sum(axis=1)).ravel()
        own = masks.astype(float) @ self.counts.T
        usual = own.sum(axis=1, keepdims=True) / total.sum()
        means = (masks / np.maximum(1, masks.sum(axis=1, keepdims=True))) @ self.als.item_factors
        return {
            "most active users": np.tile(total, (len(masks), 1)),
            "interactions": own,
            "smoothed share": (own + SMOOTHING * usual) / (total + SMOOTHING),
            "default ALS": means @ self.als.user_factors.T,
        }

    def _after(self, history: np.ndarray) -> np.ndarray:
        """Return the scores of the successors of the newest items."""
        newest = history[::-1][:STEPS]
        weights = 1 / (1 + np.arange(len(newest)))
        scores = np.asarray(weights @ self.successors[newest]).ravel()
        return scores + 1e-9 * self.users_per_item

    def _newest_first(self, history: np.ndarray) -> np.ndarray:
        """Return scores that rank the newest item of a history first, then popular items."""
        scores = self.users_per_item / (1 + len(self.train))
        scores[history] = np.arange(1, len(history) + 1)  # of repeated items, the newest counts
        return scores


def best(scores: np.ndarray, *, without: list[np.ndarray] | None = None, warm: np.ndarray) -> np.ndarray:
    """Return the 25 best items of each row.

    Args:
        scores: Shape (rows, items).
        without: Items to leave out of each row; None leaves out none.
        warm: The mask of the items with interactions; no others are returned.
    """
    scores = np.array(scores, dtype=float)
    scores[:, ~warm] = -np.inf
    for row, items in zip(scores, without or [], strict=False):
        row[items] = -np.inf
    return np.argsort(-scores, axis=1, kind="stable")[:, :COUNT]

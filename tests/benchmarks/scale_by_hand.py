"""The by-hand side of the benchmark of large data sets: csv, numpy, scipy and implicit, without personalize_mock."""

import csv
import io
from array import array
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
from scale_data import FILTERED_GENRE, PRICE_LIMIT, Size
from scipy import sparse
from threadpoolctl import threadpool_limits

FACTORS, REGULARIZATION, ALPHA, ITERATIONS, CG_STEPS = 149, 20.0, 5.0, 7, 2  # as in the recipe
WINDOW, DECAY, POWER, FOLLOWERS, NEWEST, RECENCY = 10, 0.9, 0.35, 200, 10, 0.85  # of the association rules
COUNT = 25
BLOCK = 32  # users

Stage = Callable[[str], AbstractContextManager[None]]


def run(folder: Path, size: Size, stage: Stage) -> None:
    """Read the files, fit, evaluate and recommend."""
    import boto3
    from implicit.cpu.als import AlternatingLeastSquares  # noqa: F401  not part of any stage
    from moto import mock_aws

    with mock_aws(), threadpool_limits(1, "blas"):
        s3 = boto3.client("s3", region_name="us-east-1")
        put_files(s3, folder, size)
        with stage("import"):
            users, items, user, item, times = read_interactions(download(s3, "interactions"))
            excluded = read_excluded(download(s3, "items"), items) if size.has_items else None
        with stage("training, metrics"):
            order = np.lexsort((item, times, user))
            user, item = user[order], item[order]
            del order, times
            model = Model(user, item, len(users), len(items))
            model.metrics()
        with stage("recommendations"):
            for user_id in size.asking():
                model.recommend(np.array([users.get(user_id, 0)]), excluded)


def put_files(s3, folder: Path, size: Size) -> None:
    """Put the files of a data set into S3."""
    s3.create_bucket(Bucket="a-bucket")
    for name in size.datasets:
        s3.put_object(Bucket="a-bucket", Key=f"{name}.csv", Body=(folder / f"{name}.csv").read_bytes())


def download(s3, name: str) -> bytes:
    return s3.get_object(Bucket="a-bucket", Key=f"{name}.csv")["Body"].read()


def _rows(content: bytes):
    rows = csv.reader(io.TextIOWrapper(io.BytesIO(content), encoding="utf-8", newline=""))
    next(rows)
    return rows


def read_interactions(content: bytes):
    """Return the ids by index, and the columns as arrays."""
    users: dict[str, int] = {}
    items: dict[str, int] = {}
    user, item, times = array("i"), array("i"), array("q")
    for user_id, item_id, timestamp in _rows(content):
        user.append(users.setdefault(user_id, len(users)))
        item.append(items.setdefault(item_id, len(items)))
        times.append(int(timestamp))
    columns = (np.frombuffer(column, dtype=column.typecode) for column in (user, item, times))
    return users, items, *columns


def read_excluded(content: bytes, items: dict[str, int]) -> np.ndarray:
    """Add the ids of the items without interactions, and return the mask of the items that the filter excludes."""
    index, wanted = array("i"), array("b")
    for item_id, _, _, genres, price, year, created in _rows(content):
        index.append(items.setdefault(item_id, len(items)))
        wanted.append(FILTERED_GENRE in genres.split("|") and float(price) < PRICE_LIMIT)
        int(year), int(created)
    excluded = np.ones(len(items), dtype=bool)
    excluded[np.frombuffer(index, dtype=np.int32)] = np.frombuffer(wanted, dtype=np.int8) == 0
    return excluded


class Model:
    """Factors and association rules, fitted without the held-out interactions."""

    def __init__(self, user: np.ndarray, item: np.ndarray, users: int, items: int) -> None:
        from implicit.cpu.als import AlternatingLeastSquares

        lengths = np.bincount(user, minlength=users)
        stops = np.cumsum(lengths)
        rng = np.random.default_rng(0)
        self.test_users = np.sort(rng.choice(users, max(1, users // 10), replace=False))
        held_out = np.zeros(len(user), dtype=bool)
        self.relevant = []
        for index in self.test_users[lengths[self.test_users] > 1]:
            start = stops[index] - max(1, round(0.1 * lengths[index]))
            held_out[start : stops[index]] = True
            self.relevant.append(item[start : stops[index]])
        self.test_users = self.test_users[lengths[self.test_users] > 1]
        user, item = user[~held_out], item[~held_out]
        self.item, self.stops = item, np.concatenate(([0], np.cumsum(np.bincount(user, minlength=users))))
        matrix = sparse.csr_matrix((np.ones(len(user)), (user, item)), shape=(users, items))
        self.als = AlternatingLeastSquares(
            factors=FACTORS, regularization=REGULARIZATION, alpha=ALPHA, iterations=ITERATIONS, dtype=np.float64
        )
        self.als.cg_steps = CG_STEPS
        self.als.fit(matrix, show_progress=False)
        factors = self.als.item_factors, self.als.user_factors
        self.item_factors, self.user_factors = (part.astype(np.float32) for part in factors)
        del self.als
        self.user_factors /= (self.item_factors @ self.user_factors[:100].T).std()
        self.rules = rules(user, item, items)

    def metrics(self) -> dict[str, float]:
        """Return NDCG, precision, reciprocal rank and coverage for the test users."""
        starts = range(0, len(self.test_users), BLOCK)
        lists = np.concatenate([self.recommend(self.test_users[start : start + BLOCK]) for start in starts])
        hits = np.stack([np.isin(row, relevant) for row, relevant in zip(lists, self.relevant, strict=True)])
        discounts = 1 / np.log2(2 + np.arange(COUNT))
        counts = np.minimum(COUNT, [len(relevant) for relevant in self.relevant])
        first = np.where(hits.any(axis=1), 1 / (1 + hits.argmax(axis=1)), 0)
        return {
            "ndcg": float((hits @ discounts / np.cumsum(discounts)[counts - 1]).mean()),
            "precision": float(hits.mean()),
            "reciprocal rank": float(first.mean()),
            "coverage": len(np.unique(lists)) / len(self.item_factors),
        }

    def recommend(self, users: np.ndarray, excluded: np.ndarray | None = None) -> np.ndarray:
        """Return the 25 best unseen items for each user, without the excluded ones."""
        scores = self.user_factors[users] @ self.item_factors.T
        for row, user in zip(scores, users, strict=True):
            history = self.item[self.stops[user] : self.stops[user + 1]]
            for age, item in enumerate(history[: -NEWEST - 1 : -1]):
                followers = slice(self.rules.indptr[item], self.rules.indptr[item + 1])
                row[self.rules.indices[followers]] += RECENCY**age * self.rules.data[followers]
            row[history] = -np.inf
            if excluded is not None:
                row[excluded] = -np.inf
        best = np.argpartition(scores, -COUNT, axis=1)[:, -COUNT:]
        order = np.argsort(-np.take_along_axis(scores, best, 1), axis=1)
        return np.take_along_axis(best, order, 1)


def rules(user: np.ndarray, item: np.ndarray, items: int) -> sparse.csr_matrix:
    """Count which items follow each other within ten steps, and keep the 200 best followers of each item."""
    pairs = sparse.csr_matrix((items, items), dtype=np.float32)
    for lag in range(1, WINDOW + 1):
        same = user[:-lag] == user[lag:]
        steps = np.full(np.count_nonzero(same), DECAY ** (lag - 1), dtype=np.float32)
        pairs = pairs + sparse.csr_matrix((steps, (item[:-lag][same], item[lag:][same])), shape=pairs.shape)
    discount = 1 / np.maximum(1, np.bincount(item, minlength=items)) ** POWER
    pairs.data *= discount[pairs.indices].astype(np.float32)
    indptr, indices, data = [0], [], []
    for start, stop in zip(pairs.indptr[:-1], pairs.indptr[1:], strict=True):
        best = np.argsort(-pairs.data[start:stop])[:FOLLOWERS]
        indices.append(pairs.indices[start:stop][best])
        data.append(pairs.data[start:stop][best])
        indptr.append(indptr[-1] + len(best))
    return sparse.csr_matrix((np.concatenate(data), np.concatenate(indices), indptr), shape=pairs.shape)

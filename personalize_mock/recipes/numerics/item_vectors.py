"""Items as vectors of their metadata: categories, places among the numbers, words of texts.

Each column makes a vector of length 1, or 0 where the value is missing; they are put side by side, so that the
cosine of two items is the mean of the columns' cosines, and then projected onto the directions in which the items
differ most: a truncated singular value decomposition, by random projection (Halko, Martinsson, Tropp: "Finding
Structure with Randomness", 2011, algorithm 4.4, on the side of the features).
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from personalize_mock.data.avro import SchemaField
from personalize_mock.data.metadata import Metadata
from personalize_mock.recipes.numerics.tf_idf import unit, vocabulary

Vectors = NDArray[np.float32]

STEPS = 8  # a number is the nearer two of so many, which cut the catalogue into equal parts
NUMBER_WEIGHT = 0.5  # of a column of numbers, beside 1 of the others
OVERSAMPLING = 10
POWERS = 4
NOT_NUMBERS = frozenset(("string", "boolean"))


def features_of(items: Metadata) -> sparse.csr_matrix | None:
    """The columns side by side, float64[items, features], None if no column can be used.

    Strings that are neither categorical nor textual and booleans are never used (reference: datasets).
    """
    blocks = [block for field in items.fields if field.name in items.table for block in _blocks(items, field)]
    blocks = [block for block in blocks if block.nnz]
    return sparse.hstack(blocks).tocsr() if blocks else None


def projected(features: sparse.csr_matrix, *, dimensions: int, seed: int) -> Vectors:
    """The first `dimensions` principal directions, float32[items, at most dimensions], rows of length 1 or 0.

    All of the features if there are no more than `dimensions`, or too few items to tell directions apart.
    """
    if dimensions >= min(features.shape):
        return unit_rows(features.toarray())
    shape = features.shape[1], min(dimensions + OVERSAMPLING, *features.shape)
    directions = np.random.default_rng(seed).standard_normal(shape)
    for _ in range(POWERS):
        directions = np.linalg.qr(features.T @ (features @ directions))[0]
    vectors = features @ directions
    axes = np.linalg.eigh(vectors.T @ vectors)[1][:, ::-1]  # of the least variance first
    return unit_rows(vectors @ axes[:, :dimensions])


def _blocks(items: Metadata, field: SchemaField) -> Iterator[sparse.csr_matrix]:
    if field.textual:
        texts = [text or "" for text in items.texts(field.name)]
        yield vocabulary(filter(None, texts)).vectors(texts).astype(np.float64)
    elif field.categorical:
        yield _categories(items.categories(field.name)[1])
    elif field.type not in NOT_NUMBERS:
        yield _steps(items.numbers(field.name)) * NUMBER_WEIGHT


def _categories(member: sparse.csr_matrix) -> sparse.csr_matrix:
    """Which item has which category; the rarer, the more it tells, as words do."""
    count = member.shape[0]
    weight = 1 + np.log((1 + count) / (1 + member.getnnz(axis=0)))
    return unit((member @ sparse.diags(weight)).tocsr())


def _steps(numbers: NDArray[np.float64]) -> sparse.csr_matrix:
    """How near each number is to each step, float64[items, steps], rows of length 1, or 0 where it is missing."""
    known = np.flatnonzero(np.isfinite(numbers))
    values, places = np.unique(numbers[known], return_inverse=True)
    if len(values) <= 1:
        return sparse.csr_matrix((len(numbers), STEPS))
    counts = np.bincount(places)
    middle = (np.cumsum(counts) - counts / 2) / counts.sum()  # the share of items below, half of equal ones
    place = middle[places] * (STEPS - 1)
    nearness = np.maximum(0, 1 - np.abs(place[:, None] - np.arange(STEPS)))
    row, step = np.nonzero(nearness)
    return unit(sparse.csr_matrix((nearness[row, step], (known[row], step)), shape=(len(numbers), STEPS)))


def unit_rows(vectors: NDArray[np.float64]) -> Vectors:
    """The same directions with a length of 1; rows of zeros, and of next to nothing, are 0."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    long = lengths > 1e-9  # noqa: PLR2004  rounding
    return np.asarray(np.divide(vectors, lengths, out=np.zeros_like(vectors), where=long), dtype=np.float32)

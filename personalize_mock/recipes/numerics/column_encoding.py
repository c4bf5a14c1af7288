"""Encoding of metadata columns as sparse features, by the type of the column.

The service never trains on booleans, nor on strings that are neither categorical nor textual (developer guide,
"Creating schema JSON files for Amazon Personalize schemas", 2025). For each other type, the caller passes a function
that encodes it.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from personalize_mock.data.metadata import Metadata

UNUSED_TYPES = frozenset(("string", "boolean"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnEncoders:
    """Functions that encode a metadata column as features, one for each type of column.

    Each returns a sparse matrix, float64[rows, features].

    Attributes:
        categorical: Encodes a matrix, float64[rows, categories], that is 1 where a row has a category, else 0.
        numeric: Encodes numbers, float64[rows], NaN where the value is missing.
        textual: Encodes strings, which are empty where the value is missing. If None, textual columns are skipped.
    """

    categorical: Callable[[sparse.csr_matrix], sparse.csr_matrix]
    numeric: Callable[[NDArray[np.float64]], sparse.csr_matrix]
    textual: Callable[[list[str]], sparse.csr_matrix] | None = None


def encoded_columns(
    metadata: Metadata,
    encoders: ColumnEncoders,
    *,
    indices: NDArray[np.integer] | None = None,
    skip: Collection[str] = (),
) -> Iterator[sparse.csr_matrix]:
    """Encode the columns of a dataset, and yield one matrix of features per column in the order of the schema.

    Booleans, and strings that are neither categorical nor textual, are skipped.

    Args:
        metadata: The dataset.
        encoders: The functions that encode each type of column.
        indices: Indices of the items or users that become rows of the matrices. None encodes all of them.
        skip: Names of columns to leave out.
    """
    rows = slice(None) if indices is None else indices
    for field in metadata.fields:
        if field.name not in metadata.table or field.name in skip:
            continue
        if field.categorical:
            yield encoders.categorical(metadata.categories(field.name)[1][rows])
        elif field.textual:
            if encoders.textual is not None:
                texts = np.array([text or "" for text in metadata.texts(field.name)], dtype=object)
                yield encoders.textual(texts[rows].tolist())
        elif field.type not in UNUSED_TYPES:
            yield encoders.numeric(metadata.numbers(field.name)[rows])


def most_frequent(member: sparse.csr_matrix, *, limit: int) -> sparse.csr_matrix:
    """Select the columns of the most frequent categories from a matrix, most frequent first.

    Args:
        member: Shape (rows, categories), 1 where a row has a category.
        limit: The largest number of categories to return. A category that no row has is never returned.
    """
    frequency = member.getnnz(axis=0)
    order = np.argsort(-frequency, kind="stable")[:limit]
    return member[:, order[frequency[order] > 0]]


def z_scores(values: NDArray[np.float64], *, limit: float = np.inf) -> sparse.csr_matrix:
    """Standardize numbers to a mean of 0 and a standard deviation of 1.

    Args:
        values: Shape (rows,). A missing value (NaN) becomes 0.
        limit: Results are clipped to [-limit, limit].

    Returns:
        A matrix of shape (rows, 1), or (rows, 0) if all values are equal or missing.
    """
    known = values[~np.isnan(values)]
    deviation = known.std() if len(known) else 0.0
    if deviation == 0:
        return sparse.csr_matrix((len(values), 0))
    scores = np.nan_to_num((values - known.mean()) / deviation)
    return sparse.csr_matrix(np.clip(scores, -limit, limit)[:, None])

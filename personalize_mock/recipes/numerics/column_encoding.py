"""Encoding of metadata columns as sparse features, by the type of the column.

The service never trains on booleans, nor on strings that are neither categorical nor textual (developer guide,
"Creating schema JSON files for Amazon Personalize schemas" (2025)). Callers pass the encoders of the other types.
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
    """One function per type of column. Each returns float64[rows, features].

    Attributes:
        categorical: Encodes float64[rows, categories] of zeros and ones.
        numeric: Encodes float64[rows], NaN where the value is missing.
        textual: Encodes texts, empty where the value is missing. If None, textual columns are not used.
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
    """Yield the encoded columns in the order of the schema.

    Args:
        metadata: The rows.
        encoders: The function that encodes each type.
        indices: The ids to encode; None encodes all ids.
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
    """Keep the columns of the most frequent categories, most frequent first.

    Args:
        member: Shape (rows, categories), 1 where a row has a category.
        limit: The largest number of categories to keep. Categories without a row are always dropped.
    """
    frequency = member.getnnz(axis=0)
    order = np.argsort(-frequency, kind="stable")[:limit]
    return member[:, order[frequency[order] > 0]]


def z_scores(values: NDArray[np.float64], *, limit: float = np.inf) -> sparse.csr_matrix:
    """Return (value - mean) / standard deviation, shape (rows, 1), or (rows, 0) if all values are the same.

    Args:
        values: Shape (rows,). A missing value (NaN) has a score of 0.
        limit: Scores are clipped to [-limit, limit].
    """
    known = values[~np.isnan(values)]
    deviation = known.std() if len(known) else 0.0
    if deviation == 0:
        return sparse.csr_matrix((len(values), 0))
    scores = np.nan_to_num((values - known.mean()) / deviation)
    return sparse.csr_matrix(np.clip(scores, -limit, limit)[:, None])

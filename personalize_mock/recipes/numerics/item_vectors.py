"""Dense vectors of items, computed from their metadata.

Each metadata column is encoded as a vector whose norm is the weight of the column, or as zeros if the value is missing.
The vectors of all columns are concatenated, so the cosine of two items is a weighted mean of the cosines of their
columns. The results are projected onto their first principal directions by a randomized truncated singular value
decomposition (Halko, Martinsson, Tropp, "Finding Structure with Randomness", 2011, algorithm 4.4, applied to the
transposed matrix).
"""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from personalize_mock.data.metadata import Metadata
from personalize_mock.recipes.numerics.column_encoding import ColumnEncoders, encoded_columns
from personalize_mock.recipes.numerics.normalization import normalize_rows, normalize_sparse_rows
from personalize_mock.recipes.numerics.tf_idf import TfIdf

Vectors = NDArray[np.float32]

QUANTILES = 8  # features per numeric column; a number is divided between the two nearest quantiles
NUMBER_WEIGHT = 0.5  # weight of a numeric column; other columns have a weight of 1
OVERSAMPLING = 10
POWER_ITERATIONS = 4
MINIMUM_LENGTH = 1e-9  # vectors with a smaller norm are rounding errors of zero


def metadata_features(items: Metadata) -> sparse.csr_matrix | None:
    """Return the metadata of items as sparse features, float64[items, features].

    Args:
        items: The Items dataset.

    Returns:
        The features of all columns, or None if no column contains usable values.
    """
    blocks = [block for block in encoded_columns(items, ENCODERS) if block.nnz]
    return sparse.hstack(blocks).tocsr() if blocks else None


def principal_components(features: sparse.csr_matrix, *, dimensions: int, seed: int) -> Vectors:
    """Project features onto their first principal directions and scale the rows to unit norm.

    Rows of zeros remain zeros. If there are at most `dimensions` items or features, the features are only scaled.

    Args:
        features: Shape (items, features).
        dimensions: Number of principal directions.
        seed: Seed of the random projection.

    Returns:
        The vectors, float32[items, at most dimensions].
    """
    if dimensions >= min(features.shape):
        return unit_vectors(features.toarray())
    shape = features.shape[1], min(dimensions + OVERSAMPLING, *features.shape)
    directions = np.random.default_rng(seed).standard_normal(shape)
    for _ in range(POWER_ITERATIONS):
        directions = np.linalg.qr(features.T @ (features @ directions))[0]
    vectors = features @ directions
    axes = np.linalg.eigh(vectors.T @ vectors)[1][:, ::-1]  # eigh sorts by ascending variance
    return unit_vectors(vectors @ axes[:, :dimensions])


def unit_vectors(vectors: NDArray[np.float64]) -> Vectors:
    """Scale the rows of a matrix to unit norm. Rows that are zero except for rounding errors become 0."""
    return normalize_rows(vectors, minimum=MINIMUM_LENGTH).astype(np.float32)


def _encode_text(texts: list[str]) -> sparse.csr_matrix:
    return TfIdf.from_texts(filter(None, texts)).vectors(texts).astype(np.float64)


def _encode_categories(member: sparse.csr_matrix) -> sparse.csr_matrix:
    """Weight categories by their inverse document frequency, as TF-IDF does with words, and scale rows to unit norm.

    Args:
        member: Shape (items, categories), 1 where an item has a category.
    """
    count = member.shape[0]
    weight = 1 + np.log((1 + count) / (1 + member.getnnz(axis=0)))
    return normalize_sparse_rows((member @ sparse.diags(weight)).tocsr())


def _encode_numbers(numbers: NDArray[np.float64]) -> sparse.csr_matrix:
    """Encode each number as weights of the two nearest of 8 quantiles, so that similar numbers have similar rows.

    Args:
        numbers: float64[items], not finite where the number is missing.
    """
    known = np.flatnonzero(np.isfinite(numbers))
    values, inverse = np.unique(numbers[known], return_inverse=True)
    if len(values) <= 1:
        return sparse.csr_matrix((len(numbers), QUANTILES))
    counts = np.bincount(inverse)
    rank = (np.cumsum(counts) - counts / 2) / counts.sum()  # mid-rank quantile, in (0, 1)
    position = rank[inverse] * (QUANTILES - 1)
    nearness = np.maximum(0, 1 - np.abs(position[:, None] - np.arange(QUANTILES)))
    row, quantile = np.nonzero(nearness)
    shape = len(numbers), QUANTILES
    matrix = sparse.csr_matrix((nearness[row, quantile], (known[row], quantile)), shape=shape)
    return normalize_sparse_rows(matrix) * NUMBER_WEIGHT


ENCODERS = ColumnEncoders(categorical=_encode_categories, numeric=_encode_numbers, textual=_encode_text)

"""Scaling of vectors: to unit norm, or to dot products with a given standard deviation."""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse


def normalize_rows(vectors: NDArray[np.floating], *, minimum: float = 0.0) -> NDArray[np.floating]:
    """Divide each row of a matrix by its Euclidean norm.

    Args:
        vectors: Shape (n, dimensions).
        minimum: Rows with this norm or a smaller one become 0.
    """
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > minimum))


def normalize_sparse_rows(matrix: sparse.csr_matrix) -> sparse.csr_matrix:
    """Divide each row of a sparse matrix by its Euclidean norm. Rows of zeros are left unchanged."""
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    scale = np.divide(1, lengths, out=np.zeros(len(lengths)), where=lengths > 0)
    return sparse.csr_matrix(sparse.diags(scale) @ matrix)


def scale_to_deviation(
    vectors: NDArray[np.float64], covariance: NDArray[np.float64], *, deviation: float, least: float
) -> NDArray[np.float32]:
    """Scale each vector so that its dot products with the vectors of all items have the given standard deviation.

    Args:
        vectors: float64[n, d]. Vectors whose dot products hardly differ between items are only multiplied by
            `deviation`.
        covariance: float64[d, d], the covariance of the vectors of all items.
        deviation: Standard deviation of the dot products of each scaled vector.
        least: The dot products of a vector hardly differ if their standard deviation is not larger than this number,
            times the length of the vector. Smaller deviations may be rounding errors.

    Returns:
        The scaled vectors, float32[n, d].
    """
    variance = (vectors @ covariance * vectors).sum(axis=1)
    squares = (vectors * vectors).sum(axis=1)
    scale = np.where(variance > least**2 * squares, np.sqrt(np.maximum(variance, 0)), 1)
    return np.asarray(deviation * vectors / scale[:, None], dtype=np.float32)

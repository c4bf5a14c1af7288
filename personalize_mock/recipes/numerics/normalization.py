"""Scaling of the rows of dense and sparse matrices to unit norm."""

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

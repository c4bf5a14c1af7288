"""Principal axes: the orthogonal directions in which the sum of squares of a set of vectors is largest."""

import numpy as np
from numpy.typing import NDArray


def principal_axes(gram: NDArray[np.float64], *, count: int) -> NDArray[np.float64]:
    """Return the orthonormal directions along which vectors have the largest sum of squares, largest first.

    In each axis, the component with the largest absolute value is positive, so that the signs do not depend on the
    linear algebra library.

    Args:
        gram: float64[d, d], the vectors' matrix of second moments V'V, where each row of V is a vector.
        count: Number of axes. If it exceeds d, there are d axes.

    Returns:
        The axes as columns, float64[d, count].
    """
    _, axes = np.linalg.eigh(gram)
    kept = axes[:, ::-1][:, :count]
    return np.asarray(kept * np.sign(kept[np.abs(kept).argmax(axis=0), np.arange(kept.shape[1])]))

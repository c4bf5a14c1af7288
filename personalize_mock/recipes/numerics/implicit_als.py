"""implicit, loaded when the first training needs it, and the one way in which it is used."""

import warnings
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from personalize_mock.recipes.personal.fold_in import ALPHA, REGULARIZATION

ITERATIONS = 7  # NDCG@25 is within 1 % of that of 15: the fold-in and the rules make up for the rest
ALL_CORES_FROM = 200_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AlsFactors:
    """What alternating least squares make of counts.

    Attributes:
        users: float64[users, factors].
        items: float64[items, factors].
    """

    users: NDArray[np.float64]
    items: NDArray[np.float64]


def factorized(
    counts: sparse.csr_matrix,
    *,
    factors: int,
    seed: int,
    regularization: float = REGULARIZATION,
    alpha: float = ALPHA,
) -> AlsFactors:
    """Implicit's ALS on counts of events, users x items; all 0 without any.

    In float64 the factors are the same to the last bit with any number of threads; few events are faster in one.
    """
    if not counts.nnz:
        users, items = counts.shape
        return AlsFactors(users=np.zeros((users, factors)), items=np.zeros((items, factors)))
    als = alternating_least_squares()(
        factors=factors,
        regularization=regularization,
        alpha=alpha,
        dtype=np.float64,
        iterations=ITERATIONS,
        num_threads=1 if counts.nnz < ALL_CORES_FROM else 0,
        random_state=seed,
    )
    als.fit(counts, show_progress=False)
    return AlsFactors(users=np.asarray(als.user_factors), items=np.asarray(als.item_factors))


@cache
def alternating_least_squares() -> Any:
    """Implicit's ALS for CPUs; in a notebook without ipywidgets its import would warn about progress bars."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="IProgress not found")
        from implicit.cpu.als import AlternatingLeastSquares
    return AlternatingLeastSquares

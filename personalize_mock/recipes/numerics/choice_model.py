"""Conditional logit model, which predicts a choice among alternatives from their features.

The probability of an alternative is proportional to exp(features @ coefficients). Several choices may be made from the
same set of alternatives. See McFadden, "Conditional logit analysis of qualitative choice behavior" (1974).
"""

import numpy as np
from numpy.typing import NDArray

RIDGE = 1.0  # keeps the coefficients finite for features that are rare or predict the choice perfectly
STEPS = 30
HALVINGS = 12
TOLERANCE = 1e-6


def fit_choices(
    features: NDArray[np.float64], starts: NDArray[np.int64], chosen: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Fit the coefficients of a conditional logit by maximum likelihood with a ridge penalty.

    Args:
        features: float64[n_rows, n_features], the features of all alternatives. Each row is an alternative, and the
            alternatives of a set are consecutive rows.
        starts: int64[n_sets], the first row of each set, ascending, beginning with 0.
        chosen: int64[n_choices], the row of the alternative that was chosen. Each set has at least one choice.

    Returns:
        The coefficients, float64[n_features].
    """
    coefficients = np.zeros(features.shape[1])
    likelihood, probability = _likelihood(features, starts, chosen, coefficients)
    for _ in range(STEPS if len(starts) else 0):
        step = _newton_step(features, starts, chosen, coefficients, probability)
        for _ in range(HALVINGS):
            better, new_probability = _likelihood(features, starts, chosen, coefficients + step)
            if better >= likelihood:
                break
            step /= 2
        gain = better - likelihood
        if gain <= 0:
            break
        coefficients, likelihood, probability = coefficients + step, better, new_probability
        if gain < TOLERANCE * len(starts):
            break
    return coefficients


def penalised_likelihood(
    features: NDArray[np.float64],
    starts: NDArray[np.int64],
    chosen: NDArray[np.int64],
    coefficients: NDArray[np.float64],
) -> float:
    """Return the log likelihood of the choices, minus the ridge penalty of the coefficients; see `fit_choices`."""
    return _likelihood(features, starts, chosen, coefficients)[0]


def _likelihood(
    features: NDArray[np.float64],
    starts: NDArray[np.int64],
    chosen: NDArray[np.int64],
    coefficients: NDArray[np.float64],
) -> tuple[float, NDArray[np.float64]]:
    """Return the penalized log likelihood of the coefficients, and the predicted probability of each alternative."""
    if not len(starts):
        return 0.0, np.empty(0)
    utility = features @ coefficients
    lengths = np.diff(np.append(starts, len(features)))
    utility -= np.repeat(np.maximum.reduceat(utility, starts), lengths)
    share = np.exp(utility)
    total = np.add.reduceat(share, starts)
    number = _choices_per_set(starts, chosen)
    likelihood = float(utility[chosen].sum() - number @ np.log(total) - RIDGE / 2 * (coefficients @ coefficients))
    return likelihood, share / np.repeat(total, lengths)


def _newton_step(
    features: NDArray[np.float64],
    starts: NDArray[np.int64],
    chosen: NDArray[np.int64],
    coefficients: NDArray[np.float64],
    probability: NDArray[np.float64],
) -> NDArray[np.float64]:
    lengths = np.diff(np.append(starts, len(features)))
    number = _choices_per_set(starts, chosen)
    weighted = features * probability[:, None]
    expected = np.add.reduceat(weighted, starts, axis=0)
    gradient = features[chosen].sum(axis=0) - number @ expected - RIDGE * coefficients
    weighted *= np.repeat(number, lengths)[:, None]
    curvature = features.T @ weighted - expected.T @ (expected * number[:, None]) + RIDGE * np.eye(len(coefficients))
    return np.asarray(np.linalg.solve(curvature, gradient))


def _choices_per_set(starts: NDArray[np.int64], chosen: NDArray[np.int64]) -> NDArray[np.float64]:
    sets = np.searchsorted(starts, chosen, side="right") - 1
    return np.bincount(sets, minlength=len(starts)).astype(np.float64)

"""Conditional logit model, which predicts a choice among alternatives from their features.

The probability of an alternative is proportional to exp(features @ coefficients). Several choices may be made from the
same set of alternatives. See McFadden, "Conditional logit analysis of qualitative choice behavior" (1974).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RIDGE = 1.0  # keeps the coefficients finite for features that are rare or predict the choice perfectly
STEPS = 30
HALVINGS = 12
TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Choices:
    """Observed choices among sets of alternatives, to which `fit_choices` fits a model.

    Attributes:
        columns: float64[n_features, n_alternatives], the features of all alternatives.
        starts: int64[n_sets], the first alternative of each set.
        chosen: int64[n_choices], the alternatives that were chosen.
        lengths: int64[n_sets], the number of alternatives of each set.
        number: float64[n_sets], the number of choices from each set.
    """

    columns: NDArray[np.float64]
    starts: NDArray[np.int64]
    chosen: NDArray[np.int64]
    lengths: NDArray[np.int64]
    number: NDArray[np.float64]

    @classmethod
    def from_rows(
        cls, features: NDArray[np.float64], starts: NDArray[np.int64], chosen: NDArray[np.int64]
    ) -> "_Choices":
        sets = np.searchsorted(starts, chosen, side="right") - 1
        return cls(
            columns=np.ascontiguousarray(features.T),
            starts=starts,
            chosen=chosen,
            lengths=np.diff(np.append(starts, len(features))),
            number=np.bincount(sets, minlength=len(starts)).astype(np.float64),
        )

    def likelihood(self, coefficients: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        """Return the penalized log likelihood of coefficients, and the probability of each alternative.

        The probabilities have the shape float64[n_alternatives] and add up to 1 in each set.
        """
        if not len(self.starts):
            return 0.0, np.empty(0)
        utility = coefficients @ self.columns
        utility -= np.repeat(np.maximum.reduceat(utility, self.starts), self.lengths)
        share = np.exp(utility)
        total = np.add.reduceat(share, self.starts)
        share /= np.repeat(total, self.lengths)
        gained = utility[self.chosen].sum() - self.number @ np.log(total)
        return float(gained - RIDGE / 2 * (coefficients @ coefficients)), share

    def newton_step(self, coefficients: NDArray[np.float64], probability: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the change of coefficients that maximises a quadratic approximation of the penalized log likelihood.

        Args:
            coefficients: The coefficients to start from.
            probability: float64[n_alternatives], the probability that these coefficients give to each alternative.
        """
        columns = self.columns
        weighted = columns * (probability * np.repeat(self.number, self.lengths))
        expected = np.add.reduceat(weighted, self.starts, axis=1)
        gradient = columns[:, self.chosen].sum(axis=1) - expected.sum(axis=1) - RIDGE * coefficients
        curvature = columns @ weighted.T - expected @ (expected / self.number).T
        return np.asarray(np.linalg.solve(curvature + RIDGE * np.eye(len(coefficients)), gradient))


def fit_choices(
    features: NDArray[np.float64],
    starts: NDArray[np.int64],
    chosen: NDArray[np.int64],
    *,
    start: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """Fit the coefficients of a conditional logit by maximum likelihood with a ridge penalty.

    Args:
        features: float64[n_rows, n_features], the features of all alternatives. Each row is an alternative, and the
            alternatives of a set are consecutive rows.
        starts: int64[n_sets], the first row of each set, ascending, beginning with 0.
        chosen: int64[n_choices], the row of the alternative that was chosen. Each set has at least one choice.
        start: float64[n_features], coefficients close to the result, from which the search is faster. None starts from
            0. Apart from rounding errors, the result does not depend on it.

    Returns:
        The coefficients, float64[n_features].
    """
    choices = _Choices.from_rows(features, starts, chosen)
    coefficients = np.zeros(features.shape[1]) if start is None or not len(starts) else start
    likelihood, probability = choices.likelihood(coefficients)
    for _ in range(STEPS if len(starts) else 0):
        step = choices.newton_step(coefficients, probability)
        for _ in range(HALVINGS):
            better, new_probability = choices.likelihood(coefficients + step)
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
    """Return the log likelihood of choices in a conditional logit, minus the ridge penalty of the coefficients.

    Args:
        features: float64[n_rows, n_features], the features of all alternatives, those of a set in consecutive rows.
        starts: int64[n_sets], the first row of each set, ascending, beginning with 0.
        chosen: int64[n_choices], the row of the alternative that was chosen. Each set has at least one choice.
        coefficients: float64[n_features], the coefficients of the features.
    """
    return _Choices.from_rows(features, starts, chosen).likelihood(coefficients)[0]

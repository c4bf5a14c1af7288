"""Weights of the parts of relevance, learnt at training.

The parts are factors, association rules, categories, popularity and directions. The best predictor of a user's next
interactions differs between data sets. Factors need long histories, rules need sequences, and popularity matters where
users follow fashions. So some of the newest interactions of training users are held out, and a conditional logit model
is fitted that predicts which of a user's best candidates are held-out items. The fitted weights are shrunk towards
`USUAL`. Finally they are scaled so that the best candidates stand out as much as with `USUAL`, because this keeps the
scores of recommendations at their usual size. If no weights can be learnt, the defaults of `RelevanceWeights` are used.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from personalize_mock.recipes.numerics.choice_model import fit_choices, penalised_likelihood
from personalize_mock.recipes.numerics.top_k import are_largest
from personalize_mock.recipes.personal.association_rules import RULES_RMS, RuleKind
from personalize_mock.recipes.personal.relevance_parts import RULE_KINDS, RelevanceParts

RECENCIES = (10.0, 40.0)  # items of a history until the weight has fallen to 1/e; the first is the usual number
# Weights of factors, rules, categories, the three columns of popularity and directions.
USUAL = np.array([1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0])
PERSONAL = [0, 1, 6]  # factors, rules and directions; unlike categories, every data set has them
FIRST = 5  # candidates that should stand out from the other best ones as far as with the usual weights
BEST = 100  # candidates of a user, among which the model looks for the held-out items
SHRINKAGE = 3.0  # the penalty of a distance from the usual weights is the square of this number
MARGIN = 2.0  # log likelihood by which other rules or another decay must be better than the usual ones

# Maps the coefficients of the logit to weights: a factor of the usual weights, then distances of all but the first.
TO_WEIGHTS = np.column_stack((USUAL, np.eye(len(USUAL))[:, 1:] / SHRINKAGE))
USUAL_COEFFICIENTS = np.eye(len(USUAL))[0]

Columns: TypeAlias = tuple[int, int]  # which decay and which of `RULE_KINDS`
Fits: TypeAlias = dict[Columns, tuple[NDArray[np.float64], float]]  # coefficients and penalized log likelihoods


@dataclass(frozen=True, slots=True, kw_only=True)
class RelevanceWeights:
    """Weights of the terms (parts) whose sum is the relevance of an item for a user.

    The defaults are used if there are too few interactions to learn from, or if no helpful weights are found. They are
    close to what is learnt from small data sets of several kinds if interactions of all users are held out.

    Attributes:
        decay: Index of the chosen decay. A decay is a list of weights for the items in a history, newest first.
        rule_kind: The chosen kind of association rules.
        factors: Weight of the factor model. A user's scores from it are scaled to this standard deviation over all
            items.
        rules: Weight of the association rules. A user's scores from them are scaled to this root mean square.
        categories: Number by which category lifts are multiplied, apart from the effect of live events (`fold_in.py`).
        popularity: Numbers by which the three columns of `popularity_columns` are multiplied.
        directions: Weight of the similarity to the newest items. A user's scores from it are scaled to this standard
            deviation over all items.
    """

    decay: int = 0
    rule_kind: RuleKind = RULE_KINDS[0]
    factors: float = 0.9
    rules: float = 0.9 * RULES_RMS
    categories: float = 0.6
    popularity: tuple[float, float, float] = (0.2, 0.1, 0.2)
    directions: float = 0.5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _BestCandidates:
    """The unseen candidates that are most relevant to each held-out user. Some of them are held-out items.

    The candidates of a user are stored in consecutive rows.

    Attributes:
        values: float32[n, n_parts], the terms whose weighted sum is the relevance of each candidate; see
            `RelevanceParts`.
        starts: int64[n_users], the row of each user's first candidate.
        chosen: int64[m], the indices of the candidates that are held-out items of their user.
    """

    values: NDArray[np.float32]
    starts: NDArray[np.int64]
    chosen: NDArray[np.int64]

    @classmethod
    def from_parts(cls, parts: RelevanceParts, columns: Columns, weights: NDArray[np.float64]) -> "_BestCandidates":
        """Take the 100 unseen candidates of each held-out user that are most relevant with the given weights.

        Users without a held-out item among these candidates are left out.

        Args:
            parts: The terms of the relevance (parts) of each candidate of held-out users.
            columns: The decay and the kind of rules to use, as arguments of `RelevanceParts.columns`.
            weights: float64[7], the weights of the seven parts that `RelevanceParts.columns` selects.
        """
        relevance = _relevance(parts, columns, weights)
        best = np.stack([np.flatnonzero(are_largest(row, k=BEST)) for row in relevance])
        unseen = np.take_along_axis(parts.unseen, best, axis=1)
        target = np.asarray(np.take_along_axis(parts.target, best, axis=1) & unseen)
        kept = np.asarray(unseen & np.any(target, axis=1, keepdims=True))
        user, place = np.nonzero(kept)
        lengths = kept.sum(axis=1)
        return cls(
            values=parts.values[user, best[user, place]],
            starts=(np.cumsum(lengths) - lengths)[lengths > 0],
            chosen=np.flatnonzero(target[kept]),
        )

    def fit(self, columns: NDArray[np.int64], *, start: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
        """Fit the weights of seven parts of relevance by maximum likelihood, so that they predict the held-out items.

        Args:
            columns: int64[7], the indices of the parts in the last axis of `values`.
            start: Coefficients from which the search starts.

        Returns:
            Coefficients, float64[7], which `TO_WEIGHTS` converts to weights, and the penalized log likelihood.
        """
        if not len(self.starts):
            return np.zeros(len(USUAL)), 0.0
        features = self.values[:, columns].astype(np.float64) @ TO_WEIGHTS
        coefficients = fit_choices(features, self.starts, self.chosen, start=start)
        return coefficients, penalised_likelihood(features, self.starts, self.chosen, coefficients)


def learn_weights(parts: RelevanceParts) -> RelevanceWeights:
    """Learn the weights with which the parts of relevance best predict held-out items.

    `RelevanceParts` describes the parts. The default weights are returned if neither factors nor association rules nor
    directions help to predict the items.

    Args:
        parts: The parts of relevance of held-out users, with the items to predict.
    """
    usual = (0, 0)
    first, _ = _BestCandidates.from_parts(parts, usual, USUAL).fit(parts.columns(*usual), start=USUAL_COEFFICIENTS)
    candidates = _BestCandidates.from_parts(parts, usual, TO_WEIGHTS @ first)
    fits = {usual: candidates.fit(parts.columns(*usual), start=first)}
    decay, kind = _best(parts, [(0, number) for number in range(len(RULE_KINDS))], candidates, fits)
    decay, kind = _best(parts, [(number, kind) for number in range(parts.decays)], candidates, fits)
    weights = TO_WEIGHTS @ fits[decay, kind][0]
    if max(weights[PERSONAL]) <= 0:
        return RelevanceWeights()
    weights = np.maximum(weights, 0)  # nothing counts against an item
    weights *= _spread(parts, usual, USUAL) / (_spread(parts, (decay, kind), weights) or 1.0)
    factors, rules, categories, popularity, growth, newness, directions = weights.tolist()
    return RelevanceWeights(
        decay=decay,
        rule_kind=RULE_KINDS[kind],
        factors=factors,
        rules=RULES_RMS * rules,
        categories=categories,
        popularity=(popularity, growth, newness),
        directions=directions,
    )


def _relevance(parts: RelevanceParts, columns: Columns, weights: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return the relevance of all candidates, float32[n_users, n_candidates], and -inf for seen items.

    Args:
        parts: The terms of the relevance (parts) of each candidate of held-out users.
        columns: The decay and the kind of rules to use, as arguments of `RelevanceParts.columns`.
        weights: float64[7], the weights of the seven parts that `RelevanceParts.columns` selects.
    """
    of_all_parts = np.zeros(parts.values.shape[2], dtype=np.float32)
    of_all_parts[parts.columns(*columns)] = weights
    relevance = parts.values @ of_all_parts
    return np.where(parts.unseen, relevance, np.float32(-np.inf))


def _best(parts: RelevanceParts, options: list[Columns], candidates: _BestCandidates, fits: Fits) -> Columns:
    """Return the pair of a decay and a kind of rules that predicts the held-out items best.

    A decay is a list of weights for the items in a history. The first pair is returned unless another one has a clearly
    larger likelihood.

    Args:
        parts: The parts of relevance of held-out users.
        options: The pairs to compare, as indices for `RelevanceParts.columns`.
        candidates: The best candidates of each user, to which weights are fitted.
        fits: The fits so far, including that of the first pair. The fits of the other pairs are added.
    """
    usual = fits[options[0]]
    for columns in options[1:]:
        fits[columns] = candidates.fit(parts.columns(*columns), start=usual[0])
    likelihoods = [fits[columns][1] + MARGIN * (columns == options[0]) for columns in options]
    return options[int(np.argmax(likelihoods))]


def _spread(parts: RelevanceParts, columns: Columns, weights: NDArray[np.float64]) -> float:
    """Return how far the five best candidates of a user stand out from the 100 best, averaged over users.

    The distance is the difference between the mean relevance of the five candidates and that of the 100 candidates.
    The arguments are those of `_BestCandidates.from_parts`.
    """
    best = np.sort(_relevance(parts, columns, weights), axis=1)[:, ::-1][:, :BEST].astype(np.float64)
    known = np.isfinite(best)
    best, known = (rows[known.any(axis=1)] for rows in (np.where(known, best, 0), known))
    means = (best[:, :size].sum(axis=1) / known[:, :size].sum(axis=1) for size in (FIRST, BEST))
    return float(np.mean(np.subtract(*means)))

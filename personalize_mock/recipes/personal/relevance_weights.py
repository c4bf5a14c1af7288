"""Weights of the parts of relevance, learnt at training: factors, association rules, categories and popularity.

Which part best predicts a user's next interactions differs between data sets. Factors need long histories, rules need
sequences, and popularity matters where users follow fashions. So some of the newest interactions of training users are
held out, and a conditional logit model is fitted that predicts which of a user's best candidates are held-out items.
The fitted weights are shrunk towards default weights. Finally they are scaled so that the best candidates stand out as
much as with the default weights, because this keeps the scores of recommendations at their usual size.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from personalize_mock.recipes.numerics.choice_model import fit_choices, penalised_likelihood
from personalize_mock.recipes.personal.association_rules import RULES_RMS, RuleKind
from personalize_mock.recipes.personal.relevance_parts import RULE_KINDS, RelevanceParts

RECENCIES = (10.0, 40.0)  # items of a history until the weight has fallen to 1/e; the first is the usual one
USUAL = np.array([1.0, 1.0, 1.0, 0.0, 0.0])  # weights of factors, rules, categories, popularity and newness
FIRST = 5  # candidates that should stand out from the other best ones as far as with the usual weights
BEST = 100  # candidates of a user, among which the model looks for the held-out items
SHRINKAGE = 3.0  # the penalty of a distance from the usual weights is the square of this number
MARGIN = 2.0  # log likelihood by which other rules or another decay must be better than the usual ones
LEAST_CATEGORIES = 1.0  # of the weight of the factors, as usual, so that lists follow live events in one category

# Maps the coefficients of the logit to weights: a factor of the usual weights, then distances of all but the first.
TO_WEIGHTS = np.column_stack((USUAL, np.eye(len(USUAL))[:, 1:] / SHRINKAGE))

Columns: TypeAlias = tuple[int, int]  # which decay and which of `RULE_KINDS`
Choices: TypeAlias = list[NDArray[np.int64]]  # for each user, the candidates that the model chooses from


@dataclass(frozen=True, slots=True, kw_only=True)
class RelevanceWeights:
    """Weights of the parts of relevance. The defaults are used if there are too few interactions to learn from.

    Attributes:
        decay: Index of the chosen decay. A decay is a list of weights for the items in a history, newest first.
        rule_kind: The chosen kind of association rules.
        factors: Standard deviation of the factor model's scores over the items.
        rules: Root mean square of the scores from association rules over the items.
        categories: Number by which category lifts are multiplied.
        popularity: Numbers by which the two columns of `popularity_columns` are multiplied.
    """

    decay: int = 0
    rule_kind: RuleKind = RULE_KINDS[0]
    factors: float = 1.0
    rules: float = RULES_RMS
    categories: float = 1.0
    popularity: tuple[float, float] = (0.0, 0.0)


def learn_weights(parts: RelevanceParts) -> RelevanceWeights:
    """Learn the weights with which the parts of relevance best predict held-out items.

    The default weights are returned if neither the factor model nor the association rules help to predict them.

    Args:
        parts: The parts of relevance of held-out users, with the items to predict.
    """
    usual = (0, 0)
    weights, _ = _fit(parts, usual, _choices(parts, usual, USUAL))
    choices = _choices(parts, usual, weights)
    (decay, kind), weights = _best(parts, [(0, number) for number in range(len(RULE_KINDS))], choices)
    if parts.decays > 1:
        (decay, kind), weights = _best(parts, [(number, kind) for number in range(parts.decays)], choices)
    if max(weights[:2]) <= 0:
        return RelevanceWeights()
    weights = np.maximum(weights, (0, 0, LEAST_CATEGORIES * weights[0], 0, 0))  # nothing counts against an item
    weights *= _spread(parts, usual, USUAL) / (_spread(parts, (decay, kind), weights) or 1.0)
    factors, rules, categories, popularity, newness = weights.tolist()
    return RelevanceWeights(
        decay=decay,
        rule_kind=RULE_KINDS[kind],
        factors=factors,
        rules=RULES_RMS * rules,
        categories=categories,
        popularity=(popularity, newness),
    )


def _choices(parts: RelevanceParts, columns: Columns, weights: NDArray[np.float64]) -> Choices:
    """Return the 100 unseen candidates of each user that are most relevant with the given weights."""
    best = np.sort(np.argsort(-_relevance(parts, columns, weights), axis=1, kind="stable")[:, :BEST], axis=1)
    return [row[unseen[row]] for row, unseen in zip(best, parts.unseen, strict=True)]


def _relevance(parts: RelevanceParts, columns: Columns, weights: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return the relevance of all candidates, float32[n_users, n_candidates], which is -inf for seen ones."""
    of_all_parts = np.zeros(parts.values.shape[2], dtype=np.float32)
    of_all_parts[parts.columns(*columns)] = weights
    relevance = parts.values @ of_all_parts
    return np.where(parts.unseen, relevance, np.float32(-np.inf))


def _best(parts: RelevanceParts, options: list[Columns], choices: Choices) -> tuple[Columns, NDArray[np.float64]]:
    """Return the option with the largest likelihood, and its weights.

    The first option is the usual one. It is returned unless another one is clearly better.
    """
    fits = [_fit(parts, columns, choices) for columns in options]
    likelihoods = [likelihood + MARGIN * (number == 0) for number, (_, likelihood) in enumerate(fits)]
    best = int(np.argmax(likelihoods))
    return options[best], fits[best][0]


def _fit(parts: RelevanceParts, columns: Columns, choices: Choices) -> tuple[NDArray[np.float64], float]:
    """Fit the weights by maximum likelihood, and return them with their penalized log likelihood."""
    sets = [(user, own) for user, own in enumerate(choices) if parts.target[user, own].any()]
    if not sets:
        return np.zeros(len(USUAL)), 0.0
    user = np.repeat([user for user, _ in sets], [len(own) for _, own in sets])
    candidate = np.concatenate([own for _, own in sets])
    features = parts.values[user, candidate][:, parts.columns(*columns)].astype(np.float64) @ TO_WEIGHTS
    starts = np.cumsum([0, *(len(own) for _, own in sets[:-1])])
    chosen = np.flatnonzero(parts.target[user, candidate])
    coefficients = fit_choices(features, starts, chosen)
    return TO_WEIGHTS @ coefficients, penalised_likelihood(features, starts, chosen, coefficients)


def _spread(parts: RelevanceParts, columns: Columns, weights: NDArray[np.float64]) -> float:
    """Return how far the five best candidates of a user stand out from the 100 best, averaged over users.

    The distance is the difference between the mean relevance of the five candidates and that of the 100 candidates.
    """
    best = np.sort(_relevance(parts, columns, weights), axis=1)[:, ::-1][:, :BEST].astype(np.float64)
    rows = [row[np.isfinite(row)] for row in best]
    return float(np.mean([row[:FIRST].mean() - row.mean() for row in rows if len(row)]))

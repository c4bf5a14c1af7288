"""Effect of an optimization objective on the relevance and order of the items recommended to a user."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from personalize_mock.recipes.numerics.top_k import take
from personalize_mock.recipes.objective import ORDERED, Blend, relevance_unit
from personalize_mock.recipes.personal.candidate_relevance import CandidateRelevance


def with_objective(scored: CandidateRelevance, blend: Blend | None) -> CandidateRelevance:
    """Adjust the relevance of candidates for the optimization objective, in place.

    Seen items with a very low relevance are moved behind all other items, so that a high value of the attribute to
    maximise does not bring them back into the list.

    Args:
        scored: The candidates, whose relevance does not include the objective yet.
        blend: The grade of each item and the weights of the grades. None if there is no objective.

    Returns:
        The candidates with the objective, and with `unit` set. If there is no objective, `scored` itself.
    """
    relevance, seen = scored.relevance, scored.seen
    if blend is None or not len(relevance):
        return scored
    scale = relevance_unit(relevance, seen=seen)
    excluded = seen[relevance[seen] < scale.exclusion]
    relevance += np.float32(scale.unit * blend.weight) * take(blend.grades, scored.subset)
    relevance[excluded] -= np.float32(2 * scale.unit * blend.order_weight)
    return replace(scored, unit=scale.unit)


def reordered(
    best: NDArray[np.integer], relevance: NDArray[np.float32], blend: Blend | None, *, unit: float
) -> NDArray[np.integer]:
    """Return a list of items whose first 25 items are reordered with more emphasis on the objective.

    Arguments are not modified. The caller pairs the new list with the old `relevance`, so that scores still decrease
    from the first item to the last.

    Args:
        best: int[k], the items, best first, as indices into `RelevanceModel.warm_items`.
        relevance: float32[k], the relevance of the items.
        blend: The grade of each item and the weights of the grades. None if there is no objective.
        unit: The number by which weights are multiplied; see `CandidateRelevance`.
    """
    if blend is None or blend.order_weight == blend.weight:
        return best
    first = best[:ORDERED]
    more = np.float32(unit * (blend.order_weight - blend.weight)) * blend.grades[first]
    order = (-(relevance[:ORDERED] + more)).argsort(kind="stable")
    return np.concatenate((first[order], best[ORDERED:]))


def objective_amounts(places: NDArray[np.int32], blend: Blend | None, *, unit: float) -> NDArray[np.float64]:
    """Return the amount that the objective adds to the relevance of each item of a list, float64[k].

    Args:
        places: int32[k], the items in the order of the list, as indices into `RelevanceModel.warm_items`. The result
            for -1 (a cold item) is meaningless.
        blend: The grade of each item and the weights of the grades. None if there is no objective.
        unit: The number by which weights are multiplied; see `CandidateRelevance`.
    """
    if blend is None:
        return np.zeros(len(places))
    weights = np.where(np.arange(len(places)) < ORDERED, blend.order_weight, blend.weight)
    return np.asarray(unit * weights * blend.grades[places])

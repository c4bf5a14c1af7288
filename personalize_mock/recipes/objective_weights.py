"""Search for the weights of an optimization objective while a model is trained.

An optimization objective favours items with high values of an attribute, such as revenue. A list of recommendations
that favours the attribute is less relevant than the user's most relevant list. Each sensitivity (LOW, MEDIUM or HIGH)
has a target: the share of relevance that such lists keep, averaged over some training users. The search finds the
weights that reach this target. The relevance of a list is the expected number of items that the user chooses from it,
discounted by position as in NDCG. An item that comes after r more relevant candidates is assumed to be chosen with a
probability proportional to 1 / (5 + r), which is the law of Zipf and Mandelbrot. The softmax of relevance would
overrate the first items, most of all on sparse data. The targets are not from the service; on held-out data, NDCG@25
keeps about these shares.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from personalize_mock.recipes.objective import ORDERED, Sensitivity

FIRST = 5
SMALLEST, LARGEST = 1e-3, 1e4  # weights
HALVINGS = 18
VALUE_MARGIN = 1.1  # times the order weight at which the first five items have the mean grade of the list
PREFIX = 64  # number of the most relevant candidates, which `contenders` always keeps
DISCOUNTS = 1 / np.log2(2 + np.arange(ORDERED))
# Held-out items of MovieLens and of four kinds of synthetic data follow the law with 3 to 12, or with 1 if they repeat.
HEAD = 5.0
ROUNDS = 4  # of the search for two weights
MOST_CHOSEN = 0.65  # share of relevance that the items chosen at HIGH keep at most, before they are ordered


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The share of relevance that a list must keep at one objectiveSensitivity, such as HIGH.

    The relevance of a list is discounted by position, as in NDCG. Shares are relative to a list ordered by relevance
    alone.

    Attributes:
        kept: The share that a list must keep.
        kept_of_loss: A second minimum; the larger of the two applies. If a list ordered by the attribute alone would
            keep the share s, a list must keep s + kept_of_loss * (1 - s).
        kept_first: The share that the first five items of a list must keep. None if the items are ordered with the same
            weight with which they are chosen. When the service was recorded at HIGH in July 2021, the objective reduced
            NDCG@5 to 4 % and NDCG@25 to 37 % of the value without it, so items with a high attribute came first.
    """

    kept: float
    kept_of_loss: float
    kept_first: float | None = None


TARGETS: dict[Sensitivity, Target] = {
    "LOW": Target(kept=0.90, kept_of_loss=0.60),
    "MEDIUM": Target(kept=0.75, kept_of_loss=0.30),
    "HIGH": Target(kept=0.45, kept_of_loss=0.10, kept_first=0.20),
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrainingList:
    """Candidate items of one training user, on which possible weights of an optimization objective are tried.

    Attributes:
        relevance: float32[k], the relevance of each candidate.
        grades: float32[k], a grade from -1 (low) to 1 (high) of each candidate's attribute value, multiplied by the
            spread of relevance among the candidates.
    """

    relevance: NDArray[np.float32]
    grades: NDArray[np.float32]

    def contenders(self) -> "_Contenders":
        """Return the candidates that can be among the first 25 recommended items for at least one weight of the grades.

        For each candidate left out, 25 others are at least as relevant and have at least the same grade, which is
        computed from the attribute of the objective.
        """
        order = np.argsort(-self.relevance, kind="stable")
        kept, stop = [order[:PREFIX]], PREFIX
        best = np.sort(self.grades[kept[0]])[-ORDERED:]
        while stop < len(order):
            block = order[stop : 2 * stop]
            block = block[self.grades[block] > best[0]]
            kept.append(block)
            best = np.sort(np.concatenate((best, self.grades[block])))[-ORDERED:]
            stop *= 2
        rows = np.concatenate(kept)
        before = np.searchsorted(-self.relevance[order], -self.relevance[rows])
        return _Contenders(relevance=self.relevance[rows], grades=self.grades[rows], chance=1 / (HEAD + before))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Contenders:
    """Candidates of a training user that can be among the first 25 recommended items for some weight of the attribute.

    Attributes:
        relevance: float32[k], the relevance of each candidate; see `TrainingList`.
        grades: float32[k], the scaled grade of each candidate; see `TrainingList`.
        chance: float64[k], a number proportional to the assumed probability that the user chooses each candidate.
    """

    relevance: NDArray[np.float32]
    grades: NDArray[np.float32]
    chance: NDArray[np.float64]


class _TrainingLists:
    """Candidates of all training users, as arrays with one row per user, padded with items that are never chosen."""

    def __init__(self, lists: Sequence[TrainingList]) -> None:
        users = [entry.contenders() for entry in lists]
        shape = len(users), max(ORDERED, *(len(user.chance) for user in users))
        self.relevance = np.full(shape, -np.inf, dtype=np.float32)
        self.grades = np.zeros(shape, dtype=np.float32)
        self.chance = np.zeros(shape)
        for row, user in enumerate(users):
            stop = len(user.chance)
            self.relevance[row, :stop] = user.relevance
            self.grades[row, :stop] = user.grades
            self.chance[row, :stop] = user.chance
        self.best = self._discounted(0.0, 0.0)

    def kept(self, weight: float, order_weight: float, *, places: int = ORDERED) -> float:
        """Return how much relevance lists of recommendations keep if they favour the attribute, as a share from 0 to 1.

        The relevance of each user's list is divided by the relevance of the user's most relevant list. The result is
        the mean over users.

        Args:
            weight: Weight of the attribute when the items of a list are chosen.
            order_weight: Weight of the attribute when the chosen items are ordered.
            places: Number of items to compare, from the beginning of each list.
        """
        gained = self._discounted(weight, order_weight)[:, :places].sum(axis=1)
        return float(np.mean(gained / self.best[:, :places].sum(axis=1)))

    def value_behind(self, weight: float, order_weight: float) -> float:
        """Return the mean attribute grade of all 25 items in the users' lists, minus that of the first five items.

        Args:
            weight: Weight of the attribute when the items of a list are chosen.
            order_weight: Weight of the attribute when the chosen items are ordered.
        """
        grades = np.take_along_axis(self.grades, self._rows(weight, order_weight), 1)
        return float(grades.mean() - grades[:, :FIRST].mean())

    def weight(self, share: float) -> float:
        """Find the weight of the attribute at which lists of recommendations keep a given share of their relevance.

        A larger weight gives lists of items with higher attribute values and less relevance; see `kept`.

        Args:
            share: The share, from 0 to 1, relative to lists ordered by relevance alone.

        Returns:
            The weight, which is used both to choose the items of a list and to order them.
        """
        return _reaching(share, lambda tried: self.kept(tried, tried), low=SMALLEST, high=LARGEST)

    def order_weight(self, share: float, *, weight: float) -> float:
        """Find the weight of the attribute for ordering the items of lists after they have been chosen.

        With this weight, the first five items keep the given share of relevance. They keep less if a larger weight is
        needed to give them at least the mean attribute grade of the list.

        Args:
            share: The share of relevance, relative to the first five items of lists ordered by relevance alone.
            weight: The weight with which the items of the lists are chosen.
        """
        high = max(weight, LARGEST)
        first = _reaching(share, lambda tried: self.kept(weight, tried, places=FIRST), low=weight, high=high)
        valuable = _reaching(0.0, lambda tried: self.value_behind(weight, tried), low=weight, high=high)
        return min(high, max(first, VALUE_MARGIN * valuable))

    def _discounted(self, weight: float, order_weight: float) -> NDArray[np.float64]:
        rows = self._rows(weight, order_weight)
        return np.asarray(np.take_along_axis(self.chance, rows, 1) * DISCOUNTS)

    def _rows(self, weight: float, order_weight: float) -> NDArray[np.int64]:
        """Return the 25 items that are recommended to each user with the given weights, in the order of the list.

        Args:
            weight: Weight of the attribute when the items of a list are chosen.
            order_weight: Weight of the attribute when the chosen items are ordered.

        Returns:
            The items as column indices of `self.relevance`, int64[n_users, 25].
        """
        blended = self.relevance + np.float32(weight) * self.grades
        rows = np.argpartition(-blended, ORDERED - 1, axis=1)[:, :ORDERED]
        ordered = self.relevance + np.float32(order_weight) * self.grades
        order = np.argsort(-np.take_along_axis(ordered, rows, 1), axis=1, kind="stable")
        return np.asarray(np.take_along_axis(rows, order, 1))


def objective_weights(lists: Sequence[TrainingList], sensitivity: Sensitivity) -> tuple[float, float]:
    """Find the weights of an optimization objective for one sensitivity.

    With these weights, the lists recommended to training users keep, on average, the share of relevance that `TARGETS`
    demands, relative to lists ordered by relevance alone.

    Args:
        lists: The candidates of each training user. There must be at least one user, and each must have a candidate.
        sensitivity: The sensitivity of the objective: LOW, MEDIUM or HIGH.

    Returns:
        The weight for choosing the items of a list and the weight for ordering them; see `Blend`.
    """
    target = TARGETS[sensitivity]
    training = _TrainingLists(lists)
    least = training.kept(LARGEST, LARGEST)
    kept = max(target.kept, least + target.kept_of_loss * (1 - least))
    if target.kept_first is None:
        weight = training.weight(kept)
        return weight, weight
    return _two_weights(training, kept=kept, kept_first=target.kept_first)


def _two_weights(training: _TrainingLists, *, kept: float, kept_first: float) -> tuple[float, float]:
    """Find a weight of the attribute for choosing the items of lists, and another one for ordering them.

    Ordering items by the attribute makes lists less relevant too, so the search alternates between the two weights. If
    the first five items keep a larger share than the whole list, the search makes the whole list keep this share too.
    This happens if the attribute has only two values and cannot order a list.

    Args:
        training: The candidates of the training users.
        kept: Share of the relevance that the ordered lists should keep.
        kept_first: Share that their first five items should keep.
    """
    chosen, weights = kept, (LARGEST, LARGEST)
    for _ in range(ROUNDS):
        weight = training.weight(chosen)
        weights = weight, training.order_weight(kept_first, weight=weight)
        missing = max(kept, training.kept(*weights, places=FIRST)) - training.kept(*weights)
        chosen = min(max(kept, MOST_CHOSEN), chosen + missing)
    return weights


def _reaching(target: float, share: Callable[[float], float], *, low: float, high: float) -> float:
    """Find the weight for which a decreasing function has a given value, by bisection of the weight's logarithm.

    Args:
        target: The wanted value.
        share: The decreasing function, which takes a weight.
        low: The smallest weight to consider.
        high: The largest weight to consider.

    Returns:
        The weight, or about `low` or `high` if no weight between them gives the target.
    """
    for _ in range(HALVINGS):
        middle = float(np.sqrt(low * high))
        low, high = (middle, high) if share(middle) > target else (low, middle)
    return float(np.sqrt(low * high))

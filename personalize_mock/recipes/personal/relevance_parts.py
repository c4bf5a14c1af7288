"""Terms whose weighted sum is the relevance of an item, computed for held-out users in order to learn the weights."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from personalize_mock.data.interaction_matrix import InteractionMatrix
from personalize_mock.recipes.numerics.top_k import are_largest
from personalize_mock.recipes.personal.association_rules import NEWEST as NEWEST_ITEMS
from personalize_mock.recipes.personal.association_rules import POPULARITY_POWER, RULES_RMS, RuleKind, rule_weights
from personalize_mock.recipes.personal.fold_in import FoldIn, newest_first
from personalize_mock.recipes.personal.held_out_users import HeldOutUsers
from personalize_mock.recipes.personal.item_pairs import count_pairs, dense_pair_blocks
from personalize_mock.recipes.personal.popularity_columns import popularity_columns
from personalize_mock.recipes.personal.warm_interactions import WarmInteractions

RULE_GROUPS = (  # rules that differ in whether the order matters; the first of all is the usual one
    tuple(RuleKind(backward=backward) for backward in (0.0, 0.5, 1.0)),
    tuple(RuleKind(window=1, recency_decay=0.5, backward=backward) for backward in (0.0, 0.5)),  # of consecutive items
)
RULE_KINDS = tuple(chain.from_iterable(RULE_GROUPS))
CANDIDATES = 500  # per user, the best by the usual weights
BLOCK = 32  # users
OTHERS = 5  # categories, the three columns of popularity, directions
DENSE = 4  # cells of a matrix per pair of interactions; up to it an array takes less time than a sparse matrix
DENSE_CELLS = 16_000_000  # larger matrices are sparse, to save memory

Matrix: TypeAlias = NDArray[np.float32] | sparse.csr_matrix


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RelevanceParts:
    """Terms whose weighted sum is the relevance of an item, for the best candidates of each held-out user.

    The terms, called parts, are in this order: a score from the factor model for each decay, a score from association
    rules for each of `RULE_KINDS`, the category lift, the three columns of `popularity_columns`, and the similarity to
    the newest items (`directions.py`). A decay is a list of weights for the items in a history, newest first, with
    which the factor model computes the user vector.

    Attributes:
        values: float32[n_users, n_candidates, n_parts], the parts of each candidate.
        unseen: bool[n_users, n_candidates], whether the candidate does not occur in the user's history.
        target: bool[n_users, n_candidates], whether the candidate is one of the user's held-out items.
    """

    values: NDArray[np.float32]
    unseen: NDArray[np.bool_]
    target: NDArray[np.bool_]

    @property
    def decays(self) -> int:
        """The number of decays, which are alternative lists of weights for the items in a history."""
        return int(self.values.shape[2]) - len(RULE_KINDS) - OTHERS

    def columns(self, decay: int, kind: int) -> NDArray[np.int64]:
        """Return the indices in the last axis of `values` of the parts whose weighted sum is the relevance, int64[7].

        The parts are the scores from factors and rules, followed by the last five parts of `values`.

        Args:
            decay: Index of the decay used for the score from factors. A decay is a list of weights for the items in a
                history.
            kind: Index in `RULE_KINDS` of the rules used for the score from rules.
        """
        parts = self.values.shape[2]
        return np.array([decay, self.decays + kind, *range(parts - OTHERS, parts)])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Rules:
    """Association rules of several kinds that differ only in the weight of pairs in reverse order.

    Unlike `AssociationRules`, this class keeps all rules of each item and not only the strongest ones, but it has only
    the rules of the items that are newest in the histories of held-out users. Items are given as positions in the array
    of the n_warm items with an interaction in the training data.

    Attributes:
        kinds: The kinds of rules, one of `RULE_GROUPS`. Only their `backward` differs.
        items: int64[n], the items that have rules, ascending.
        after: float32[n, n_warm]; a sparse matrix if most entries are 0. Entry (i, j) is large if item j often occurs
            soon after item `items[i]`.
        before: float32[n, n_warm]; a sparse matrix if most entries are 0. Entry (i, j) is large if item j often occurs
            soon before item `items[i]`.
    """

    kinds: Sequence[RuleKind]
    items: NDArray[np.int64]
    after: Matrix
    before: Matrix

    @classmethod
    def from_interactions(
        cls,
        interactions: InteractionMatrix,
        histories: Sequence[NDArray[np.int32]],
        warm: WarmInteractions,
        kinds: Sequence[RuleKind],
    ) -> "_Rules":
        count = len(warm.warm_items)
        item = warm.position_of_item[interactions.item]
        is_newest = np.zeros(count, dtype=bool)
        newest = np.concatenate([history[-NEWEST_ITEMS:] for history in histories])
        is_newest[warm.position_of_item[newest]] = True
        discount = 1 / np.maximum(1, np.bincount(item, minlength=count)) ** POPULARITY_POWER
        window = kinds[0].window
        dense = count**2 <= DENSE * len(item) * window and count * np.count_nonzero(is_newest) <= DENSE_CELLS
        strengths = _dense_strengths if dense else _sparse_strengths
        after, before = strengths(
            is_newest, discount, item=item, user=interactions.user, weight=interactions.weight, window=window
        )
        return cls(kinds=kinds, items=np.flatnonzero(is_newest), after=after, before=before)

    def scores(self, newest: NDArray[np.int32]) -> Iterator[NDArray[np.float32]]:
        """Yield the scores that association rules give to all n_warm items, once for each kind of rules.

        Args:
            newest: int32[n_users, length], the items of each user, newest first, padded with -1.

        Yields:
            Scores, float32[n_users, n_warm].
        """
        decay = self.kinds[0].recency_decay
        weights = rule_weights(newest, count=self.after.shape[1], recency_decay=decay).astype(np.float32)[:, self.items]
        after, before = (_as_array(weights @ rules) for rules in (self.after, self.before))
        for kind in self.kinds:
            scores = after + np.float32(kind.backward) * before
            rms = np.sqrt(np.einsum("ij,ij->i", scores, scores) / scores.shape[1])
            scores *= np.divide(RULES_RMS, rms, out=np.zeros_like(rms), where=rms > 0)[:, None]
            yield scores


def relevance_parts(
    users: HeldOutUsers,
    warm: WarmInteractions,
    *,
    fold_in: FoldIn,
    decays: Sequence[NDArray[np.float64]],
) -> RelevanceParts:
    """Compute the terms whose weighted sum is the relevance, for the 500 best candidates of each held-out user.

    `RelevanceParts` describes the terms. The candidates are the best by factors, the first kind of rules and
    categories, each with a weight of 1.

    Args:
        users: The held-out users. Their held-out interactions do not influence the terms.
        warm: All interactions, including the held-out ones.
        fold_in: Item factors fitted to the interactions that are not held out. All its weights are 1, and its
            `directions` are not None.
        decays: Alternative lists of weights for the items in a history, newest first, each float64[length].
    """
    earlier = users.earlier()
    rules = [_Rules.from_interactions(earlier, users.histories, warm, kinds) for kinds in RULE_GROUPS]
    popularity = popularity_columns(earlier, warm.warm_items).astype(np.float32)
    blocks = []
    for start in range(0, len(users.histories), BLOCK):
        histories = [warm.position_of_item[history] for history in users.histories[start : start + BLOCK]]
        targets = [warm.position_of_item[items] for items in users.targets[start : start + BLOCK]]
        newest = newest_first(histories, length=max(map(len, decays)))
        scores = [*_factor_scores(fold_in, newest, decays)]
        scores += chain.from_iterable(group.scores(newest) for group in rules)
        scores.append(_category_scores(fold_in, newest[:, : len(decays[0])]))
        best = _best_unseen(scores[0] + scores[len(decays)] + scores[-1], histories)
        columns = [np.take_along_axis(part, best, axis=1) for part in scores]
        columns.extend(popularity[best].transpose(2, 0, 1))
        columns.append(np.take_along_axis(_direction_scores(fold_in, newest[:, : len(decays[0])]), best, axis=1))
        values = np.stack(columns, axis=2)
        masks = [_membership(items, best, count=len(warm.warm_items)) for items in (histories, targets)]
        blocks.append((values, *masks))
    all_values, seen, target = zip(*blocks, strict=True)
    return RelevanceParts(
        values=np.concatenate(all_values),
        unseen=~np.concatenate(seen),
        target=np.concatenate(target),
    )


def _dense_strengths(
    is_newest: NDArray[np.bool_], discount: NDArray[np.float64], **options: Any
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the attributes `after` and `before` of `_Rules` as arrays that are not sparse.

    Args:
        is_newest: bool[n_warm], the mask of the items that have rules. Each of them gets a row.
        discount: float64[n_warm], the numbers by which the columns are multiplied.
        options: The arguments of `pair_blocks` except `count`, from which the pairs of items are counted.
    """
    items, count = np.flatnonzero(is_newest), len(is_newest)
    after, before = np.empty((2, len(items), count), dtype=np.float32)
    first = 0
    for pairs in dense_pair_blocks(**options, count=count):
        stop = first + len(pairs)
        own = slice(*np.searchsorted(items, (first, stop)))
        after[own] = pairs[items[own] - first] * discount
        before[:, first:stop] = pairs[:, items].T * discount[first:stop]
        first = stop
    return after, before


def _sparse_strengths(
    is_newest: NDArray[np.bool_], discount: NDArray[np.float64], **options: Any
) -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
    """Return the attributes `after` and `before` of `_Rules` as sparse matrices.

    `_dense_strengths` describes the arguments.
    """
    items = np.flatnonzero(is_newest)
    pairs = count_pairs(**options, count=len(is_newest), items=is_newest)
    return _discounted(pairs[items], discount), _discounted(pairs[:, items].T.tocsr(), discount)


def _discounted(pairs: sparse.csr_matrix, discount: NDArray[np.float64]) -> sparse.csr_matrix:
    """Return a copy of a matrix, as float32, in which each column is multiplied by its number in `discount`."""
    strengths = (pairs.data * discount[pairs.indices]).astype(np.float32)
    return sparse.csr_matrix((strengths, pairs.indices, pairs.indptr), shape=pairs.shape)


def _as_array(matrix: Matrix) -> NDArray[np.float32]:
    return matrix if isinstance(matrix, np.ndarray) else np.asarray(matrix.toarray())


def _factor_scores(
    fold_in: FoldIn, newest: NDArray[np.int32], decays: Sequence[NDArray[np.float64]]
) -> Iterator[NDArray[np.float32]]:
    count = len(fold_in.covariance)
    for weights in decays:
        vectors = fold_in.factor_vectors(newest[:, : len(weights)], weights=weights)
        yield vectors @ fold_in.factors[:, :count].T


def _category_scores(fold_in: FoldIn, newest: NDArray[np.int32]) -> NDArray[np.float32]:
    if fold_in.categories is None:
        return np.zeros((len(newest), len(fold_in.factors)), dtype=np.float32)
    return fold_in.categories.user_vectors(newest) @ fold_in.factors[:, fold_in.direction_columns.stop :].T


def _direction_scores(fold_in: FoldIn, newest: NDArray[np.int32]) -> NDArray[np.float32]:
    return fold_in.direction_vectors(newest) @ fold_in.factors[:, fold_in.direction_columns].T


def _best_unseen(relevance: NDArray[np.float32], histories: Sequence[NDArray[np.int32]]) -> NDArray[np.int64]:
    """Return the 500 best candidates of each user, int64[n_users, 500], ascending; all items if there are fewer.

    Seen items are only returned if there are too few unseen items.

    Args:
        relevance: float32[n_users, n_items], the relevance of all items, in which seen items are overwritten with -inf.
        histories: The items of each user's history, as columns of `relevance`.
    """
    for row, history in zip(relevance, histories, strict=True):
        row[history] = -np.inf
    return np.stack([np.flatnonzero(are_largest(row, k=CANDIDATES)) for row in relevance])


def _membership(items: Sequence[NDArray[np.int32]], candidates: NDArray[np.int64], *, count: int) -> NDArray[np.bool_]:
    """Return which candidates of each user are among the user's items, bool[n_users, n_candidates].

    A warm item is one with an interaction in the training data. Items are given as positions in the array of warm
    items.

    Args:
        items: Some items of each user.
        candidates: int64[n_users, n_candidates], the candidates of each user.
        count: Number of warm items.
    """
    mask = np.zeros((len(candidates), count), dtype=bool)
    for row, own in zip(mask, items, strict=True):
        row[own] = True
    return np.take_along_axis(mask, candidates, axis=1)

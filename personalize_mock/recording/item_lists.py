"""Comparison of lists of recommended items or actions."""

from collections.abc import Sequence
from typing import Any

ITEM_LISTS = {"itemList", "personalizedRanking", "actionList"}
LEAST_COMMON = 3  # items that two lists need to have in common for a rank correlation


def ids_of(entries: Sequence[Any]) -> list[str]:
    """Return the item or action ids in the entries of a list of recommendations, in the order of the list."""
    return [str(entry.get("itemId", entry.get("actionId"))) for entry in entries if isinstance(entry, dict)]


def overlap(first: Sequence[str], second: Sequence[str]) -> float:
    """Return the number of common ids divided by the length of the longer list. Two empty lists have the overlap 1."""
    longest = max(len(first), len(second))
    return len({*first} & {*second}) / longest if longest else 1.0


def rank_correlation(first: Sequence[str], second: Sequence[str]) -> float | None:
    """Return Spearman's rank correlation of the ids that two lists have in common, from -1 to 1.

    It is `1 - 6 * sum(d ** 2) / (n * (n ** 2 - 1))`, where n is the number of common ids and d is the difference
    between the two ranks of an id among them. It is None for fewer than three common ids.
    """
    common = {*first} & {*second}
    n = len(common)
    if n < LEAST_COMMON:
        return None
    ranks = [{name: rank for rank, name in enumerate(_kept(ids, common))} for ids in (first, second)]
    squares = sum((ranks[0][name] - ranks[1][name]) ** 2 for name in common)
    return 1 - 6 * squares / (n * (n * n - 1))


def _kept(ids: Sequence[str], common: set[str]) -> list[str]:
    return [name for name in dict.fromkeys(ids) if name in common]

"""Names of metrics and small interactions for the tests of evaluations."""

import numpy as np

from personalize_mock.data.interaction_matrix import InteractionMatrix, interaction_matrix
from personalize_mock.data.tables import Numbers, Strings, Table

RANKING_METRICS = [
    "coverage",
    "mean_reciprocal_rank_at_25",
    "normalized_discounted_cumulative_gain_at_10",
    "normalized_discounted_cumulative_gain_at_25",
    "normalized_discounted_cumulative_gain_at_5",
    "precision_at_10",
    "precision_at_25",
    "precision_at_5",
]


def from_pairs(*pairs: tuple[str, str]) -> InteractionMatrix:
    """Return interactions from pairs of user and item, a second apart."""
    users, items = zip(*pairs, strict=True)
    columns = {
        "USER_ID": Strings.from_values(users),
        "ITEM_ID": Strings.from_values(items),
        "TIMESTAMP": Numbers(values=np.arange(len(pairs))),
    }
    return interaction_matrix(Table(columns=columns, rows=len(pairs)))

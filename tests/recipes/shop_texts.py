"""Items with names and descriptions for tests of semantic similarity."""

from collections.abc import Mapping

import numpy as np
from dataset_tables import aligned
from recipes.materials import training_data

from personalize_mock.data.avro import SchemaField
from personalize_mock.data.interaction_matrix import InteractionMatrix, empty_interaction_matrix
from personalize_mock.data.tables import Numbers, Strings, Table
from personalize_mock.recipes.base import TrainingData
from personalize_mock.recipes.related.semantic_similarity import SemanticSimilarity, SemanticSimilarityModel

FIELDS = (
    SchemaField(name="ITEM_ID", type="string"),
    SchemaField(name="NAME", type="string", item_name=True),
    SchemaField(name="DESCRIPTION", type="string", textual=True),
    SchemaField(name="CREATION_TIMESTAMP", type="long"),
)
SHOP = {
    "boot": ("Winter boot", "a warm leather boot for snow and ice"),
    "glove": ("Glove", "warm leather fingers for the snow"),
    "hat": ("Sun hat", "straw against the sun on the beach"),
    "sandal": ("Sandal", "light shoes for the beach and the sun"),
    "skate": ("Skate", "steel for the ice"),
}


def items_table(texts: Mapping[str, tuple[str | None, str | None]]) -> Table:
    """Return an Items dataset from names and descriptions by id; each item is newer than the one before."""
    columns = {
        "ITEM_ID": Strings.from_values(texts),
        "NAME": Strings.from_values(name for name, _ in texts.values()),
        "DESCRIPTION": Strings.from_values(text for _, text in texts.values()),
        "CREATION_TIMESTAMP": Numbers(values=np.arange(len(texts)) * 1000),
    }
    return Table(columns=columns, rows=len(texts))


def text_data(
    texts: Mapping[str, tuple[str | None, str | None]] = SHOP, interactions: InteractionMatrix | None = None
) -> TrainingData:
    """Return training data with an Items dataset, with or without interactions."""
    rows = items_table(texts)
    if interactions is not None:
        return training_data(interactions, items=aligned(rows, interactions.items, key="ITEM_ID", fields=FIELDS))
    empty_table, interactions = empty_interaction_matrix(rows)
    return TrainingData(
        interactions=interactions,
        interactions_table=empty_table,
        items=aligned(rows, interactions.items, key="ITEM_ID", fields=FIELDS),
    )


def fitted(data: TrainingData) -> SemanticSimilarityModel:
    """Return a model of the data."""
    return SemanticSimilarity().fit(data, config={}, objective=None, seed=0)

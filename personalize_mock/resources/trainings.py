"""What solution versions and recommenders train on, and how they are told to."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from personalize_mock.resources.catalogue import RecipeEntry
from personalize_mock.resources.datasets import Dataset
from personalize_mock.simulation import Store

if TYPE_CHECKING:
    from personalize_mock.training import Order, Sources

# Documented; the second shrinks with the first where a test lowers it.
MINIMUM_INTERACTIONS = 1000
MINIMUM_USERS = 25


def sources(store: Store, group_arn: str) -> "Sources":
    """The datasets of a group that have rows, as they are now."""
    from personalize_mock.training import Source

    datasets = [each for each in store.all(Dataset).values() if each.dataset_group_arn == group_arn]
    tables = {each.dataset_type: (each.bulk, each.fields.fields) for each in datasets}
    return {kind: Source(table=table, fields=fields) for kind, (table, fields) in tables.items() if table is not None}


def order(
    store: Store,
    recipe: RecipeEntry,
    group_arn: str,
    *,
    config: Mapping[str, Any],
    event_type: str | None = None,
) -> "Order":
    """The order for a training that begins now.

    The seed is the group's: solutions that differ in one setting differ by that setting alone.
    """
    from personalize_mock.training import Order

    minimum = store.options.minimum_interactions if store.options.strict else 0
    return Order(
        recipe=recipe.name,
        config=config,
        event_type=event_type,
        minimum_interactions=minimum,
        minimum_users=MINIMUM_USERS * minimum // MINIMUM_INTERACTIONS,
        seed=store.seed("training", group_arn),
        now=store.clock.timestamp(),
    )

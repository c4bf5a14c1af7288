"""Training data and queries for the tests of the recipes."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from dataset_tables import aligned

from personalize_mock.data.avro import SchemaField
from personalize_mock.data.id_map import IdMap
from personalize_mock.data.interaction_matrix import InteractionMatrix
from personalize_mock.data.metadata import Metadata
from personalize_mock.data.tables import Numbers, Strings, Table
from personalize_mock.recipes.base import Query, TrainingData

GENRES = ("Comedy", "Drama", "Action", "Horror", "Crime")
WORDS = ("ship", "island", "train", "moon", "garden", "letter", "winter")
HOUR = 3600


def make_query(history: Iterable[int] = (), **members) -> Query:
    """Return a query of a user with a history."""
    return Query(history=np.asarray(list(history), dtype=np.int32), **members)


def training_data(interactions: InteractionMatrix, **members) -> TrainingData:
    """Return training data with interactions alone."""
    columns = {
        "USER_ID": Strings.from_values(interactions.users.values[user] for user in interactions.user),
        "ITEM_ID": Strings.from_values(interactions.items.values[item] for item in interactions.item),
        "TIMESTAMP": Numbers(values=interactions.timestamp),
    }
    rows = np.arange(len(interactions), dtype=np.int64)
    now = float(interactions.timestamp.max(initial=0) + 1)
    return TrainingData(
        interactions=replace(interactions, row=rows),
        interactions_table=Table(columns=columns, rows=len(interactions)),
        **{"now": now} | members,
    )


def full_training_data(interactions: InteractionMatrix) -> TrainingData:
    """Return training data with all datasets, and with event types and devices."""
    plain = training_data(interactions)
    columns = {
        **plain.interactions_table.columns,
        "EVENT_TYPE": Strings.from_values("Watch" for _ in range(len(interactions))),
        "DEVICE": Strings.from_values(("phone", "tv")[int(user) % 2] for user in interactions.user),
    }
    return replace(
        plain,
        interactions_table=Table(columns=columns, rows=len(interactions)),
        items=items_of(interactions.items),
        users=users_of(interactions.users),
        actions=actions(),
        action_interactions=action_interactions(interactions.users),
    )


def items_of(ids: IdMap) -> Metadata:
    """Return items whose genre is their index modulo 5, with a price, a date, a name and a text."""
    numbers = np.arange(len(ids))
    genre = [GENRES[number % 5] for number in numbers]
    words = [" ".join((WORDS[number % 7], WORDS[number // 7 % 7], GENRES[number % 5])) for number in numbers]
    return _metadata(
        ids,
        "ITEM_ID",
        {
            "GENRES": (Strings.from_values(genre), {"categorical": True}),
            "PRICE": (Numbers(values=1.0 + numbers % 9), {"type": "float"}),
            "CREATION_TIMESTAMP": (Numbers(values=numbers * HOUR), {"type": "long"}),
            "TITLE": (
                Strings.from_values(f"{word} {number}" for word, number in zip(words, numbers, strict=True)),
                {"item_name": True},
            ),
            "DESCRIPTION": (Strings.from_values(words), {"textual": True}),
        },
    )


def users_of(ids: IdMap) -> Metadata:
    """Return users of two memberships and many ages."""
    numbers = np.arange(len(ids))
    return _metadata(
        ids,
        "USER_ID",
        {
            "MEMBERSHIP": (
                Strings.from_values(("gold", "silver")[number % 2] for number in numbers),
                {"categorical": True},
            ),
            "AGE": (Numbers(values=20 + numbers % 50), {"type": "int"}),
        },
    )


def actions(count: int = 12) -> Metadata:
    """Return actions `a00`, `a01`, ... of three kinds."""
    numbers = np.arange(count)
    return _metadata(
        IdMap(f"a{number:02}" for number in numbers),
        "ACTION_ID",
        {
            "KIND": (
                Strings.from_values(("discount", "newsletter", "call")[number % 3] for number in numbers),
                {"categorical": True},
            ),
            "VALUE": (Numbers(values=1 + numbers % 10), {"type": "long"}),
        },
    )


def action_interactions(users: IdMap, *, count: int = 12, per_action: int = 120) -> Table:
    """Return `per_action` interactions with each action by alternating users, half of them Taken."""
    rows = [
        (users.values[(turn * 7 + action) % len(users)], f"a{action:02}", ("Taken", "Viewed")[turn % 2], turn)
        for action in range(count)
        for turn in range(per_action)
    ]
    user, action, kind, turn = zip(*rows, strict=True)
    columns = {
        "USER_ID": Strings.from_values(user),
        "ACTION_ID": Strings.from_values(action),
        "EVENT_TYPE": Strings.from_values(kind),
        "TIMESTAMP": Numbers(values=np.array(turn, dtype=np.int64) * HOUR),
    }
    return Table(columns=columns, rows=len(rows))


def _metadata(ids: IdMap, key: str, columns: dict) -> Metadata:
    fields = [SchemaField(name=name, **{"type": "string"} | attributes) for name, (_, attributes) in columns.items()]
    table = Table(
        columns={key: Strings.from_values(ids.values), **{name: column for name, (column, _) in columns.items()}},
        rows=len(ids),
    )
    return aligned(table, ids, key=key, fields=[SchemaField(name=key, type="string"), *fields])

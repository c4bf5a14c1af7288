"""A shop whose users take discounts or newsletters, for tests of recommended actions."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from dataset_tables import aligned

from personalize_mock.data.action_interactions import ActionHistory
from personalize_mock.data.avro import SchemaField
from personalize_mock.data.id_map import IdMap
from personalize_mock.data.interaction_matrix import interaction_matrix
from personalize_mock.data.metadata import Metadata
from personalize_mock.data.tables import Numbers, Strings, Table
from personalize_mock.data.timelines import ActionTimeline
from personalize_mock.data.user_histories import Interaction
from personalize_mock.recipes.actions.next_best_action import NextBestAction
from personalize_mock.recipes.base import Query, TrainingData

DAY = 86_400
START = 1_700_000_000
NOW = START + 41 * DAY
CATEGORIES = {"d1": "discount", "d2": "discount", "n1": "newsletter", "n2": "newsletter"}
USERS = 120
TYPES = {
    "REPEAT_FREQUENCY": "long",
    "EXPIRATION_TIMESTAMP": "long",
    "ACTION_EXPIRATION_TIMESTAMP": "long",
    "VALUE": "long",
}

Row = tuple[str, str, str, int]  # user, action, event type, timestamp


def actions(
    categories: dict[str, str] = CATEGORIES, *, ids: Sequence[str] | None = None, **numbers: dict[str, int]
) -> Metadata:
    """Return an Actions dataset.

    Args:
        categories: The category of each action.
        ids: The order of the actions; by default lexicographic.
        numbers: Numeric columns; each maps actions to their values, other actions have none.
    """
    columns: dict[str, Any] = {
        "ACTION_ID": Strings.from_values(categories),
        "KIND": Strings.from_values(categories.values()),
    }
    for name, values in numbers.items():
        valid = np.array([action in values for action in categories])
        columns[name] = Numbers(
            values=np.array([values.get(action, 0) for action in categories], dtype=np.int64), valid=valid
        )
    fields = [
        SchemaField(name="ACTION_ID", type="string"),
        SchemaField(name="KIND", type="string", categorical=True),
        *(SchemaField(name=name, type=TYPES[name], nullable=True) for name in numbers),
    ]
    id_map = IdMap(sorted(categories) if ids is None else ids)
    return aligned(Table(columns=columns, rows=len(categories)), id_map, key="ACTION_ID", fields=fields)


def action_interactions(rows: Iterable[Row]) -> Table:
    """Return an Action_Interactions dataset."""
    users, action_ids, types, times = zip(*rows, strict=True)
    columns = {
        "USER_ID": Strings.from_values(users),
        "ACTION_ID": Strings.from_values(action_ids),
        "EVENT_TYPE": Strings.from_values(types),
        "TIMESTAMP": Numbers(values=np.array(times, dtype=np.int64)),
    }
    return Table(columns=columns, rows=len(users))


def user(number: int) -> str:
    """Return the id of a user."""
    return f"u{number:03}"


def preference_rows(*, turns: int = 4, preferred: float = 0.8, other: float = 0.2) -> list[Row]:
    """Return rows of users of whom the even ones prefer discounts, the odd ones newsletters.

    Args:
        turns: Number of times that each user meets all four actions, ten days apart.
        preferred: Probability that a user takes a preferred action.
        other: Probability that a user takes another action.
    """
    rng = np.random.default_rng(0)
    rows = []
    for number in range(USERS):
        for turn in range(turns):
            for position, (action, category) in enumerate(CATEGORIES.items()):
                probability = preferred if (category == "discount") == (number % 2 == 0) else other
                event_type = "Taken" if rng.random() < probability else ("Viewed", "Not Taken")[turn % 2]
                rows.append((user(number), action, event_type, START + 10 * turn * DAY + 3600 * position))
    return rows


def shop(
    rows: Iterable[Row] | None = (), *, actions_dataset: Metadata | None = None, users: Metadata | None = None
) -> TrainingData:
    """Return training data in which even and odd users buy different items.

    Args:
        rows: The action interactions; `preference_rows()` if empty, no dataset if None.
        actions_dataset: The Actions dataset; `actions()` by default.
        users: The Users dataset.
    """
    triples = [
        (user(number), f"i{(number % 2) * 10 + (number + 3 * turn) % 10:02}", START + 3600 * turn)
        for number in range(USERS)
        for turn in range(9)
    ]
    buyers, items, times = zip(*triples, strict=True)
    columns = {
        "USER_ID": Strings.from_values(buyers),
        "ITEM_ID": Strings.from_values(items),
        "TIMESTAMP": Numbers(values=np.array(times, dtype=np.int64)),
    }
    item_interactions = Table(columns=columns, rows=len(triples))
    return TrainingData(
        interactions=interaction_matrix(item_interactions),
        interactions_table=item_interactions,
        actions=actions() if actions_dataset is None else actions_dataset,
        action_interactions=None if rows is None else action_interactions(list(rows) or preference_rows()),
        users=users,
        now=NOW,
    )


def fitted(data: TrainingData, *, seed: int = 0, **config: str):
    """Return a model with some hyperparameters; the others have their defaults."""
    return NextBestAction().fit(data, config=config, objective=None, seed=seed)


def action_history(data: TrainingData, *rows: tuple[str, str, float]) -> ActionHistory:
    """Return the history of a user from rows of action, event type and timestamp."""
    interactions = [Interaction(action_id, event_type, int(at)) for action_id, event_type, at in rows]
    return ActionTimeline(data.actions.ids, interactions).history()


def ranked_scores(
    model, data: TrainingData, query: Query | None = None, *, n: int = 100, candidates=None
) -> dict[str, float]:
    """Return the scores by action id, best first."""
    ranking = model.rank(replace(query or Query(), now=(query or Query()).now or NOW), n=n, candidates=candidates)
    return dict(zip(data.actions.ids.at(ranking.indices), ranking.scores.tolist(), strict=True))

"""What tests of actions are made of: a shop whose users take discounts or newsletters, and what they did."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from aligning import aligned

from personalize_mock.data.action_interactions import ActionHistory
from personalize_mock.data.avro import SchemaField
from personalize_mock.data.id_map import IdMap
from personalize_mock.data.interaction_matrix import interaction_matrix
from personalize_mock.data.metadata import Metadata
from personalize_mock.data.tables import Numbers, Strings, Table
from personalize_mock.recipes.actions.next_best_action import NextBestAction
from personalize_mock.recipes.base import Query, TrainingData

DAY = 86_400
START = 1_700_000_000
NOW = START + 41 * DAY
KINDS = {"d1": "discount", "d2": "discount", "n1": "newsletter", "n2": "newsletter"}
USERS = 120
TYPES = {
    "REPEAT_FREQUENCY": "long",
    "EXPIRATION_TIMESTAMP": "long",
    "ACTION_EXPIRATION_TIMESTAMP": "long",
    "VALUE": "long",
}

Row = tuple[str, str, str, int]  # user, action, event type, timestamp


def actions(kinds: dict[str, str] = KINDS, *, ids: Sequence[str] | None = None, **columns: dict[str, int]) -> Metadata:
    """An Actions dataset; columns of numbers are given as those values that are not null, by action."""
    made: dict[str, Any] = {"ACTION_ID": Strings.from_values(kinds), "KIND": Strings.from_values(kinds.values())}
    for name, values in columns.items():
        valid = np.array([action in values for action in kinds])
        made[name] = Numbers(values=np.array([values.get(action, 0) for action in kinds], dtype=np.int64), valid=valid)
    fields = [
        SchemaField(name="ACTION_ID", type="string"),
        SchemaField(name="KIND", type="string", categorical=True),
        *(SchemaField(name=name, type=TYPES[name], nullable=True) for name in columns),
    ]
    codes = IdMap(sorted(kinds) if ids is None else ids)
    return aligned(Table(columns=made, rows=len(kinds)), codes, key="ACTION_ID", fields=fields)


def interactions(rows: Iterable[Row]) -> Table:
    """An Action_Interactions dataset."""
    users, acted, types, times = zip(*rows, strict=True)
    columns = {
        "USER_ID": Strings.from_values(users),
        "ACTION_ID": Strings.from_values(acted),
        "EVENT_TYPE": Strings.from_values(types),
        "TIMESTAMP": Numbers(values=np.array(times, dtype=np.int64)),
    }
    return Table(columns=columns, rows=len(users))


def user(number: int) -> str:
    """A user's id."""
    return f"u{number:03}"


def tastes(*, turns: int = 4, takes: float = 0.8, leaves: float = 0.2) -> list[Row]:
    """Even users take discounts, odd ones newsletters; in each turn, ten days apart, each meets all four actions."""
    rng = np.random.default_rng(0)
    rows = []
    for number in range(USERS):
        for turn in range(turns):
            for place, (action, kind) in enumerate(KINDS.items()):
                probability = takes if (kind == "discount") == (number % 2 == 0) else leaves
                event_type = "Taken" if rng.random() < probability else ("Viewed", "Not Taken")[turn % 2]
                rows.append((user(number), action, event_type, START + 10 * turn * DAY + 3600 * place))
    return rows


def shop(
    rows: Iterable[Row] | None = (), *, offered: Metadata | None = None, users: Metadata | None = None
) -> TrainingData:
    """Item interactions in which even and odd users buy different things, and `rows` of action interactions.

    Args:
        rows: `tastes()` if empty, no dataset if None.
        offered: The Actions dataset; `actions()` by default.
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
    bought = Table(columns=columns, rows=len(triples))
    return TrainingData(
        interactions=interaction_matrix(bought),
        interactions_table=bought,
        actions=actions() if offered is None else offered,
        action_interactions=None if rows is None else interactions(list(rows) or tastes()),
        users=users,
        now=NOW,
    )


def fitted(data: TrainingData, *, seed: int = 0, **config: str):
    """A model with the default hyperparameters but for those given."""
    return NextBestAction().fit(data, config=config, objective=None, seed=seed)


def done(data: TrainingData, *rows: tuple[str, str, float]) -> ActionHistory:
    """What one user did: action, event type, timestamp."""
    acted, types, times = zip(*rows, strict=True) if rows else ((), (), ())
    return ActionHistory.from_ids(data.actions.ids, action_ids=acted, event_types=types, timestamps=times)


def answered(
    model, data: TrainingData, query: Query | None = None, *, n: int = 100, candidates=None
) -> dict[str, float]:
    """The scores by action id, best first."""
    ranking = model.rank(replace(query or Query(), now=(query or Query()).now or NOW), n=n, candidates=candidates)
    return dict(zip(data.actions.ids.at(ranking.indices), ranking.scores.tolist(), strict=True))

"""Which columns a training may learn from."""

from dataclasses import replace

import numpy as np
import pytest
from builders import ACTION_INTERACTIONS, ACTIONS, INTERACTIONS, ITEMS, START, USERS, avro_schema, csv_text

from personalize_mock.data import avro, csv_files
from personalize_mock.data.tables import Strings
from personalize_mock.recipes.base import Query
from personalize_mock.recipes.registry import RECIPES
from personalize_mock.training.dataset import TrainingDataset, TrainingRequest, data_of
from personalize_mock.training.fit import train

WORD, FLAG, KIND = "string", "boolean", {"type": "string", "categorical": True}
NEVER = {"WORD": WORD, "FLAG": FLAG}
TEXTS = {"NAME": {"type": "string", "itemName": True}, "PLOT": {"type": "string", "textual": True}}
FIELDS = {
    "Interactions": {**INTERACTIONS, "DEVICE": KIND, "EVENT_ATTRIBUTION_SOURCE": WORD, "RECOMMENDATION_ID": WORD},
    "Items": {**ITEMS, **TEXTS},
    "Users": USERS,
    "Actions": {**ACTIONS, "TYPE": WORD},
    "Action_Interactions": ACTION_INTERACTIONS,
}
KINDS = ("a", "b")


def rows(kind):
    """Sixty users, items, and actions, of which even ones differ from odd ones in every way."""
    words = [[KINDS[n % 2], str(bool(n % 2)).lower()] for n in range(60)]
    if kind == "Interactions":
        events = [(n, 2 * ((n * 7 + turn * 3) % 30) + n % 2, turn) for n in range(60) for turn in range(20)]
        told = ["Watch", "source", "id"]
        return [
            (f"u{n}", f"i{item}", told[0], START + turn * 600, *words[n][:1], *told[1:], *words[n])
            for n, item, turn in events
        ]
    if kind == "Items":
        return [(f"i{n}", "xy"[n // 2 % 2], n % 9, START, f"Film {n}", f"oak {n}", *words[n]) for n in range(60)]
    if kind == "Users":
        return [(f"u{n}", 20 + n % 9, "xy"[n // 2 % 2], *words[n]) for n in range(60)]
    if kind == "Actions":
        return [(f"a{n}", "xy"[n % 2], 1, "type", *words[n]) for n in range(4)]
    outcomes = ("Taken", "Not taken")
    return [(f"u{n}", f"a{n % 4}", outcomes[turn % 2], START + turn, *words[n]) for n in range(60) for turn in range(8)]


def sources(*, never=True):
    """All datasets, with or without a column of plain text and one of booleans in each."""
    found = {}
    for kind, fields in FIELDS.items():
        known = {**fields, **NEVER}
        schema = avro.parse(avro_schema(kind, known if never else fields))
        table = csv_files.read([csv_text(list(known), rows(kind)).encode()], schema)
        found[kind.upper()] = TrainingDataset(table=table, fields=schema.fields)
    return found


def learnt(**config):
    return data_of(TrainingRequest(recipe="aws-next-best-action", config=config), sources())


def test_booleans_plain_text_and_where_an_event_came_from_are_never_trained_on():
    data = learnt()
    for columns in (data.interactions_table.columns, data.action_interactions.columns):
        assert not {"WORD", "FLAG", "EVENT_ATTRIBUTION_SOURCE", "RECOMMENDATION_ID"} & set(columns)
    for metadata in (data.items, data.users, data.actions):
        assert not set(NEVER) & {each.name for each in metadata.fields}
    assert {"DEVICE", "EVENT_TYPE"} <= set(data.interactions_table.columns)
    assert {"NAME", "PLOT"} <= {each.name for each in data.items.fields}
    assert data.actions.field("TYPE") is not None


def test_they_are_not_trained_on_even_where_they_are_named():
    included = {"Interactions": ["WORD", "DEVICE"], "Items": ["FLAG", "PRICE"]}
    data = learnt(trainingDataConfig={"includedDatasetColumns": included})
    assert "DEVICE" in data.interactions_table.columns
    assert "WORD" not in data.interactions_table.columns
    assert [each.name for each in data.items.fields] == ["PRICE"]


def test_impressions_stay_for_exploration_whatever_is_left_out():
    found = sources()
    plain = found["INTERACTIONS"]
    shown = Strings.from_values("i1|i2" for _ in range(plain.table.rows))
    found["INTERACTIONS"] = replace(
        plain, table=replace(plain.table, columns=plain.table.columns | {"IMPRESSION": shown})
    )
    config = {"trainingDataConfig": {"excludedDatasetColumns": {"Interactions": ["DEVICE"]}}}
    data = data_of(TrainingRequest(recipe="aws-user-personalization", config=config), found)
    assert "DEVICE" not in data.interactions_table.columns
    assert data.interactions_table.columns["IMPRESSION"] is shown


@pytest.mark.parametrize("name", sorted(set(RECIPES) - {"aws-hrnn-coldstart"}))
def test_a_model_with_such_columns_answers_as_one_without(name):
    answers = []
    for never in (True, False):
        trained = train(TrainingRequest(recipe=name, now=START + 1e6), sources(never=never))
        asked = [
            Query(
                history=trained.history(user),
                user=trained.user(user),
                item=4,
                context=context,
                attributes=attributes,
                now=START + 1e6,
            )
            for user in ("u0", "u1", "nobody")
            for context in ({}, {"WORD": "a", "FLAG": "1", "EVENT_ATTRIBUTION_SOURCE": "source"})
            for attributes in ([("GENRES", "x")], [("FLAG", "true")])
        ]
        answers.append([trained.model.rank(query, n=30).indices for query in asked])
    assert any(len(codes) for codes in answers[0])
    assert all(map(np.array_equal, *answers))

"""Columns that a training uses."""

from dataclasses import replace

import numpy as np
import pytest
from builders import ACTION_INTERACTIONS, ACTIONS, INTERACTIONS, ITEMS, START, USERS, avro_schema, csv_text

from personalize_mock.data import avro, csv_files
from personalize_mock.data.dataset_table import DatasetTable
from personalize_mock.data.tables import Strings
from personalize_mock.recipes.base import Query
from personalize_mock.recipes.registry import RECIPES
from personalize_mock.training.dataset import training_data
from personalize_mock.training.fit import prepare
from personalize_mock.training.request import TrainingConfig, TrainingRequest

PLAIN_TEXT, FLAG, CATEGORY = "string", "boolean", {"type": "string", "categorical": True}
UNUSED = {"WORD": PLAIN_TEXT, "FLAG": FLAG}
TEXTS = {"NAME": {"type": "string", "itemName": True}, "PLOT": {"type": "string", "textual": True}}
FIELDS = {
    "Interactions": {
        **INTERACTIONS,
        "DEVICE": CATEGORY,
        "EVENT_ATTRIBUTION_SOURCE": PLAIN_TEXT,
        "RECOMMENDATION_ID": PLAIN_TEXT,
    },
    "Items": {**ITEMS, **TEXTS},
    "Users": USERS,
    "Actions": {**ACTIONS, "TYPE": PLAIN_TEXT},
    "Action_Interactions": ACTION_INTERACTIONS,
}
LETTERS = ("a", "b")


def rows(dataset_type):
    """Sixty users, items and actions; all columns tell even ones from odd ones."""
    unused = [[LETTERS[n % 2], str(bool(n % 2)).lower()] for n in range(60)]
    if dataset_type == "Interactions":
        events = [(n, 2 * ((n * 7 + turn * 3) % 30) + n % 2, turn) for n in range(60) for turn in range(20)]
        return [
            (f"u{n}", f"i{item}", "Watch", START + turn * 600, *unused[n][:1], "source", "id", *unused[n])
            for n, item, turn in events
        ]
    if dataset_type == "Items":
        return [(f"i{n}", "xy"[n // 2 % 2], n % 9, START, f"Film {n}", f"oak {n}", *unused[n]) for n in range(60)]
    if dataset_type == "Users":
        return [(f"u{n}", 20 + n % 9, "xy"[n // 2 % 2], *unused[n]) for n in range(60)]
    if dataset_type == "Actions":
        return [(f"a{n}", "xy"[n % 2], 1, "type", *unused[n]) for n in range(4)]
    outcomes = ("Taken", "Not taken")
    return [
        (f"u{n}", f"a{n % 4}", outcomes[turn % 2], START + turn, *unused[n]) for n in range(60) for turn in range(8)
    ]


def all_datasets(*, unused=True):
    """All datasets, each with or without a column of plain text and one of booleans."""
    datasets = {}
    for dataset_type, fields in FIELDS.items():
        all_fields = {**fields, **UNUSED}
        schema = avro.parse(avro_schema(dataset_type, all_fields if unused else fields))
        table = csv_files.read([csv_text(list(all_fields), rows(dataset_type)).encode()], schema)
        datasets[dataset_type.upper()] = DatasetTable(table=table, schema=schema)
    return datasets


def request(recipe, training_data_config=None, **members):
    config = TrainingConfig.from_wire({"trainingDataConfig": training_data_config or {}})
    return TrainingRequest(recipe=recipe, config=config, **members)


def data_with(**training_data_config):
    return training_data(request("aws-next-best-action", training_data_config), all_datasets())


def names(fields):
    return [field.name for field in fields]


def test_booleans_plain_text_and_the_source_of_an_event_are_never_used():
    data = data_with()
    for columns in (data.interactions_table.columns, data.action_interactions.columns):
        assert not {"WORD", "FLAG", "EVENT_ATTRIBUTION_SOURCE", "RECOMMENDATION_ID"} & set(columns)
    for metadata in (data.items, data.users, data.actions):
        assert not set(UNUSED) & set(names(metadata.fields))
    assert {"DEVICE", "EVENT_TYPE"} <= set(data.interactions_table.columns)
    assert {"NAME", "PLOT"} <= set(names(data.items.fields))
    assert data.actions.field("TYPE") is not None


def test_booleans_and_plain_text_are_not_used_even_if_they_are_included():
    data = data_with(includedDatasetColumns={"Interactions": ["WORD", "DEVICE"], "Items": ["FLAG", "PRICE"]})
    assert "DEVICE" in data.interactions_table.columns
    assert "WORD" not in data.interactions_table.columns
    assert names(data.items.fields) == ["PRICE"]


def test_new_columns_are_used_only_if_they_are_included():
    new_columns = {"ITEMS": frozenset({"PLOT"})}
    included = {"includedDatasetColumns": {"items": ["PLOT"]}}
    for training_data_config, used in (({}, False), (included, True)):
        selected = request("aws-next-best-action", training_data_config, new_columns=new_columns)
        assert ("PLOT" in names(training_data(selected, all_datasets()).items.fields)) is used


def test_impressions_are_kept_for_exploration_even_if_they_are_excluded():
    datasets = all_datasets()
    table, schema = datasets["INTERACTIONS"].table, datasets["INTERACTIONS"].schema
    impressions = Strings.from_values("i1|i2" for _ in range(table.rows))
    datasets["INTERACTIONS"] = DatasetTable(
        table=replace(table, columns=table.columns | {"IMPRESSION": impressions}),
        schema=replace(schema, fields=(*schema.fields, avro.SchemaField(name="IMPRESSION", type="string"))),
    )
    excluded = {"excludedDatasetColumns": {"Interactions": ["DEVICE", "IMPRESSION"]}}
    data = training_data(request("aws-user-personalization", excluded), datasets)
    assert "DEVICE" not in data.interactions_table.columns
    assert data.interactions_table.columns["IMPRESSION"] is impressions


@pytest.mark.parametrize("name", sorted(set(RECIPES) - {"aws-hrnn-coldstart"}))
def test_unused_columns_do_not_change_a_models_answers(name):
    answers = []
    for unused in (True, False):
        job = prepare(request(name, now=START + 1e6), all_datasets(unused=unused))
        fitted = job.fit({})
        queries = [
            Query(
                history=fitted.history(user),
                user=fitted.user(user),
                item=4,
                context=context,
                attributes=attributes,
                now=START + 1e6,
            )
            for user in ("u0", "u1", "nobody")
            for context in ({}, {"WORD": "a", "FLAG": "1", "EVENT_ATTRIBUTION_SOURCE": "source"})
            for attributes in ([("GENRES", "x")], [("FLAG", "true")])
        ]
        answers.append([fitted.model.rank(query, n=30).indices for query in queries])
    assert any(len(indices) for indices in answers[0])
    assert all(map(np.array_equal, *answers))

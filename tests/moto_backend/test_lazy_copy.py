"""Copies of parsed JSON behave like deep copies."""

import copy
import json
import pickle
from collections import OrderedDict

import pytest

from personalize_mock.moto_backend.lazy_copy import LazyCopy, lazy_copy, peek

TEXT = '{"name": "films", "shapes": {"Arn": {"type": "string", "enum": ["a", "b"]}}, "rules": [{"if": [{"a": 1}]}, 2]}'


def parse():
    return json.loads(TEXT, object_pairs_hook=OrderedDict)


READS = {
    "item": lambda data: [data["shapes"]["Arn"]["enum"], data["rules"][0]["if"][0]],
    "get": lambda data: [data.get("shapes").get("Arn").get("enum"), data.get("rules")[0].get("if")[0]],
    "values": lambda data: [*data.values()],
    "items": lambda data: [value for _, value in data.items()],
    "pop": lambda data: [data.pop("shapes"), data.pop("rules")],
    "popitem": lambda data: [data.popitem()[1], data.popitem(last=False)[1], data.popitem()[1]],
    "setdefault": lambda data: [data.setdefault("shapes", {}), data.setdefault("rules", [])],
    "dict": lambda data: [*dict(data).values()],
    "keywords": lambda data: [*{**data}.values()],
    "copy": lambda data: [*data.copy().values(), *copy.copy(data).values()],
    "union": lambda data: [*(data | {}).values(), *({} | data).values()],
    "deepcopy": lambda data: [*copy.deepcopy(data).values()],
}


def change(value):
    """Change a JSON value and everything in it."""
    if isinstance(value, dict):
        for member in value.values():
            change(member)
        value.clear()
    elif isinstance(value, list):
        for member in value:
            change(member)
        value.append("changed")


@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_changing_what_was_read_from_a_copy_does_not_change_the_original(read):
    original = parse()
    for value in read(lazy_copy(original)):
        change(value)
    assert original == parse()


@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_reading_a_copy_returns_the_values_of_the_original(read):
    assert read(lazy_copy(parse())) == read(parse())


def test_changes_of_a_copy_stay():
    data = lazy_copy(parse())
    data["shapes"]["Name"] = added = OrderedDict(type="string")
    data["shapes"]["Arn"]["enum"].append("c")
    assert data["shapes"]["Name"] is added
    assert data["shapes"]["Arn"]["enum"] == ["a", "b", "c"]


def test_reading_a_member_twice_returns_the_same_object():
    data = lazy_copy(parse())
    assert data["shapes"] is data["shapes"]
    assert data["rules"] is data.get("rules")


def test_a_missing_member_is_missing():
    data = lazy_copy(parse())
    assert data.get("nothing") is None
    assert data.get("nothing", 1) == data.pop("nothing", 1) == data.setdefault("nothing", 1) == 1
    with pytest.raises(KeyError):
        data["other"]
    with pytest.raises(KeyError):
        data.pop("other")
    data.clear()
    with pytest.raises(KeyError):
        data.popitem()


def test_a_copy_equals_the_original_and_shows_it_in_the_same_order():
    data = lazy_copy(parse())
    assert data == parse() == data
    assert data != {**parse(), "name": "songs"}
    assert json.dumps(data) == json.dumps(parse())


def through_pickle(data):
    return pickle.loads(pickle.dumps(data))  # noqa: S301  # its own bytes


@pytest.mark.parametrize("make", [copy.copy, copy.deepcopy, through_pickle])
def test_a_copy_of_a_copy_is_an_ordinary_dictionary(make):
    made = make(lazy_copy(parse()))
    assert made == parse()
    assert type(made) is OrderedDict


def test_the_original_of_an_unchanged_copy_is_known():
    original = parse()
    assert LazyCopy(original).unchanged_original() is original


@pytest.mark.parametrize(
    "edit",
    [
        lambda data: data["rules"][0],
        lambda data: data.update(name="other"),
        lambda data: data.pop("name"),
        lambda data: data.update(more=None),
        lambda data: (data.pop("name"), data.update(more=None)),
    ],
)
def test_a_copy_that_was_read_or_changed_names_no_original(edit):
    data = LazyCopy(parse())
    edit(data)
    assert data.unchanged_original() is None


def test_peeking_copies_nothing():
    original = parse()
    data = LazyCopy(original)
    assert peek(data, "shapes") is original["shapes"]
    assert peek(data, "nothing") is None
    assert data.unchanged_original() is original
    assert peek(original, "name") == "films"

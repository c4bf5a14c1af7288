"""How long filters remember what users did."""

from dataclasses import replace
from math import inf

import numpy as np
import pytest
from builders import ACTION_INTERACTIONS, INTERACTIONS, avro_schema
from hypothesis import given
from hypothesis import strategies as st

from personalize_mock.data.avro import parse
from personalize_mock.data.contents import DatasetContents
from personalize_mock.data.put_log import PutRecord
from personalize_mock.data.records import table_from_rows
from personalize_mock.data.retention import RETENTION, oldest_retained, retained_mask

SCHEMA = parse(avro_schema("Interactions", INTERACTIONS))
DAY = 86_400.0


@pytest.mark.parametrize(
    ("days", "today", "oldest"),
    [
        ([0], 0, 0),
        ([0], 90, 0),
        ([0], 91, inf),
        ([0, 90, 180], 270, 0),
        ([180, 0, 90], 270, 0),
        ([0, 90, 181], 270, 181),
        ([0, 91], 181, 91),
        ([0, 91], 182, inf),
        ([], 0, inf),
    ],
)
def test_three_months_without_an_import_make_all_that_came_before_forgotten(days, today, oldest):
    assert oldest_retained([day * DAY for day in days], today * DAY) == oldest * DAY


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 12))), st.integers(12, 16))
def test_many_users_are_remembered_as_each_is(came, now):
    scale = RETENTION / 2
    users = np.array([user for user, _ in came], dtype=np.int32)
    arrivals = np.array([at * scale for _, at in came], dtype=np.float64)
    first = {user: oldest_retained((at * scale for one, at in came if one == user), now * scale) for user in range(4)}

    assert retained_mask(users, arrivals, now * scale).tolist() == [at * scale >= first[user] for user, at in came]


def table(*rows):
    return table_from_rows(SCHEMA, [(user, item, "Watch", 1) for user, item in rows])


def event(user, item, day, *, session="s"):
    return PutRecord(row=(user, item, "Watch", 1), session_id=session, at=day * DAY)


def known(contents, user, day):
    return sorted(contents.retained_items(user, limit=100, now=day * DAY).get("watch", []))


def test_each_user_is_forgotten_alone():
    contents = (
        DatasetContents(SCHEMA)
        .with_import(table(("u1", "i1"), ("u2", "i2")), at=0.0)
        .with_records([event("u1", "i3", 80)])
    )

    assert (known(contents, "u1", 90), known(contents, "u2", 90)) == (["i1", "i3"], ["i2"])
    assert (known(contents, "u1", 100), known(contents, "u2", 100)) == (["i1", "i3"], [])
    assert (known(contents, "u1", 171), known(contents, "u2", 171)) == ([], [])


def test_what_comes_after_the_three_months_does_not_bring_back_what_was_before():
    contents = DatasetContents(SCHEMA).with_import(table(("u1", "i1")), at=0.0).with_records([event("u1", "i2", 10)])
    contents = contents.with_import(table(("u1", "i3"), ("u2", "i4")), mode="INCREMENTAL", at=101 * DAY)

    assert known(contents, "u1", 101) == ["i3"]
    assert known(contents, "u2", 101) == ["i4"]
    assert known(contents.with_records([event("u1", "i5", 102)]), "u1", 103) == ["i3", "i5"]


def test_a_new_import_of_the_history_is_remembered_whenever_it_happened():
    contents = DatasetContents(SCHEMA).with_import(table(("u1", "i1")), at=0.0)

    assert known(contents.with_import(table(("u1", "i1")), at=200 * DAY), "u1", 250) == ["i1"]


def test_events_that_are_put_again_after_they_were_forgotten_are_remembered():
    again = [event("u1", "i1", 0), event("u1", "i2", 0)]
    contents = DatasetContents(SCHEMA).with_records(again).with_records([event("u1", "i1", 90)])
    assert contents.put_count == 2

    contents = contents.with_records([replace(each, at=120 * DAY) for each in again])
    assert known(contents, "u1", 150) == ["i1", "i2"]


def test_action_interactions_are_not_forgotten():
    schema = parse(avro_schema("Action_Interactions", ACTION_INTERACTIONS))
    contents = DatasetContents(schema).with_records([PutRecord(row=("u1", "a1", "Taken", 1), session_id="s")])

    assert contents.retained_items("u1", limit=100, now=1000 * DAY) == {"taken": ["a1"]}


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["put", "FULL", "INCREMENTAL"]),
        st.integers(1, 60),
        st.lists(st.tuples(st.sampled_from(["u1", "u2", "u3"]), st.integers(0, 9).map("i{}".format)), max_size=4),
    ),
    max_size=8,
)


@given(STEPS, st.integers(0, 100), st.booleans())
def test_what_is_known_of_one_user_is_what_is_known_of_all(steps, later, look):
    contents, day = DatasetContents(SCHEMA), 0
    for kind, days, rows in steps:
        day += days
        if kind == "put":
            contents = contents.with_records([event(user, f"{item} of day {day}", day) for user, item in rows])
        else:
            contents = contents.with_import(table(*rows), mode=kind, at=day * DAY)
        if look:
            assert contents.data is None or contents.data.rows >= 0  # looking keeps what was computed
    left = contents.retained_interactions((day + later) * DAY)
    of_all = [] if left is None else list(zip(left.strings("USER_ID"), left.strings("ITEM_ID"), strict=True))
    for user in ("u1", "u2", "u3"):
        assert known(contents, user, day + later) == sorted(item for each, item in of_all if each == user)

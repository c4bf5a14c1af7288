"""Retention of interactions for filters."""

from dataclasses import replace
from math import inf

import numpy as np
import pytest
from builders import ACTION_INTERACTIONS, INTERACTIONS, avro_schema
from hypothesis import given
from hypothesis import strategies as st

from personalize_mock.data.avro import parse
from personalize_mock.data.contents import DatasetContents
from personalize_mock.data.put_record import PutRecord
from personalize_mock.data.records import table_from_rows
from personalize_mock.data.retention import RETENTION, ArrivalRun, oldest_retained, retained_mask

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
def test_three_months_without_an_import_end_the_retention_of_earlier_data(days, today, oldest):
    arrivals = [ArrivalRun(0, day * DAY, day * DAY) for day in days]
    assert oldest_retained(arrivals, today * DAY) == oldest * DAY


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 12))), st.integers(12, 16))
def test_the_mask_of_many_users_agrees_with_the_instant_of_each(arrivals_by_user, now):
    scale = RETENTION / 2
    users = np.array([user for user, _ in arrivals_by_user], dtype=np.int32)
    arrivals = np.array([at * scale for _, at in arrivals_by_user], dtype=np.float64)
    first = {
        user: oldest_retained(
            (ArrivalRun(0, at * scale, at * scale) for one, at in arrivals_by_user if one == user), now * scale
        )
        for user in range(4)
    }

    assert retained_mask(users, arrivals, now * scale).tolist() == [
        at * scale >= first[user] for user, at in arrivals_by_user
    ]


def table(*rows):
    return table_from_rows(SCHEMA, [(user, item, "Watch", 1) for user, item in rows])


def event(user, item, day, *, session="s"):
    return PutRecord(row=(user, item, "Watch", 1), session_id=session, at=day * DAY)


def retained(contents, user, day):
    return sorted(contents.retained_items(user, limit=100, now=day * DAY).get("watch", []))


def test_each_user_has_their_own_retention():
    contents = (
        DatasetContents(SCHEMA)
        .with_import(table(("u1", "i1"), ("u2", "i2")), at=0.0)
        .with_records([event("u1", "i3", 80)])
    )

    assert (retained(contents, "u1", 90), retained(contents, "u2", 90)) == (["i1", "i3"], ["i2"])
    assert (retained(contents, "u1", 100), retained(contents, "u2", 100)) == (["i1", "i3"], [])
    assert (retained(contents, "u1", 171), retained(contents, "u2", 171)) == ([], [])


def test_new_data_does_not_restore_dropped_data():
    contents = DatasetContents(SCHEMA).with_import(table(("u1", "i1")), at=0.0).with_records([event("u1", "i2", 10)])
    contents = contents.with_import(table(("u1", "i3"), ("u2", "i4")), mode="INCREMENTAL", at=101 * DAY)

    assert retained(contents, "u1", 101) == ["i3"]
    assert retained(contents, "u2", 101) == ["i4"]
    assert retained(contents.with_records([event("u1", "i5", 102)]), "u1", 103) == ["i3", "i5"]


def test_retention_counts_from_the_import_and_not_from_the_interaction():
    contents = DatasetContents(SCHEMA).with_import(table(("u1", "i1")), at=0.0)

    assert retained(contents.with_import(table(("u1", "i1")), at=200 * DAY), "u1", 250) == ["i1"]


def test_dropped_events_can_be_put_again():
    again = [event("u1", "i1", 0), event("u1", "i2", 0)]
    contents = DatasetContents(SCHEMA).with_records(again).with_records([event("u1", "i1", 90)])
    assert contents.put_count == 2

    contents = contents.with_records([replace(each, at=120 * DAY) for each in again])
    assert retained(contents, "u1", 150) == ["i1", "i2"]


def test_action_interactions_are_retained_forever():
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
def test_the_items_of_each_user_agree_with_the_interactions_of_all(steps, more_days, read_between):
    contents, day = DatasetContents(SCHEMA), 0
    for operation, days, rows in steps:
        day += days
        if operation == "put":
            contents = contents.with_records([event(user, f"{item} of day {day}", day) for user, item in rows])
        else:
            contents = contents.with_import(table(*rows), mode=operation, at=day * DAY)
        if read_between:
            assert contents.data is None or contents.data.rows >= 0  # looking keeps what was computed
    left = contents.retained_interactions((day + more_days) * DAY)
    of_all = [] if left is None else list(zip(left.strings("USER_ID"), left.strings("ITEM_ID"), strict=True))
    for user in ("u1", "u2", "u3"):
        assert retained(contents, user, day + more_days) == sorted(item for each, item in of_all if each == user)

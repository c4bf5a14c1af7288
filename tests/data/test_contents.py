import copy
import pickle

import pytest
from builders import ACTION_INTERACTIONS, INTERACTIONS, ITEMS, USERS, avro_schema
from hypothesis import given
from hypothesis import strategies as st
from put_events import put_interactions

from personalize_mock.data.avro import parse
from personalize_mock.data.contents import DatasetContents
from personalize_mock.data.put_record import PutRecord
from personalize_mock.data.records import table_from_rows

ITEM_SCHEMA = parse(avro_schema("Items", ITEMS))
SCHEMA = parse(avro_schema("Interactions", INTERACTIONS))
WITH_IMPRESSION = parse(avro_schema("Interactions", {**INTERACTIONS, "IMPRESSION": ["null", "string"]}))


def prices(**items):
    return [(item, "Crime", float(price), 0) for item, price in items.items()]


def items_table(**items):
    return table_from_rows(ITEM_SCHEMA, prices(**items))


def put_items(**items):
    return [PutRecord(row=row) for row in prices(**items)]


def prices_of(contents):
    data = contents.data
    return dict(zip(data.strings("ITEM_ID"), data.numbers("PRICE"), strict=True))


def event(user, item, time=1, *, session="s1", event_type="Watch", **more):
    return PutRecord(row=(user, item, event_type, time), session_id=session, **more)


def rows(table):
    return [] if table is None else list(zip(*table.columns.values(), strict=True))


def users(table):
    return [row[0] for row in rows(table)]


@pytest.fixture
def items():
    return DatasetContents(ITEM_SCHEMA)


@pytest.fixture
def interactions():
    return DatasetContents(SCHEMA)


@pytest.fixture
def imported(interactions):
    return interactions.with_import(table_from_rows(SCHEMA, [("u1", "i1", "Watch", 1), ("u2", "i2", "Watch", 2)]))


def test_new_contents_are_empty(items, interactions):
    for contents in (items, interactions):
        assert (contents.bulk, contents.data, contents.training_data) == (None, None, None)
        assert contents.put_count == 0
    assert put_interactions(interactions, "u1", after=0) == []


def test_data_contains_imported_and_put_records(items):
    contents = items.with_import(items_table(a=1, b=2)).with_records(put_items(c=3))
    assert prices_of(contents) == {"a": 1, "b": 2, "c": 3}
    assert contents.bulk.rows == 2


def test_data_contains_put_records_without_an_import(items):
    assert prices_of(items.with_records(put_items(a=1))) == {"a": 1}


def test_an_import_without_rows_is_an_empty_table(items):
    assert rows(items.with_import(items_table()).data) == []


def test_the_newest_row_of_an_id_counts(items):
    contents = items.with_import(items_table(a=1, b=2))
    contents = contents.with_records(put_items(a=10))
    assert prices_of(contents) == {"a": 10, "b": 2}
    contents = contents.with_records(put_items(a=11, c=5)).with_records(put_items(c=6))
    assert prices_of(contents) == {"a": 11, "b": 2, "c": 6}


@pytest.mark.parametrize("mode", ["FULL", "INCREMENTAL"])
def test_a_later_import_replaces_put_records_of_the_same_id_only(items, mode):
    contents = (
        items.with_import(items_table(a=1)).with_records(put_items(a=10, c=3)).with_import(items_table(a=2), mode=mode)
    )
    assert prices_of(contents) == {"a": 2, "c": 3}
    assert prices_of(contents.with_records(put_items(a=4))) == {"a": 4, "c": 3}


def test_a_full_import_removes_imported_records_and_keeps_put_records(items):
    contents = items.with_import(items_table(a=1, b=2)).with_records(put_items(c=3)).with_import(items_table(d=4))
    assert prices_of(contents) == {"c": 3, "d": 4}
    assert list(contents.bulk.strings("ITEM_ID")) == ["d"]


def test_a_put_record_that_replaced_an_imported_one_survives_a_full_import_without_it(items):
    contents = items.with_import(items_table(a=1)).with_records(put_items(a=10)).with_import(items_table(b=2))
    assert prices_of(contents) == {"a": 10, "b": 2}


def test_an_incremental_import_adds_to_the_one_before(items):
    contents = items.with_import(items_table(a=1, b=2)).with_import(items_table(b=3, c=4), mode="INCREMENTAL")
    assert prices_of(contents) == {"a": 1, "b": 3, "c": 4}
    assert contents.bulk.rows == 3
    assert [each.mode for each in contents.imports] == ["FULL", "INCREMENTAL"]


def test_the_last_row_of_an_id_in_an_import_counts(items):
    table = table_from_rows(ITEM_SCHEMA, [*prices(a=1), *prices(a=2)])
    assert prices_of(items.with_import(table)) == {"a": 2}
    assert items.with_import(table).bulk.rows == 1


def test_data_does_not_depend_on_earlier_reads(items):
    def data_after(*, read_between):
        contents = items.with_import(items_table(a=1, b=2))
        for step in (put_items(a=3), put_items(c=4), put_items(a=5, d=6)):
            contents = contents.with_records(step)
            if read_between:
                assert contents.data is not None
        return rows(contents.data)

    assert data_after(read_between=True) == data_after(read_between=False)


def test_data_is_computed_once(items):
    contents = items.with_import(items_table(a=1)).with_records(put_items(b=2))
    assert contents.data is contents.data


def test_contents_are_immutable(items):
    before = items.with_records(put_items(a=1))
    after = before.with_records(put_items(a=2))
    assert prices_of(before) == {"a": 1}
    assert prices_of(after) == {"a": 2}


def test_two_puts_into_the_same_contents_are_independent(interactions):
    start = interactions.with_records([event("u1", "i1")])
    one, other = start.with_records([event("u1", "i2", 2)]), start.with_records([event("u1", "i3", 3)])
    assert [each.item_id for each in put_interactions(start, "u1", after=0)] == ["i1"]
    assert [each.item_id for each in put_interactions(one, "u1", after=0)] == ["i1", "i2"]
    assert [each.item_id for each in put_interactions(other, "u1", after=0)] == ["i1", "i3"]


def test_contents_can_be_copied_and_pickled(imported):
    contents = imported.with_records([event("u1", "i7", 5)])
    assert contents.retained_items("u1", limit=100, now=0) == {"watch": ["i7", "i1"]}
    for copied in (copy.deepcopy(contents), pickle.loads(pickle.dumps(contents))):  # noqa: S301  # made here
        assert rows(copied.data) == rows(contents.data)
        assert copied.with_records([event("u1", "i8", 6)]).retained_items("u1", limit=100, now=0) == {
            "watch": ["i8", "i7", "i1"]
        }
    assert contents.put_count == 1


def test_a_repeated_event_is_stored_once(interactions):
    contents = interactions.with_records([event("u1", "i1"), event("u1", "i1")]).with_records(
        [event("u1", "i1", session="s2")]
    )
    assert contents.put_count == 1


def test_events_that_differ_in_one_value_are_all_stored(interactions):
    different = [event("u1", "i1"), event("u1", "i1", 2), event("u1", "i2"), event("u2", "i1")]
    different += [event("u1", "i1", event_type="Click"), event(None, "i1"), event(None, "i1", session="s2")]
    assert interactions.with_records(different).put_count == len(different)


def test_trainings_use_only_the_first_event_of_an_event_id(interactions):
    contents = interactions.with_records([event("u1", "i1", event_id="e"), event("u1", "i2", event_id="e")])
    contents = contents.with_records([event("u1", "i3", event_id="e"), event("u1", "i4"), event("u1", "i5")])
    assert [item for _, item, *_ in rows(contents.training_data)] == ["i1", "i4", "i5"]
    assert [item for _, item, *_ in rows(contents.data)] == ["i1", "i2", "i3", "i4", "i5"]
    assert [each.item_id for each in put_interactions(contents, "u1", after=0)] == ["i1", "i2", "i3", "i4", "i5"]


def test_put_records_with_one_id_are_not_repetitions(items):
    assert items.with_records(put_items(a=1)).with_records(put_items(a=2)).with_records(put_items(a=1)).put_count == 3


def test_data_contains_imported_and_put_interactions(imported):
    contents = imported.with_records([event("u1", "i3", 3)])
    assert len(rows(contents.data)) == len(rows(contents.training_data)) == 3
    assert contents.bulk.rows == 2


def test_a_full_import_keeps_put_events(imported):
    contents = imported.with_records([event("u1", "i3", 3)]).with_import(
        table_from_rows(SCHEMA, [("u9", "i9", "Watch", 9)])
    )
    assert sorted(users(contents.data)) == ["u1", "u9"]


def test_a_session_takes_the_place_of_an_unknown_user(interactions):
    contents = interactions.with_records([event(None, "i1"), event("u1", "i2")])
    assert users(contents.data) == ["s1", "u1"]
    assert [each.item_id for each in put_interactions(contents, "s1", after=0)] == ["i1"]
    assert contents.retained_items("s1", limit=100, now=0) == {"watch": ["i1"]}


def test_a_training_ignores_events_of_sessions_without_a_user(imported, interactions):
    contents = imported.with_records([event(None, "i1")])
    assert users(contents.training_data) == ["u1", "u2"]
    assert interactions.with_records([event(None, "i1")]).training_data is None


def test_a_training_uses_all_events_of_a_session_once_one_of_them_names_a_user(interactions):
    contents = interactions.with_records([event(None, "i1", 1), event(None, "i9", 1, session="s2")])
    contents = contents.with_records([event("u1", "i2", 2)]).with_records([event(None, "i3", 3)])
    assert rows(contents.training_data) == [("u1", f"i{n}", "Watch", n) for n in (1, 2, 3)]


def test_a_training_uses_linked_sessions_after_an_import_too(imported):
    contents = imported.with_records([event(None, "i3", 3), event("u1", "i4", 4)])
    assert users(contents.training_data) == ["u1", "u2", "u1", "u1"]


def test_filters_link_sessions_to_users_among_the_events_of_the_training(interactions):
    contents = interactions.with_records([event(None, "i1", 1), event("u1", "i2", 2), event(None, "i3", 3)])
    contents = contents.with_records([event("u2", "i4", 4, session="s2")])
    assert contents.retained_items("u1", limit=9, now=5) == {"watch": ["i2"]}
    assert contents.retained_items("u1", limit=9, now=5, linked_count=1) == {
        "watch": ["i2"]
    }  # the session named nobody yet
    assert contents.retained_items("u1", limit=9, now=5, linked_count=2) == {"watch": ["i2", "i1"]}
    assert contents.retained_items("u1", limit=9, now=5, linked_count=99) == {"watch": ["i3", "i2", "i1"]}
    assert contents.retained_items("u2", limit=9, now=5, linked_count=99) == {"watch": ["i4"]}


def test_events_of_a_linked_session_prolong_the_retention_of_a_user(interactions):
    later = 100 * 86_400
    contents = interactions.with_records([event("u1", "i1", 1, at=1.0), event(None, "i2", 2, at=80.0 * 86_400)])
    assert contents.retained_items("u1", limit=9, now=later) == {}
    assert contents.retained_items("u1", limit=9, now=later, linked_count=2) == {"watch": ["i2", "i1"]}


def test_a_session_id_given_as_user_id_is_a_user_of_its_own(interactions):
    assert users(interactions.with_records([event("s1", "i1", session="s1")]).training_data) == ["s1"]


def test_put_interactions_are_sorted_by_time_and_can_skip_the_first_records(interactions):
    contents = interactions.with_records([event("u1", "i1", 9), event("u2", "i2", 8)])
    contents = contents.with_records([event("u1", "i3", 7), event("u1", "i4", 6)])
    assert [each.item_id for each in put_interactions(contents, "u1", after=0)] == ["i4", "i3", "i1"]
    assert [each[:3] for each in put_interactions(contents, "u1", after=2)] == [("i4", "Watch", 6), ("i3", "Watch", 7)]
    assert put_interactions(contents, "u1", after=contents.put_count) == []


def test_retained_items_are_those_of_imported_and_put_interactions(imported):
    contents = imported.with_records([event("u1", "i7", 7)])
    assert contents.retained_items("u1", limit=9, now=0) == {"watch": ["i7", "i1"]}
    assert imported.retained_items("u1", limit=9, now=0) == {"watch": ["i1"]}


def test_a_put_event_does_not_rebuild_the_index(imported):
    bulk, _ = imported.sources
    assert imported.with_records([event("u1", "i7", 7)]).sources[0] is bulk


def test_histories_of_action_interactions_hold_action_ids():
    contents = DatasetContents(parse(avro_schema("Action_Interactions", ACTION_INTERACTIONS)))
    events = [PutRecord(row=("u1", f"a{n}", "Taken", n), session_id="s") for n in range(400)]
    assert contents.with_records(events).retained_items("u1", limit=300, now=0)["taken"] == [
        f"a{n}" for n in range(399, 99, -1)
    ]


def test_impressions_of_events_add_a_column_for_trainings(imported):
    assert "IMPRESSION" not in imported.with_records([event("u1", "i3", 3)]).training_data
    contents = imported.with_records([event("u1", "i3", 3, impression=("i3", "i4")), event("u1", "i5", 5)])
    assert list(contents.training_data.strings("IMPRESSION")) == [None, None, "i3|i4", None]
    assert "IMPRESSION" not in contents.data


def test_a_schema_with_impressions_has_one_column_of_them():
    put = PutRecord(row=("u1", "i1", "Watch", 1, "i1|i2"), session_id="s", impression=("i1", "i2"))
    contents = DatasetContents(WITH_IMPRESSION).with_records([put])
    assert list(contents.training_data.strings("IMPRESSION")) == ["i1|i2"]
    assert list(contents.training_data.columns) == list(WITH_IMPRESSION.names)


# Deletion of users.


USER_SCHEMA = parse(avro_schema("Users", USERS))
ACTION_SCHEMA = parse(avro_schema("Action_Interactions", ACTION_INTERACTIONS))


def user_rows(**ages):
    return [(user, age, "Free") for user, age in ages.items()]


def test_a_deleted_user_is_absent_from_imported_interactions(imported):
    left = imported.without_users({"u1"})
    assert users(left.data) == users(left.training_data) == users(left.bulk) == ["u2"]
    assert left.imported_interactions("u1") == []
    assert [each.item_id for each in left.imported_interactions("u2")] == ["i2"]
    assert users(imported.data) == ["u1", "u2"]


def test_items_of_deleted_users_only_leave_no_trace(imported):
    assert imported.without_users({"u1"}).data.strings("ITEM_ID").values == ("i2",)


def test_a_deleted_user_is_absent_from_put_events(interactions):
    contents = interactions.with_records([event("u1", "i1"), event("u2", "i2"), event("u1", "i3", 3)])
    assert contents.data is not None
    left = contents.without_users({"u1"})
    assert rows(left.data) == rows(left.training_data) == [("u2", "i2", "Watch", 1)]
    assert put_interactions(left, "u1", after=0) == []
    assert left.retained_items("u1", limit=100, now=0) == {}
    assert [put.row[0] for put in left.records] == ["u2"]


def test_a_deletion_keeps_the_offsets_of_other_events(interactions):
    contents = interactions.with_records([event("u1", "i1"), event("u2", "i2"), event("u2", "i3", 3)]).without_users(
        {"u1"}
    )
    assert contents.put_count == 3
    assert [each.item_id for each in put_interactions(contents, "u2", after=2)] == ["i3"]
    later = contents.with_records([event("u2", "i4", 4)])
    assert later.put_count == 4
    assert [each.item_id for each in put_interactions(later, "u2", after=3)] == ["i4"]


def test_a_deleted_user_can_return_as_a_new_user(interactions):
    contents = interactions.with_records([event("u1", "i1", event_id="e"), event("u1", "i2", 2)]).without_users({"u1"})
    back = contents.with_records([event("u1", "i1", event_id="e")])
    assert [each.item_id for each in put_interactions(back, "u1", after=0)] == ["i1"]
    assert rows(back.training_data) == [("u1", "i1", "Watch", 1)]


def test_a_deletion_does_not_change_earlier_contents(interactions):
    before = interactions.with_records([event("u1", "i1")])
    after = before.without_users({"u1"}).with_records([event("u1", "i2", 2)])
    assert [each.item_id for each in put_interactions(before, "u1", after=0)] == ["i1"]
    assert [each.item_id for each in put_interactions(after, "u1", after=0)] == ["i2"]


def test_events_of_sessions_of_a_deleted_user_are_deleted_too(interactions):
    contents = interactions.with_records(
        [event(None, "i1"), event("u1", "i2", 2), event(None, "i3", session="s2"), event("u2", "i4", 4, session="s2")]
    )
    left = contents.without_users({"u1"})
    assert rows(left.training_data) == [("u2", "i3", "Watch", 1), ("u2", "i4", "Watch", 4)]
    assert put_interactions(left, "s1", after=0) == []


def test_a_session_without_a_user_can_be_deleted_by_its_id(interactions):
    left = interactions.with_records([event(None, "i1"), event(None, "i2", session="s2")]).without_users({"s1"})
    assert users(left.data) == ["s2"]


def test_a_user_is_deleted_from_imported_and_put_records():
    contents = DatasetContents(USER_SCHEMA).with_import(table_from_rows(USER_SCHEMA, user_rows(u1=20, u2=30, u3=40)))
    contents = contents.with_records([PutRecord(row=row) for row in user_rows(u2=31, u4=50)])
    left = contents.without_users({"u1", "u2", "u4", "nobody"})
    assert rows(left.data) == user_rows(u3=40)
    assert left.with_records([PutRecord(row=row) for row in user_rows(u1=21)]).put_count == 3


def test_action_interactions_of_a_deleted_user_are_deleted():
    contents = DatasetContents(ACTION_SCHEMA).with_records(
        [PutRecord(row=(user, "a1", "Taken", 1), session_id=user) for user in ("u1", "u2")]
    )
    assert users(contents.without_users({"u1"}).data) == ["u2"]


def test_items_are_not_deleted_even_with_a_user_field():
    schema = parse(avro_schema("Items", {"ITEM_ID": "string", "USER_ID": "string"}))
    contents = (
        DatasetContents(schema)
        .with_import(table_from_rows(schema, [("i1", "u1")]))
        .with_records([PutRecord(row=("i2", "u1"))])
    )
    assert contents.without_users({"u1"}) is contents


def test_contents_stay_the_same_object_if_nothing_is_deleted(imported):
    contents = imported.with_records([event("u1", "i7", 7)])
    assert contents.without_users({"nobody"}) is contents
    assert contents.without_users(set()) is contents


def test_an_import_does_not_restore_put_rows_of_deleted_users(imported):
    contents = imported.with_records([event("u1", "i3", 3)]).without_users({"u1"})
    again = contents.with_import(table_from_rows(SCHEMA, [("u1", "i1", "Watch", 1)]))
    assert rows(again.data) == [("u1", "i1", "Watch", 1)]


def test_the_row_count_includes_superseded_rows(items, imported):
    assert (
        items.with_import(items_table(a=1, b=2)).with_records(put_items(a=2)).with_records(put_items(a=3)).row_count
        == 4
    )
    assert imported.with_records([event("u1", "i3", 3), event("u2", "i3", 3)]).row_count == 4
    assert imported.with_records([event("u1", "i3", 3), event("u2", "i3", 3)]).without_users({"u1"}).row_count == 2


STEPS = st.one_of(
    st.tuples(st.just("put"), st.sampled_from(["u1", "u2", None]), st.sampled_from(["s1", "s2"]), st.integers(0, 3)),
    st.tuples(st.just("import"), st.sampled_from(["FULL", "INCREMENTAL"]), st.just(""), st.integers(0, 3)),
)


@given(st.lists(STEPS), st.booleans())
def test_a_deletion_removes_all_rows_of_the_user_and_no_others(history, read_between):
    contents = DatasetContents(SCHEMA)
    for operation, who, session, time in history:
        if operation == "put":
            contents = contents.with_records([event(who, f"i{time}", time, session=session)])
        else:
            table = table_from_rows(SCHEMA, [("u1", "i1", "Watch", time), ("u2", "i2", "Watch", time)])
            contents = contents.with_import(table, mode=who)
        if read_between:
            assert contents.training_data is None or contents.data is not None
    left = contents.without_users({"u1"})
    assert left.put_count == contents.put_count
    assert rows(left.training_data) == [row for row in rows(contents.training_data) if row[0] != "u1"]
    assert "u1" not in users(left.data)
    for after in range(contents.put_count + 1):
        assert put_interactions(left, "u2", after=after) == put_interactions(contents, "u2", after=after)


# Replacement of the schema.


WIDER = parse(
    avro_schema(
        "Items",
        {
            "NOTE": ["null", "string"],
            "PRICE": ITEMS["PRICE"],
            "ITEM_ID": "string",
            "GENRES": ITEMS["GENRES"],
            "STARS": ["null", "int"],
            "CREATION_TIMESTAMP": "long",
        },
    )
)


def test_earlier_rows_are_null_in_new_fields(items):
    contents = items.with_import(items_table(a=1)).with_records(put_items(b=2)).with_schema(WIDER)
    assert list(contents.data.columns) == list(contents.bulk.columns) == list(WIDER.names)
    assert rows(contents.data) == [(None, 1.0, "a", "Crime", None, 0), (None, 2.0, "b", "Crime", None, 0)]
    assert contents.put_count == 1


def test_later_rows_have_the_new_fields(items):
    contents = items.with_import(items_table(a=1, b=2)).with_records(put_items(c=3)).with_schema(WIDER)
    contents = contents.with_records([PutRecord(row=("new", 9.0, "a", "Crime", 5, 0))])
    table = table_from_rows(WIDER, [("more", 8.0, "d", "Crime", None, 0)])
    contents = contents.with_import(table, mode="INCREMENTAL")
    by_id = dict(zip(contents.data.strings("ITEM_ID"), rows(contents.data), strict=True))
    assert {item: row[0] for item, row in by_id.items()} == {"a": "new", "b": None, "c": None, "d": "more"}
    assert by_id["a"][4] == 5
    assert prices_of(contents) == {"a": 9, "b": 2, "c": 3, "d": 8}


def test_a_new_schema_does_not_change_earlier_contents(items):
    before = items.with_records(put_items(a=1))
    before.with_schema(WIDER).with_records([PutRecord(row=(None, 2.0, "a", "Crime", None, 0))])
    assert rows(before.data) == prices(a=1)


def test_a_user_can_be_deleted_under_a_new_schema():
    wider = parse(avro_schema("Users", {"LEVEL": ["null", "int"], **USERS}))
    contents = DatasetContents(USER_SCHEMA).with_import(table_from_rows(USER_SCHEMA, user_rows(u1=20, u2=30)))
    contents = (
        contents.with_records([PutRecord(row=row) for row in user_rows(u3=40)]).without_users({"u3"}).with_schema(wider)
    )
    assert contents.put_count == 1
    assert rows(contents.without_users({"u1"}).data) == [(None, "u2", 30, "Free")]


# Exports.


def test_an_export_of_bulk_or_put_items_has_all_versions_and_one_of_all_the_newest(items):
    contents = items.with_import(items_table(a=1, b=2)).with_import(items_table(a=3), mode="INCREMENTAL")
    contents = contents.with_records(put_items(a=10)).with_records(put_items(a=11, c=5))
    assert rows(contents.exported("BULK").table) == [*prices(a=1), *prices(b=2), *prices(a=3)]
    assert rows(contents.exported("PUT").table) == [*prices(a=10), *prices(a=11), *prices(c=5)]
    assert sorted(rows(contents.exported("ALL").table)) == [*prices(a=11), *prices(b=2), *prices(c=5)]


@pytest.mark.parametrize("mode", ["BULK", "PUT", "ALL"])
def test_equal_rows_are_exported_once(items, mode):
    contents = items.with_import(table_from_rows(ITEM_SCHEMA, [*prices(a=1), *prices(a=1)]))
    contents = contents.with_records(put_items(a=1)).with_records(put_items(a=2)).with_records(put_items(a=1))
    expected = {"BULK": prices(a=1), "PUT": [*prices(a=1), *prices(a=2)], "ALL": prices(a=1)}
    assert rows(contents.exported(mode).table) == expected[mode]


def test_an_export_of_interactions_has_every_event(imported):
    contents = imported.with_records([event("u1", "i1", 1), event("u1", "i3", 3), event(None, "i4", 4)])
    put = [("u1", "i1", "Watch", 1), ("u1", "i3", "Watch", 3), ("s1", "i4", "Watch", 4)]
    bulk = [("u1", "i1", "Watch", 1), ("u2", "i2", "Watch", 2)]
    assert rows(contents.exported("PUT").table) == put
    assert rows(contents.exported("BULK").table) == bulk
    assert rows(contents.exported("ALL").table) == [*bulk, *put[1:]]


@pytest.mark.parametrize("mode", ["BULK", "PUT", "ALL"])
def test_an_export_of_empty_contents_has_columns_and_no_rows(items, mode):
    table = items.exported(mode).table
    assert (list(table.columns), table.rows) == (list(ITEM_SCHEMA.names), 0)

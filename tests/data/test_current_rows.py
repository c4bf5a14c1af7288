"""Current row of a user: like the last row of the table of all rows."""

import pytest
from builders import USERS, avro_schema
from hypothesis import given
from hypothesis import strategies as st
from put_events import rows

from personalize_mock.data import bulk_imports
from personalize_mock.data.avro import parse
from personalize_mock.data.contents import DatasetContents
from personalize_mock.data.put_record import PutRecord
from personalize_mock.data.records import table_from_rows

SCHEMA = parse(avro_schema("Users", USERS))
IDS = ("u1", "u2", "u3")
STEPS = st.tuples(
    st.sampled_from(("put", "FULL", "INCREMENTAL", "delete")), st.lists(st.sampled_from(IDS), min_size=1, max_size=3)
)


def after(contents, step, ids, age):
    """Return the contents after a step that gives users an age, or deletes users."""
    new_rows = [(user_id, age + at, None if at else "Free") for at, user_id in enumerate(ids)]
    if step == "put":
        return contents.with_records([PutRecord(row=row) for row in new_rows])
    if step == "delete":
        return contents.without_users(set(ids))
    return contents.with_import(table_from_rows(SCHEMA, new_rows), mode=step)


def expected(contents, user_id):
    found = [row for row in rows(contents.data) if row["USER_ID"] == user_id]
    return {name: value for name, value in found[0].items() if name != "USER_ID"} if found else None


@given(st.lists(STEPS, max_size=8))
def test_the_current_row_is_that_of_the_table_of_all_rows(steps):
    versions = [DatasetContents(SCHEMA)]
    for number, (step, ids) in enumerate(steps):
        versions.append(after(versions[-1], step, ids, 10 * number))
    for contents in versions:
        assert {id_: contents.current_row(id_) for id_ in IDS} == {id_: expected(contents, id_) for id_ in IDS}


def test_put_users_do_not_make_lookups_read_all_users(monkeypatch):
    contents = after(DatasetContents(SCHEMA), "FULL", IDS, 1)
    contents.current_row("u1")
    monkeypatch.setattr(bulk_imports, "RowsById", pytest.fail)
    for age in range(50):
        contents = after(contents, "put", ["u1"], age)
        assert contents.current_row("u1") == {"AGE": age, "MEMBERSHIP": "Free"}
        assert contents.current_row("u2") == {"AGE": 2, "MEMBERSHIP": None}
    assert "data" not in vars(contents)

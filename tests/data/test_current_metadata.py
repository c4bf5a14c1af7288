"""Metadata of candidates after Put operations: like a view of all rows that was made anew."""

import pytest
from builders import ITEMS, avro_schema
from hypothesis import given
from hypothesis import strategies as st

from personalize_mock.data import current_metadata
from personalize_mock.data.avro import parse
from personalize_mock.data.contents import DatasetContents
from personalize_mock.data.current_metadata import CurrentMetadata
from personalize_mock.data.dataset_table import DatasetTable
from personalize_mock.data.id_map import IdMap
from personalize_mock.data.metadata import Metadata
from personalize_mock.data.put_record import PutRecord
from personalize_mock.data.records import table_from_rows
from personalize_mock.filtering.compiled_filter import FilterContext, compile_expression
from personalize_mock.filtering.parse import parse_expression

SCHEMA = parse(avro_schema("Items", ITEMS))
IDS = IdMap(["i1", "i2", "i3", "i4"])
EXPRESSIONS = (
    'INCLUDE ItemID WHERE Items.GENRES IN ("Drama")',
    'EXCLUDE ItemID WHERE Items.GENRES NOT IN ("Drama", "Crime")',
    "INCLUDE ItemID WHERE Items.PRICE > 2 OR Items.PRICE = 0",
)
FILTERS = [compile_expression(parse_expression(text)) for text in EXPRESSIONS]


def row(item, genres, price):
    return (item, genres, price, 1)


ROWS = st.builds(
    row,
    st.sampled_from(["i1", "i2", "i3", "other"]),
    st.sampled_from(["Drama", "Drama|Crime", "Comedy", None]),
    st.sampled_from([0.0, 1.5, 3.0, None]),
)
STEPS = st.lists(st.tuples(st.sampled_from(["put", "read"]), st.lists(ROWS, min_size=1, max_size=3)), max_size=12)


def put(contents, *rows):
    return contents.with_records([PutRecord(row=each) for each in rows])


def masks(metadata, replaced=None):
    context = FilterContext(ids=IDS, metadata=metadata, replaced=replaced)
    return [each.mask(context, {}).tolist() for each in FILTERS]


def expected(contents):
    if contents.data is None:
        return masks(None)
    return masks(Metadata.from_dataset(DatasetTable(table=contents.data, schema=SCHEMA), IDS))


@pytest.mark.parametrize("most", [0, 2, 100])
@given(imported=st.lists(ROWS, max_size=3), steps=STEPS)
def test_filters_see_the_newest_rows(most, imported, steps):
    contents = DatasetContents(SCHEMA)
    if imported:
        contents = contents.with_import(table_from_rows(SCHEMA, imported))
    current, versions = CurrentMetadata(IDS), [contents]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(current_metadata, "MOST_RECORDS", most)
        for step, rows in steps:
            versions.append(put(versions[-1], *rows) if step == "put" else versions[-1])
            assert masks(*current.up_to_date(versions[-1])) == expected(versions[-1])
        for contents in reversed(versions):  # as after a snapshot was restored
            assert masks(*current.up_to_date(contents)) == expected(contents)


def test_the_view_of_all_rows_is_kept_while_few_rows_are_replaced():
    contents = DatasetContents(SCHEMA).with_import(table_from_rows(SCHEMA, [row("i1", "Drama", 1.0)]))
    current = CurrentMetadata(IDS)
    view, _ = current.up_to_date(contents)
    made = 0
    for number in range(1000):
        contents = put(contents, row("i1", "Comedy", float(number)))
        latest, replaced = current.up_to_date(contents)
        made += latest is not view
        view = latest
        assert replaced is None or replaced.positions.tolist() == [0]
    assert made == 1000 // (current_metadata.MOST_RECORDS + 1)


def test_rows_of_other_items_replace_nothing():
    contents = DatasetContents(SCHEMA).with_import(table_from_rows(SCHEMA, [row("i1", "Drama", 1.0)]))
    current = CurrentMetadata(IDS)
    view, _ = current.up_to_date(contents)
    assert current.up_to_date(put(contents, row("other", "Drama", 1.0))) == (view, None)

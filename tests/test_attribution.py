"""Metrics of a metric attribution over events, and the report file."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalize_mock.attribution import (
    UNDEFINED,
    EventBatch,
    ExpressionError,
    Metric,
    csv_report,
    limit_sources,
    measure,
    parse_metric,
)
from personalize_mock.data.avro import AvroSchema, SchemaField
from personalize_mock.data.records import table_from_rows
from personalize_mock.data.tables import Strings

FIELDS = (
    SchemaField(name="ITEM_ID", type="string"),
    SchemaField(name="EVENT_TYPE", type="string", nullable=True),
    SchemaField(name="TIMESTAMP", type="long"),
    SchemaField(name="SECONDS", type="int", nullable=True),
)
SCHEMA = AvroSchema(dataset_type="INTERACTIONS", fields=FIELDS)
ITEMS = (SchemaField(name="ITEM_ID", type="string"), SchemaField(name="PRICE", type="float", nullable=True))
COUNT = Metric(name="N", event_type="WATCH")
SECONDS = Metric(name="S", event_type="WATCH", dataset_type="INTERACTIONS", column="SECONDS")
PRICE = Metric(name="P", event_type="WATCH", dataset_type="ITEMS", column="PRICE")


def batch(*rows, sources=None, items=(), width=900):
    events = table_from_rows(SCHEMA, rows)
    source_column = Strings.from_values(sources or ["home"] * len(rows))
    windows = np.array([row[2] // width for row in rows], dtype=np.int64)
    prices = {item: {"PRICE": price} for item, price in items}
    return EventBatch(events=events, sources=source_column, windows=windows, item_row=prices.get)


def totals(metric, events):
    return {(value.source, value.window): value.total for value in measure([metric], events)}


def test_without_events_there_are_no_values():
    assert measure([COUNT, SECONDS, PRICE], batch()) == []


def test_a_count_counts_the_events_of_its_type():
    events = batch(("i", "Watch", 0, 1), ("i", "WATCH", 1, None), ("i", "Click", 2, 1), ("i", None, 3, 1))
    assert totals(COUNT, events) == {("home", 0): 2}


def test_null_is_not_summed():
    (value,) = measure([SECONDS], batch(("i", "Watch", 5, 7), ("i", "Watch", 3, None), ("i", "Watch", 4, 2)))
    assert (value.total, value.count, value.minimum, value.maximum, value.first) == (9, 2, 2, 7, 4)


def test_unknown_items_and_items_without_a_value_are_not_summed():
    events = batch(*((item, "Watch", 0, 1) for item in "abc"), items=[("a", 2.5), ("b", None)])
    assert totals(PRICE, events) == {("home", 0): 2.5}


def test_without_items_nothing_is_summed():
    assert totals(PRICE, batch(("a", "Watch", 0, 1))) == {}


def test_events_without_a_source_do_not_count():
    events = batch(("i", "Watch", 0, 1), ("i", "Watch", 0, 1), sources=["home", None])
    assert totals(COUNT, events) == {("home", 0): 1}


ROWS = st.lists(
    st.tuples(
        st.sampled_from("ab"),
        st.sampled_from(["Watch", "Click", None]),
        st.integers(0, 5000),
        st.none() | st.integers(-9, 9),
        st.sampled_from(["home", "search", None]),
    ),
    max_size=30,
)


@given(ROWS)
def test_sums_agree_with_a_loop(rows):
    expected = {}
    for _, event_type, time, seconds, source in rows:
        if event_type == "Watch" and seconds is not None and source is not None:
            key = (source, time // 900)
            expected[key] = expected.get(key, 0) + seconds
    events = batch(*(row[:4] for row in rows), sources=[row[4] for row in rows]) if rows else batch()
    assert totals(SECONDS, events) == expected


@given(ROWS)
def test_every_event_is_counted_in_one_window_of_one_source(rows):
    given = [(*row[:4], row[4] or UNDEFINED) for row in rows]
    events = batch(*(row[:4] for row in given), sources=[row[4] for row in given]) if rows else batch()
    assert sum(totals(COUNT, events).values()) == sum(row[1] == "Watch" for row in rows)


def test_a_report_is_sorted_newest_first_and_quotes_special_characters():
    values = measure([COUNT], batch(("i", "Watch", 0, 1), ("i", "Watch", 1000, 1), sources=['a"b', "c"]))
    assert csv_report(values, {0: 10.9, 1: 910.9}).splitlines()[1:] == [
        "N,WATCH,1.0,samplecount,c,910",
        'N,WATCH,1.0,samplecount,"a""b",10',
    ]


def test_names_are_stored_in_upper_case_and_columns_as_in_the_schema():
    metric = parse_metric("total", "watch", "sum(interactions.seconds)", {"INTERACTIONS": SCHEMA})
    assert metric == Metric(name="TOTAL", event_type="WATCH", dataset_type="INTERACTIONS", column="SECONDS")


@pytest.mark.parametrize("text", ["SUM(Interactions.ITEM_ID)", "SUM(Items.PRICE)", "AVG(Interactions.SECONDS)"])
def test_an_expression_that_cannot_be_summed_is_refused(text):
    with pytest.raises(ExpressionError, match="is not valid"):
        parse_metric("m", "Watch", text, {"INTERACTIONS": SCHEMA})


def test_new_sources_beyond_the_limit_are_dropped():
    known = {"a"}
    assert limit_sources(["b", "c", "a", UNDEFINED, None], known, 2) == ["b", None, "a", UNDEFINED, None]
    assert known == {"a", "b"}

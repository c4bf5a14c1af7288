"""Sources of data, in all forms that `mock.load` accepts."""

from collections import namedtuple
from dataclasses import dataclass
from datetime import date, datetime, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from builders import put_object
from hypothesis import given
from hypothesis import strategies as st

from personalize_mock import PersonalizeMockError
from personalize_mock.data import avro, csv_files
from personalize_mock.loading.sources import csv_content, read
from personalize_mock.loading.tables import prepare

NOON = 1_714_564_800  # 2024-05-01 12:00 UTC
PAIRS = [("ada", "alien"), ("bob", "cube")]
COLUMNS = {"USER_ID": ["ada", "bob"], "ITEM_ID": ["alien", "cube"]}
TIMED = {**COLUMNS, "TIMESTAMP": [NOON, NOON + 60]}
CSV = "USER_ID,ITEM_ID,TIMESTAMP\nada,alien,1714564800\nbob,cube,1714564860\n"


def prepared(
    source: Any, argument: str = "interactions", *, domain: str | None = None, now: int = NOON, **options: Any
):
    content = csv_content(argument, source, pytest.fail)
    columns = read(argument, source if content is None else content)
    return prepare(columns, domain=domain, event_type=None, now=now, **options)


def lines(source: Any, argument: str = "interactions", **options: Any) -> list[str]:
    return prepared(source, argument, **options).content.decode().splitlines()


def types(source: Any, argument: str = "items", **options: Any) -> dict[str, Any]:
    fields = prepared(source, argument, **options).schema["fields"]
    return {field["name"]: {**field, "name": None} if len(field) > 2 else field["type"] for field in fields}


@dataclass
class Watched:
    user_id: str
    item_id: str


class Frame:
    """A DataFrame with the `to_dict` of polars or the `to_pydict` of pyarrow, or only the interchange protocol."""

    def __init__(self, frame: pd.DataFrame, library: str) -> None:
        if library == "polars":
            self.to_dict = lambda *, as_series: {name: list(frame[name]) for name in frame if not as_series}
        elif library == "pyarrow":
            self.to_pydict = lambda: frame.to_dict(orient="list")
        else:
            self.__dataframe__ = frame.__dataframe__


@pytest.mark.parametrize(
    "source",
    [
        [("ada", "alien", NOON), ("bob", "cube", NOON + 60)],
        [["ada", "alien", NOON], ["bob", "cube", NOON + 60]],
        (row for row in [("ada", "alien", NOON), ("bob", "cube", NOON + 60)]),
        [{"user_id": u, "itemId": i, "Timestamp": t} for u, i, t in zip(*TIMED.values(), strict=True)],
        TIMED,
        {name: np.array(values) for name, values in TIMED.items()},
        {name: pd.Series(values) for name, values in TIMED.items()},
        {**COLUMNS, "TIMESTAMP": np.array([NOON, NOON + 60]).astype("datetime64[s]").astype("datetime64[ns]")},
        {**COLUMNS, "TIMESTAMP": ["2024-05-01T12:00:00Z", datetime(2024, 5, 1, 12, 1)]},  # noqa: DTZ001  # without zone
        {**COLUMNS, "TIMESTAMP": [datetime(2024, 5, 1, 12, tzinfo=timezone.utc), NOON + 60.5]},
        pd.DataFrame(TIMED),
        pd.DataFrame({**COLUMNS, "TIMESTAMP": pd.to_datetime([NOON, NOON + 60], unit="s")}),
        pd.DataFrame({**COLUMNS, "TIMESTAMP": pd.array([NOON, NOON + 60], dtype="Int64")}),
        *(Frame(pd.DataFrame(TIMED), library) for library in ("polars", "pyarrow")),
        CSV,
        CSV.encode(),
        "\ufeff" + CSV.replace("\n", "\r\n"),
        [namedtuple("Event", TIMED)("ada", "alien", NOON), namedtuple("Event", TIMED)("bob", "cube", NOON + 60)],  # noqa: PYI024
    ],
    ids=lambda source: type(source).__name__,
)
def test_all_sources_give_the_same_file(source):
    assert lines(source) == CSV.splitlines()


@pytest.mark.filterwarnings("ignore:.*__dataframe__")
@pytest.mark.filterwarnings("ignore:The DataFrame Interchange Protocol")
def test_a_dataframe_is_read_through_the_interchange_protocol():
    frame = pd.DataFrame({"ITEM_ID": ["é", "b", "c"], "N": [1, 2, 3], "F": [0.5, None, 2.0], "B": [True, False, True]})
    frame["T"] = pd.to_datetime([NOON, NOON, NOON], unit="s")
    frame["C"] = pd.Categorical(["x", "y", "x"])

    assert lines(Frame(frame, "interchange"), "items") == lines(frame, "items")


def test_a_path_is_read_as_a_text_or_a_path(tmp_path):
    file = tmp_path / "events.csv"
    file.write_text(CSV)

    assert lines(file) == lines(str(file)) == CSV.splitlines()


def test_a_location_is_read_from_s3(mock):
    films = mock.load(interactions=put_object(CSV))

    assert films.recommend("ada")
    with pytest.raises(PersonalizeMockError, match="Upload the object first"):
        mock.load(interactions="s3://data/absent.csv", name="other")


def test_dataclasses_are_rows():
    assert lines([Watched("ada", "alien"), Watched("bob", "cube")])[1].startswith("ada,alien,")


def test_a_tuple_may_hold_an_event_type_and_a_time_in_any_order():
    expected = ["USER_ID,ITEM_ID,EVENT_TYPE,TIMESTAMP", f"ada,alien,watch,{NOON}"]

    assert lines([("ada", "alien", "watch", NOON)]) == expected
    assert sorted(lines([("ada", "alien", NOON, "watch")])[0].split(",")) == sorted(expected[0].split(","))


@pytest.mark.parametrize("time", ["2024-05-01", "2024-05-01T12:00:00Z", "2024-05-01 12:00:00"])
def test_an_iso_text_in_a_tuple_is_a_time(time):
    header, row = lines([("ada", "alien", "watch", time)])

    assert header == "USER_ID,ITEM_ID,EVENT_TYPE,TIMESTAMP"
    assert row.startswith("ada,alien,watch,17145")


def test_an_event_type_may_begin_with_a_date():
    assert lines([("ada", "alien", "2024-05-01-campaign")])[0].split(",")[2] == "EVENT_TYPE"


def test_rows_without_a_time_follow_the_row_before():
    times = [None, NOON, None, None, NOON + 600]
    rows = {"USER_ID": ["u"] * 5, "ITEM_ID": list("abcde"), "TIMESTAMP": times}

    assert [int(line.split(",")[2]) - NOON for line in lines(rows)[1:]] == [-1, 0, 1, 2, 600]


def test_types_are_inferred():
    rows = [
        {
            "ITEM_ID": 1,
            "YEAR": 1979,
            "PRICE": 1,
            "NEW": True,
            "TITLE": "Alien",
            "GENRE": "Horror",
            "SEEN": date(2024, 5, 1),
        },
        {"ITEM_ID": 2.0, "YEAR": None, "PRICE": Decimal("2.5"), "NEW": False, "TITLE": "Cube", "GENRE": "Horror"},
        {"ITEM_ID": "3", "YEAR": 1997, "PRICE": np.float32(0.5), "NEW": True, "TITLE": "Brazil", "GENRE": "Comedy"},
    ]

    assert types(rows) == {
        "ITEM_ID": "string",
        "YEAR": ["null", "long"],
        "PRICE": "float",
        "NEW": "boolean",
        "TITLE": "string",
        "GENRE": {"name": None, "type": "string", "categorical": True},
        "SEEN": ["null", "long"],
    }
    assert lines(rows, "items")[1:3] == ["1,1979,1,true,Alien,Horror,1714521600", "2,,2.5,false,Cube,Horror,"]


def test_types_are_inferred_from_the_texts_of_a_csv_file():
    text = "item_id,Release Year,price,new,zip\n1,1979,1.5,True,00123\n2,,2,false,00124\n"

    assert types(text) == {
        "ITEM_ID": "string",
        "RELEASE_YEAR": ["null", "long"],
        "PRICE": "float",
        "NEW": "boolean",
        "ZIP": "string",
    }


def test_a_large_number_is_a_double():
    assert types([{"ITEM_ID": "a", "MASS": 1e300}])["MASS"] == "double"


@pytest.mark.parametrize("genres", [["Horror|Action", "Comedy"], [["Horror", "Action"], ["Comedy"]]])
def test_values_with_a_bar_and_lists_are_categorical(genres):
    rows = {"ITEM_ID": ["a", "b"], "GENRES": genres}

    assert types(rows)["GENRES"]["categorical"]
    assert lines(rows, "items")[1] == "a,Horror|Action"


def test_a_long_text_is_never_made_textual():
    texts = [f"A story about the number {number}, told at length." for number in range(9)]

    assert types({"ITEM_ID": list(range(9)), "PLOT": texts})["PLOT"] == "string"


def test_the_fields_of_a_domain_have_its_types():
    rows = [{"ITEM_ID": "a", "PRICE": 3, "CATEGORY_L1": "Shoes", "PRODUCT_DESCRIPTION": None}]

    assert types(rows, domain="ECOMMERCE") == {
        "ITEM_ID": "string",
        "PRICE": "float",
        "CATEGORY_L1": {"name": None, "type": "string", "categorical": True},
        "PRODUCT_DESCRIPTION": {"name": None, "type": ["null", "string"], "textual": True},
    }


def test_the_value_of_an_event_may_be_missing_later():
    assert types([("u", "i")] and [{"USER_ID": "u", "ITEM_ID": "i", "EVENT_VALUE": 1}], "interactions") == {
        "USER_ID": "string",
        "ITEM_ID": "string",
        "EVENT_VALUE": ["null", "float"],
        "TIMESTAMP": "long",
    }


def test_quotes_commas_and_backslashes_survive():
    titles = ['He said "no"', "a, b", "C:\\temp", '\\"']
    text = lines({"ITEM_ID": list(range(4)), "TITLE": titles}, "items")

    assert prepared("\n".join(text) + "\n", "items").content.decode().splitlines() == text


@pytest.mark.parametrize(
    ("source", "error"),
    [
        (
            [("ada", "alien"), ("ada",)],
            r"interactions, row 2 \('ada',\): each tuple must contain the same columns as the first row",
        ),
        ([("ada",)], r"interactions, row 1 \('ada',\): a tuple must contain USER_ID, ITEM_ID"),
        (
            [("ada", "alien"), ("ada", "alien", NOON)],
            r"row 2 .*: each tuple must contain the same columns as the first row",
        ),
        (
            [("ada", "alien"), ("ada", None)],
            r"row 2 \{'USER_ID': 'ada', 'ITEM_ID': None\}: the value of ITEM_ID is mis",
        ),
        ([("ada", "alien"), ("", "alien")], "row 2 .*: the value of USER_ID is missing"),
        ([("ada", "alien", 1_714_564_800_000)], "row 1 .* Write seconds, not milliseconds: 1714564800"),
        ([("ada", "alien", 4.5)], "row 1 .* If it is a rating, name its column EVENT_VALUE"),
        ([("ada", "alien", 4.5, NOON)], "For other columns, write dictionaries"),
        ([("ada", "alien"), {"USER_ID": "ada"}], r"row 2 .*: not a tuple like row 1\. Write all rows as tuples"),
        (
            [{"USER_ID": "ada", "ITEM_ID": "x"}, ("ada", "x")],
            r"row 2 .*: not a dictionary like row 1\. Write all rows as dict",
        ),
        ([1], "row 1 1: neither a tuple nor a dictionary. Pass a list of tuples"),
        ([{"user": "ada", "film": "alien"}], r"no column ITEM_ID among 'user', 'film'\. Rename the column"),
        ([{"userId": "a", "USER_ID": "a", "ITEM_ID": "b"}], "both become the field USER_ID"),
        ([{"USER_ID": "a" * 257, "ITEM_ID": "b"}], "a string of 257 characters. Write at most 256"),
        ([{"USER_ID": "a", "ITEM_ID": "b\nc"}], "Replace it with a space"),
        ([{"USER_ID": "a", "ITEM_ID": "\ud800"}], "encoded as UTF-8"),
        ([{"USER_ID": "a", "ITEM_ID": {"b": 1}}], "is a dict. Write a number, a string"),
        ([{"USER_ID": "a", "ITEM_ID": "b", "EVENT_VALUE": "many"}], "the value of EVENT_VALUE is not a number"),
        ([{"USER_ID": "a", "ITEM_ID": "b", "EVENT_VALUE": float("inf")}], "infinite"),
        ([{"USER_ID": "a", "ITEM_ID": "b", "TIMESTAMP": "soon"}], "Write epoch seconds, a datetime or an ISO 8601"),
        ([{"USER_ID": "a", "ITEM_ID": "b", "EVENT_TYPE": None}], "the value of EVENT_TYPE is missing"),
        ([{"USER_ID": "a", "ITEM_ID": "b"} | {f"C{n}": n for n in range(6)}], "at most 5"),
        ([{3: "a"}], "3 is not a valid column name"),
        ({"USER_ID": ["a"], "ITEM_ID": ["a", "b"]}, "different lengths"),
        ({"USER_ID": "ada", "ITEM_ID": "alien"}, "the value is not a list. Write a list of values"),
        ([], "has no rows"),
        ({}, "has no rows"),
        ("USER_ID,ITEM_ID\n", "has no rows"),
        ("\n", "the CSV text is empty"),
        ("USER_ID,ITEM_ID\na,b\nc\n", "row 2 .*: 1 cells, but the header"),
        (b"USER_ID,ITEM_ID\n\xff,b\n", "Save it as UTF-8"),
        ("absent.csv", "there is no such file"),
        (Path("absent.csv"), "cannot be read"),
        (5, "Pass a list of tuples, a list of dictionaries"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_row_and_what_to_write(source, error):
    with pytest.raises(PersonalizeMockError, match=error):
        lines(source)


def test_items_are_not_given_as_tuples():
    with pytest.raises(PersonalizeMockError, match=r'such as \{"ITEM_ID": '):
        lines([("alien", 1979)], "items")


def test_event_types_of_actions_are_checked():
    rows = [{"USER_ID": "a", "ACTION_ID": "b", "EVENT_TYPE": "clicked"}]

    with pytest.raises(PersonalizeMockError, match="Write 'Taken', 'Not Taken' or 'Viewed'"):
        lines(rows, "action_interactions")


def test_a_schema_of_another_type_or_with_another_column_is_refused():
    schema = prepared([{"ITEM_ID": "a", "PRICE": 1}], "items").schema

    with pytest.raises(PersonalizeMockError, match="the column PRICE is missing"):
        prepared([{"ITEM_ID": "a", "YEAR": 1}], "items", schema=schema)
    with pytest.raises(PersonalizeMockError, match="whose 'name' is 'Users'"):
        prepared([{"USER_ID": "a", "YEAR": 1}], "users", schema=schema)


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.datetimes(),
    st.dates(),
    st.decimals(),
    st.lists(st.text(max_size=3), max_size=3),
    st.binary(max_size=3),
)
ROWS = st.lists(st.dictionaries(st.sampled_from(["itemId", "PRICE", "a b", "CREATION_TIMESTAMP"]), VALUES), max_size=4)


@given(rows=ROWS, domain=st.sampled_from([None, "ECOMMERCE", "VIDEO_ON_DEMAND"]))
def test_any_rows_are_prepared_for_an_import_or_refused(rows, domain):
    try:
        dataset = prepared(rows, "items", domain=domain)
    except PersonalizeMockError as error:
        assert str(error).startswith("items")  # noqa: PT017  # either outcome is right
    else:
        assert len(dataset.content.decode().rstrip("\n").split("\n")) == len(rows) + 1


@given(titles=st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1), min_size=1, max_size=5))
def test_texts_are_read_back_from_the_file_as_they_were(titles):
    dataset = prepared({"ITEM_ID": list(range(len(titles))), "TITLE": titles}, "items")
    table = csv_files.read([dataset.content], avro.parse(dataset.schema_text))

    assert list(table.strings("TITLE")) == titles


@pytest.mark.parametrize(
    ("argument", "example"),
    [
        ("items", r'\{"ITEM_ID": \.\.\., "GENRES": "Action\|Comedy"\}'),
        ("users", r'\{"USER_ID": \.\.\., "AGE": 34\}'),
        ("actions", r'\{"ACTION_ID": \.\.\., "VALUE": 10\}'),
    ],
)
def test_a_tuple_of_metadata_gets_an_example_of_its_dataset(argument, example):
    with pytest.raises(PersonalizeMockError, match=example):
        read(argument, [("a", "b")])

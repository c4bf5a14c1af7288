import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalize_mock.batch.input_lines import in_blocks, parse_line, split_lines

NOT_JSON = "The line is not valid JSON. Write one JSON object on each line."
TEXTS = st.lists(st.binary(max_size=8).map(lambda text: text.replace(b"\n", b"")), max_size=8)


@given(texts=TEXTS, size=st.integers(1, 7))
def test_lines_do_not_depend_on_the_pieces_of_a_file(texts, size):
    whole = b"\n".join(texts)
    pieces = [whole[at : at + size] for at in range(0, len(whole), size)]
    assert list(split_lines(pieces)) == [text for text in texts if text.strip()]


def test_all_blocks_but_the_last_are_full():
    assert list(in_blocks(iter([b"1", b"2", b"3"]), size=2)) == [[b"1", b"2"], [b"3"]]


def test_unknown_members_are_kept_for_the_output():
    line = parse_line(b'{"userId": "u1", "note": 7}\r', required=("userId",))
    assert (line.user_id, line.error) == ("u1", None)
    assert line.input == {"userId": "u1", "note": 7}


def test_a_byte_order_mark_is_skipped():
    assert parse_line('\ufeff{"userId": "u1"}'.encode(), required=("userId",)).user_id == "u1"


@pytest.mark.parametrize("text", [b"\xff", "ü".encode("utf-16-le"), b"\xed\xa0\xbd", b"NaN", b"-Infinity", b"1e999"])
def test_a_line_that_is_not_json_in_utf8_is_an_error(text):
    value = text if text[0] in b"N-1" else b'"' + text + b'"'
    assert parse_line(b'{"userId": ' + value + b"}", required=("userId",)).error == NOT_JSON


@pytest.mark.parametrize("member", ["userId", "note"])
def test_an_unpaired_surrogate_is_an_error_and_a_pair_is_not(member):
    half, whole = ({"userId": "u1", member: text} for text in ("\ud83d", "\ud83d\ude00"))
    assert parse_line(json.dumps(half).encode(), required=("userId",)).error == (
        "The line contains only one half of a surrogate pair. "
        "Write both halves of the character, such as \\ud83d\\ude00."
    )
    assert parse_line(json.dumps(whole).encode(), required=("userId",)).error is None


def test_lines_nested_too_deeply_are_an_error():
    assert parse_line(b"[" * 100_000, required=()).error == NOT_JSON


@given(
    st.recursive(
        st.none() | st.booleans() | st.text(), lambda values: st.lists(values) | st.dictionaries(st.text(), values)
    )
)
def test_any_json_is_parsed_or_an_error(value):
    line = parse_line(json.dumps(value).encode(), required=("userId",))
    assert line.input == value
    assert (line.error is None) == (isinstance(value, dict) and isinstance(value.get("userId"), str))

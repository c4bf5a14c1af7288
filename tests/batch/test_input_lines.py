import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalize_mock.batch.input_lines import in_blocks, parse_line, split_lines

TEXTS = st.lists(st.binary(max_size=8).map(lambda text: text.replace(b"\n", b"")), max_size=8)


@given(texts=TEXTS, size=st.integers(1, 7))
def test_lines_are_the_same_however_a_file_is_cut(texts, size):
    whole = b"\n".join(texts)
    pieces = [whole[at : at + size] for at in range(0, len(whole), size)]
    assert list(split_lines(pieces)) == [text for text in texts if text.strip()]


def test_blocks_hold_so_many_lines_and_the_last_one_the_rest():
    assert list(in_blocks(iter([b"1", b"2", b"3"]), size=2)) == [[b"1", b"2"], [b"3"]]


def test_what_a_line_has_besides_is_kept_for_the_answer():
    line = parse_line(b'{"userId": "u1", "note": 7}\r', required=("userId",))
    assert (line.user_id, line.error) == ("u1", None)
    assert line.input == {"userId": "u1", "note": 7}


def test_a_byte_order_mark_is_no_part_of_the_first_line():
    assert parse_line('\ufeff{"userId": "u1"}'.encode(), required=("userId",)).user_id == "u1"


@pytest.mark.parametrize("text", [b"\xff", "ü".encode("utf-16-le"), b"\xed\xa0\xbd", b"NaN", b"-Infinity", b"1e999"])
def test_what_is_no_json_in_utf8_is_a_problem(text):
    value = text if text[0] in b"N-1" else b'"' + text + b'"'
    assert parse_line(b'{"userId": ' + value + b"}", required=("userId",)).error == "The line is not valid JSON."


@pytest.mark.parametrize("member", ["userId", "note"])
def test_half_of_a_surrogate_pair_is_a_problem_and_a_whole_one_is_not(member):
    half, whole = ({"userId": "u1", member: text} for text in ("\ud83d", "\ud83d\ude00"))
    assert parse_line(json.dumps(half).encode(), required=("userId",)).error == (
        "The line contains an unpaired surrogate, which is not a character."
    )
    assert parse_line(json.dumps(whole).encode(), required=("userId",)).error is None


def test_lines_nested_too_deeply_are_no_json():
    assert parse_line(b"[" * 100_000, required=()).error == "The line is not valid JSON."


@given(
    st.recursive(st.none() | st.booleans() | st.text(), lambda each: st.lists(each) | st.dictionaries(st.text(), each))
)
def test_any_json_is_read_or_has_a_problem(value):
    line = parse_line(json.dumps(value).encode(), required=("userId",))
    assert line.input == value
    assert (line.error is None) == (isinstance(value, dict) and isinstance(value.get("userId"), str))

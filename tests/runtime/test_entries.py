"""Entries of recommendation lists as JSON text."""

import json

import pytest

from personalize_mock.runtime.entries import PlainEntries

IDS = ["film", 'a "quoted" id', "größe\t東京", "\x7f\\"]


def as_compact_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@pytest.mark.parametrize("scores", [[0.5, 1e-07, 0.0, 0.1234567], None])
def test_entries_write_the_text_that_a_json_encoder_writes(scores: list[float] | None):
    entries = PlainEntries("itemId", IDS, scores)
    assert entries.as_json() == as_compact_json(list(entries))


def test_no_entries_are_an_empty_array():
    assert PlainEntries("actionId", [], []).as_json() == "[]"

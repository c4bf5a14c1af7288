"""Packed records: equal to the originals, and small."""

import sys

import pytest

from personalize_mock.journal import CHUNK, Call, Journal, Measurement, Transition
from personalize_mock.packed_records import NotPackable, PackedRecords

ARN = "arn:aws:personalize:us-east-1:123456789012:campaign/shop"


def call(number, **params):
    event = {"itemId": f"i{number}", "eventType": "Watch", "sentAt": 1.5 * number}
    members = {"userId": f"u{number % 7}", "eventList": [event], "context": {"a": None, "b": True}}
    return Call(
        at=float(number),
        operation="PutEvents",
        account="123456789012",
        region="us-east-1",
        params={**members, **params},
        error="InvalidInputException" if number % 5 == 0 else None,
        recommendation_id=f"r{number}",
    )


def transition(number):
    return Transition(at=number, arn=ARN, status=f"S{number}", failure_reason=None, is_loading=number % 2 == 0)


def measurement(number):
    sums = {"count": 1, "total": 2.0, "minimum": 2.0, "maximum": 2.0}
    dimensions = (("a", "b"),)
    return Measurement(at=number, account="1", region="r", name="N", dimensions=dimensions, unit="None", **sums)


def records(count):
    makers = (call, call, call, transition, call, measurement)
    return [makers[number % len(makers)](number) for number in range(count)]


def filled(count):
    journal = Journal()
    for record in records(count):
        journal.add(record)
    return journal


def test_records_are_equal_to_the_originals():
    packed = PackedRecords(records(50), loose=Transition)
    assert [*packed] == records(50)
    assert [*packed] == [*packed]
    assert [record.is_loading for record in packed if isinstance(record, Transition)] == [
        record.is_loading for record in packed.loose
    ]
    assert len(packed) == 50


def test_a_packed_call_takes_less_than_a_hundred_bytes():
    packed = PackedRecords([call(number) for number in range(CHUNK)], loose=Transition)
    assert sys.getsizeof(packed._data) < 100 * CHUNK


class Text(str):
    __slots__ = ()


@pytest.mark.parametrize("value", [Text("x"), object(), {"a": [Text("x")]}, lambda: None])
def test_a_value_of_another_class_is_not_packed(value):
    with pytest.raises(NotPackable):
        PackedRecords([call(1, itemId=value)], loose=Transition)


def test_a_deeply_nested_value_is_not_packed():
    value: list[object] = []
    for _ in range(100_000):
        value = [value]
    with pytest.raises(NotPackable):
        PackedRecords([call(1, itemId=value)], loose=Transition)


@pytest.mark.parametrize("count", [0, 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 5])
def test_a_journal_with_packed_records_reads_like_a_list(count):
    journal, expected = filled(count), records(count)
    assert len(journal) == count
    assert [*journal] == expected
    assert journal.calls() == [record for record in expected if isinstance(record, Call)]
    assert journal.transitions(ARN) == [record for record in expected if isinstance(record, Transition)]
    for start in {0, 1, count // 2, CHUNK, max(0, count - 1), count}:
        assert [*journal.since(start)] == expected[start:]
    assert [*Journal(expected)] == expected


@pytest.mark.parametrize("kept", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 5])
def test_a_journal_can_be_cut_in_its_packed_part(kept):
    journal, expected = filled(3 * CHUNK + 5), records(4 * CHUNK)
    for _ in range(2):
        journal._drop_after(kept)
        assert [*journal] == expected[:kept]
    for record in expected[kept:]:
        journal.add(record)
    assert [*journal] == expected


def test_a_copy_of_a_journal_does_not_grow_with_it():
    journal = filled(3 * CHUNK)
    copied = journal.copy()
    journal.add(call(1))
    assert [*copied] == records(3 * CHUNK)
    assert [*journal] == [*records(3 * CHUNK), call(1)]


def test_only_the_latest_records_of_a_journal_are_kept_as_objects():
    journal = filled(10 * CHUNK)
    assert [type(chunk) for chunk in journal._chunks] == [PackedRecords] * 8 + [list] * 2


def test_records_that_cannot_be_packed_remain_in_the_journal():
    journal = Journal([call(number, itemId=Text("x")) for number in range(4 * CHUNK)])
    assert type(journal.calls()[0].params["itemId"]) is Text

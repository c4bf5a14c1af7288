"""Logs of put records that share their first records: each is like a log that was filled on its own."""

from random import Random

import pytest
from builders import INTERACTIONS, avro_schema

from personalize_mock.data import put_log
from personalize_mock.data.avro import parse
from personalize_mock.data.put_log import PutLog
from personalize_mock.data.put_record import PutRecord
from personalize_mock.data.retention import RETENTION

SCHEMA = parse(avro_schema("Interactions", INTERACTIONS))
DAY = 86_400


def random_records(random, count, *, day):
    """Return events of few users and items, so that some repeat earlier ones, a few of them after the retention."""
    return [
        PutRecord(
            row=(random.choice([None, "u1", "u2", "u3"]), f"i{random.randrange(3)}", random.choice("ab"), 1),
            session_id=random.choice(["s1", "s2"]),
            at=(day + random.choice([0, 0, 0, RETENTION / DAY + 1])) * DAY,
        )
        for _ in range(count)
    ]


def log_of(records):
    log = PutLog(SCHEMA)
    log.extend(records)
    return log


def readings(log):
    """Return everything that a log can be asked, for several parts of it."""
    users = ["u1", "u2", "u3", "s1", "s2", "unknown"]
    counts = [0, len(log) // 3, len(log) // 2, len(log)]
    return (
        list(log),
        [log.between(start, stop) for start in counts for stop in counts],
        [log.event_types(count) for count in counts],
        [log.session_users(count) for count in counts],
        [log.interactions(user, start, len(log), linked_count=n) for user in users for start in counts for n in counts],
        [log.arrivals(user, start, n, linked_count=n) for user in users for start in counts for n in counts],
        [log.first_arrival(stop) for stop in counts],
        list(log.without_users({"u1"}, len(log))),
        list(log.with_schema(SCHEMA, len(log))),
    )


@pytest.mark.parametrize("seed", range(30))
def test_a_log_that_shares_records_is_like_one_that_was_filled_on_its_own(seed, monkeypatch):
    monkeypatch.setattr(put_log, "COPIED", 2)
    monkeypatch.setattr(put_log, "DEEPEST", 3)
    random = Random(seed)
    logs = [(PutLog(SCHEMA), [])]  # with the records that each was given
    for day in range(25):
        log, sent = random.choice(logs)
        if random.random() < 0.5 and len(log):
            count = random.randrange(len(log) + 1)
            log, sent = log.prefix(count), list(log.between(0, count))
            logs.append((log, sent))
        records = random_records(random, random.randrange(5), day=day)
        log.extend(records)
        sent.extend(records)
    for log, sent in logs:
        assert readings(log) == readings(log_of(sent))


def test_the_records_of_a_long_log_are_shared_and_those_of_a_short_one_copied():
    records = [PutRecord(row=("u1", f"i{number}", "a", number), session_id="s") for number in range(1000)]
    log = log_of(records)
    long, short = log.prefix(900), log.prefix(10)
    assert (long.base, long.shared, long.own) == (log, 900, [])
    assert (short.base, short.own) == (None, records[:10])


def test_logs_in_a_row_that_share_records_are_few():
    log = PutLog(SCHEMA)
    for turn in range(30):
        rows = ((f"u{number}", f"i{turn}", "a", number) for number in range(put_log.COPIED + 1))
        log = log.prefix(len(log))
        log.extend([PutRecord(row=row, session_id="s") for row in rows])
    assert log._depth() <= put_log.DEEPEST
    assert len(log.interactions("u5", 0, len(log))) == 30


def test_a_log_from_which_others_share_can_grow_without_changing_them():
    log = log_of([PutRecord(row=("u1", f"i{number}", "a", number), session_id="s") for number in range(300)])
    other = log.prefix(299)
    log.extend([PutRecord(row=("u1", "new", "b", 1), session_id="s")])
    assert len(other) == 299
    assert other.event_types(299) == ["a"]
    assert [interaction.item_id for interaction in other.interactions("u1", 297, 299)] == ["i297", "i298"]

"""Accumulators: each event is read once, and every result equals that of all events read at once."""

import pytest

from personalize_mock.data.accumulators import Accumulators


class Total:
    def __init__(self):
        self.events = []

    def add(self, events):
        self.events += events


class Log:
    """A log of numbers that counts how many of them are read."""

    def __init__(self):
        self.reads = 0

    def read(self, start, stop):
        self.reads += stop - start
        return range(start, stop)


def test_each_event_is_read_once_however_many_requests_are_made():
    accumulators, log = Accumulators(), Log()
    for stop in range(1, 101):
        assert accumulators.get("u1", Total, log.read, stop=stop).events == [*range(stop)]
        assert accumulators.get("u1", Total, log.read, stop=stop).events == [*range(stop)]
    assert log.reads == 100


def test_keys_have_accumulators_of_their_own():
    accumulators, log = Accumulators(), Log()
    assert accumulators.get("u1", Total, log.read, stop=3).events == [0, 1, 2]
    assert accumulators.get("u2", Total, log.read, start=2, stop=3).events == [2]


def test_an_earlier_part_of_the_log_is_read_anew_and_leaves_the_later_one():
    accumulators, log = Accumulators(), Log()
    accumulators.get("u1", Total, log.read, stop=5)
    assert accumulators.get("u1", Total, log.read, stop=2).events == [0, 1]
    log.reads = 0
    assert accumulators.get("u1", Total, log.read, stop=6).events == [*range(6)]
    assert log.reads == 1


def test_nothing_is_kept_of_users_without_events():
    accumulators = Accumulators()
    for user in range(50):
        assert accumulators.get(user, Total, lambda *_: (), stop=9).events == []
    assert accumulators._entries == {}


def test_an_interrupted_accumulator_is_computed_anew():
    class Interrupted(Total):
        def add(self, events):
            super().add(events)
            if len(self.events) == 3:
                raise KeyboardInterrupt

    accumulators, log = Accumulators(), Log()
    accumulators.get("u1", Interrupted, log.read, stop=2)
    with pytest.raises(KeyboardInterrupt):
        accumulators.get("u1", Interrupted, log.read, stop=3)
    assert accumulators.get("u1", Total, log.read, stop=3).events == [0, 1, 2]

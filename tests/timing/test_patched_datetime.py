"""The option `datetime`: the current time of the process is that of the simulated clock."""

import asyncio
import sys
import threading
import time
from datetime import date, datetime, timedelta, timezone

import boto3
import pytest
from freezegun import freeze_time

from personalize_mock import PersonalizeMockError, mock_personalize

time_machine = pytest.importorskip("time_machine")
START = datetime(2024, 5, 1, tzinfo=timezone.utc)


@pytest.fixture
def mock():
    with mock_personalize(datetime=True, clock=START) as active:
        yield active


def now():
    return datetime.now(timezone.utc)


def test_every_reader_of_the_current_time_shows_the_simulated_time(mock):
    mock.clock.jump(days=1)
    assert now() == mock.clock.now() == START + timedelta(days=1)
    assert time.time() == time.time_ns() / 1e9 == START.timestamp() + 86_400
    assert (date.today(), time.gmtime().tm_mday) == (date(2024, 5, 2), 2)  # noqa: DTZ011  # what is tested


def test_a_sleep_moves_the_current_time_in_every_thread_and_takes_no_real_time(mock):
    start = time.perf_counter()
    time.sleep(3600)
    seen = []
    thread = threading.Thread(target=lambda: seen.append(now()))
    thread.start()
    thread.join()
    assert seen == [START + timedelta(hours=1)]
    assert time.perf_counter() - start < 5


def test_a_clock_without_a_start_keeps_pace_with_wall_time():
    before = time.time()
    with mock_personalize(datetime=True) as mock:
        assert before - 0.001 <= time.time() <= before + 60
        mock.clock.jump(hours=6)
        assert before + 6 * 3600 - 0.001 <= time.time() <= before + 6 * 3600 + 60
        mock.clock.rate = 1000
        reading = time.time()
        while time.time() == reading:
            pass
    assert before <= time.time() <= before + 60


def test_time_returns_to_wall_time_at_the_end_and_after_each_of_several_mocks():
    before = now()
    for _ in range(3):
        with mock_personalize(datetime=True, clock="1999-01-01"):
            assert now().year == 1999
        assert before <= now() <= before + timedelta(minutes=1)
    assert not time_machine.escape_hatch.is_travelling()


def test_the_time_of_moto_moves_too_so_sleeps_after_calls_of_every_service_are_virtual(mock):
    start = time.perf_counter()
    sqs = boto3.client("sqs", region_name="us-east-1")
    queue = sqs.create_queue(QueueName="q", Attributes={"VisibilityTimeout": "30"})["QueueUrl"]
    sqs.send_message(QueueUrl=queue, MessageBody="text")
    assert len(sqs.receive_message(QueueUrl=queue)["Messages"]) == 1
    assert "Messages" not in sqs.receive_message(QueueUrl=queue)
    time.sleep(31)
    assert len(sqs.receive_message(QueueUrl=queue)["Messages"]) == 1
    assert time.perf_counter() - start < 10


def test_an_event_is_stamped_with_the_simulated_time(mock):
    response = mock.call("CreateDatasetGroup", name="shop")
    described = mock.call("DescribeDatasetGroup", **response)["datasetGroup"]
    assert described["creationDateTime"] == START


def test_monotonic_moves_with_jumps_and_keeps_ticking(mock):
    before = time.monotonic()
    mock.clock.jump(hours=1)
    assert 3600 <= time.monotonic() - before < 3660
    reading = time.monotonic()
    while time.monotonic() == reading:
        pass


def test_a_mock_inside_a_destination_of_time_machine_starts_there_and_returns_to_it():
    with time_machine.travel(datetime(2020, 1, 1, tzinfo=timezone.utc), tick=False):
        with mock_personalize(datetime=True) as mock:
            assert mock.clock.now().year == 2020
            mock.clock.jump(days=366)
            assert now().year == 2021
        assert now().year == 2020


def test_a_destination_that_outlives_the_mock_stays():
    mock = mock_personalize(datetime=True, clock=START)
    mock.start()
    travel = time_machine.travel(datetime(2020, 1, 1, tzinfo=timezone.utc), tick=False)
    travel.start()
    mock.stop()
    assert now().year == 2020
    travel.stop()
    assert not time_machine.escape_hatch.is_travelling()


def test_freezegun_around_the_mock_is_an_error_that_leaves_nothing_behind():
    with freeze_time("2020-01-01"), pytest.raises(PersonalizeMockError, match="Write clock= instead of freezegun"):
        mock_personalize(datetime=True).start()
    assert not time_machine.escape_hatch.is_travelling()
    with mock_personalize() as mock:
        assert mock.call("ListSchemas") == {"schemas": []}


def test_a_missing_time_machine_is_an_error_that_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "time_machine", None)
    monkeypatch.setattr("personalize_mock.options.find_spec", lambda _: None)
    with pytest.raises(PersonalizeMockError, match=r"pip install personalize-mock\[time\]"):
        mock_personalize(datetime=True)


def test_an_old_time_machine_is_an_error_that_says_what_to_install(monkeypatch):
    monkeypatch.setattr("importlib.metadata.version", lambda _: "2.16.0")
    with pytest.raises(PersonalizeMockError, match=r"3 or later, but 2\.16\.0 is installed\. Run 'pip"):
        mock_personalize(datetime=True)
    mock_personalize()


def test_a_short_sleep_moves_a_clock_that_stands_still(mock):
    limit, polls = time.time() + 5, 0
    while time.time() < limit:
        time.sleep(0.1)
        polls += 1
    assert polls in (50, 51)


def test_a_task_that_calls_any_service_sleeps_virtually(mock):
    async def main():
        boto3.client("sqs", region_name="us-east-1").list_queues()
        limit = now() + timedelta(hours=2)
        polls = 0
        while now() < limit:
            await asyncio.sleep(600)
            polls += 1
        return polls

    assert asyncio.run(main()) == 12

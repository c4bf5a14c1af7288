"""Virtual sleeps of tasks: which ones are virtual, and what the event loop sees of them. All run in a second or so."""

import asyncio
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress

import boto3
import pytest

from personalize_mock import mock_personalize


def call(service="personalize", operation="list_schemas"):
    return getattr(boto3.client(service, region_name="us-east-1"), operation)()


@pytest.fixture(autouse=True)
def limit():
    """Fail a test that has waited in real time."""
    start = time.monotonic()
    yield
    assert time.monotonic() - start < 30


async def hours_slept(mock, prepare, hours=1):
    before = mock.clock.now()
    await prepare()
    assert await asyncio.sleep(hours * 3600, "result") == "result"
    return (mock.clock.now() - before).total_seconds() / 3600


def test_a_task_that_calls_personalize_sleeps_virtually():
    async def prepare():
        call()

    with mock_personalize(clock="2024-05-01") as mock:
        assert asyncio.run(hours_slept(mock, prepare)) == 1


def run_in_executor(function):
    return asyncio.get_running_loop().run_in_executor(None, function)


@pytest.mark.parametrize("in_thread", [asyncio.to_thread, run_in_executor])
def test_a_call_in_a_thread_counts_as_a_call_of_the_task_that_awaits_it(in_thread):
    async def prepare():
        await in_thread(call)

    with mock_personalize(clock="2024-05-01") as mock:
        assert asyncio.run(hours_slept(mock, prepare)) == 1


def test_other_tasks_and_tasks_of_another_service_sleep_in_real_time():
    slept = []

    async def real_sleep(delay, result=None):
        slept.append(delay)

    async def heartbeat():
        call("sts", "get_caller_identity")
        await asyncio.sleep(5)

    async def main():
        call()
        await asyncio.create_task(heartbeat())
        call("sqs", "list_queues")
        await asyncio.sleep(6)
        call("sts", "get_caller_identity")
        await asyncio.sleep(7)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(asyncio, "sleep", real_sleep)
        with mock_personalize(clock="2024-05-01"):
            asyncio.run(main())
    assert [delay for delay in slept if delay] == [5, 6]


def test_a_timeout_around_a_loop_that_never_ends_fires_after_its_virtual_time():
    polls = []

    async def poll():
        while True:
            polls.append(call())
            await asyncio.sleep(60)

    with mock_personalize(clock="2024-05-01"), pytest.raises(asyncio.TimeoutError):
        asyncio.run(asyncio.wait_for(poll(), 3570))
    assert len(polls) == 60


def test_a_deadline_by_the_time_of_the_loop_ends():
    async def poll():
        loop, polls = asyncio.get_running_loop(), 0
        limit = loop.time() + 3 * 3600
        while loop.time() < limit:
            call()
            polls += 1
            await asyncio.sleep(600)
        return polls

    with mock_personalize(clock="2024-05-01"):
        assert asyncio.run(poll()) == 18


def test_the_time_of_a_loop_does_not_go_back_when_the_mock_ends():
    async def main():
        loop = asyncio.get_running_loop()
        with mock_personalize():
            call()
            await asyncio.sleep(3600)
            during = loop.time()
        assert loop.time() >= during
        await asyncio.wait_for(asyncio.sleep(0.01), 5)

    asyncio.run(main())


def test_asyncio_is_restored_at_the_end():
    before = asyncio.sleep, asyncio.tasks.sleep, asyncio.BaseEventLoop.run_in_executor
    with mock_personalize():
        from asyncio import sleep

        assert sleep is not before[0]
    assert (asyncio.sleep, asyncio.tasks.sleep, asyncio.BaseEventLoop.run_in_executor) == before
    start = time.monotonic()
    asyncio.run(sleep(1.01))
    assert time.monotonic() - start >= 1


def test_executors_of_processes_are_left_alone():
    async def main():
        with ProcessPoolExecutor(1) as executor:
            return await asyncio.get_running_loop().run_in_executor(executor, int, "7")

    with mock_personalize():
        assert asyncio.run(main()) == 7


def test_an_invalid_sleep_is_left_to_asyncio():
    async def main():
        call()
        await asyncio.sleep(-5)
        with suppress(ValueError):  # from Python 3.13 on
            await asyncio.sleep(float("nan"))

    with mock_personalize(clock="2024-05-01") as mock:
        before = mock.clock.now()
        asyncio.run(main())
        assert mock.clock.now() == before

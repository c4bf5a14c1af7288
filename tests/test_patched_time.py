"""Virtual sleep: who sleeps virtually, and what the time is for them."""

import asyncio
import sys
import threading
import time
from datetime import timedelta
from types import ModuleType

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from personalize_mock import mock_personalize

genuine_time, genuine_sleep = time.time, time.sleep


def personalize():
    return boto3.client("personalize", region_name="us-east-1")


def real_seconds(work):
    before = genuine_time()
    work()
    return genuine_time() - before


def in_a_thread(work):
    results = []
    thread = threading.Thread(target=lambda: results.append(work()))
    thread.start()
    thread.join()
    return results[0]


def test_a_sleep_moves_the_simulated_clock_and_takes_no_real_time():
    with mock_personalize(clock="2024-05-01") as mock:
        personalize().list_schemas()
        before = mock.clock.now()
        assert real_seconds(lambda: time.sleep(3600)) < 5
        assert mock.clock.now() - before == timedelta(hours=1)


def test_a_polling_loop_with_sleep_sees_a_faithful_number_of_polls():
    with mock_personalize(durations={"dataset-group": 300}):
        arn = personalize().create_dataset_group(name="group")["datasetGroupArn"]
        polls = 0
        while personalize().describe_dataset_group(datasetGroupArn=arn)["datasetGroup"]["status"] != "ACTIVE":
            time.sleep(60)
            polls += 1
        assert polls == 5


@pytest.mark.parametrize("read", [lambda: time.time(), lambda: time.monotonic()])  # noqa: PLW0108  # looked up late
def test_a_loop_with_a_deadline_ends_in_no_real_time_even_if_its_wish_never_comes_true(read):
    def wait():
        limit = read() + 3 * 60 * 60
        while read() < limit:
            with pytest.raises(ClientError):
                personalize().describe_dataset_group(
                    datasetGroupArn="arn:aws:personalize:us-east-1:123456789012:dataset-group/never"
                )
            time.sleep(60)

    with mock_personalize() as mock:
        assert real_seconds(wait) < 20
        assert len(mock.journal.calls("DescribeDatasetGroup")) in (180, 181)


def test_short_sleeps_are_real():
    with mock_personalize(clock="2024-05-01") as mock:
        personalize().list_schemas()
        before = mock.clock.now()
        assert real_seconds(lambda: time.sleep(0.05)) >= 0.05
        assert mock.clock.now() == before


def test_a_thread_that_never_calls_personalize_sleeps_for_real_and_its_time_does_not_move():
    def heartbeat():
        slept = real_seconds(lambda: time.sleep(1))
        return slept, abs(time.time() - genuine_time())

    with mock_personalize():
        personalize().list_schemas()
        time.sleep(3600)
        slept, ahead = in_a_thread(heartbeat)
        assert slept >= 1
        assert ahead < 1
        assert time.time() - genuine_time() > 3599


def test_a_thread_that_calls_personalize_sleeps_virtually():
    def poll():
        personalize().list_schemas()
        return real_seconds(lambda: time.sleep(600))

    with mock_personalize():
        assert in_a_thread(poll) < 5


def test_a_tutorial_that_waits_for_its_role_before_it_calls_personalize_waits_virtually():
    with mock_personalize(clock="2024-05-01") as mock:
        boto3.client("iam").create_role(RoleName="role", AssumeRolePolicyDocument="{}")
        assert real_seconds(lambda: time.sleep(60)) < 5
        assert mock.clock.now().isoformat() == "2024-05-01T00:01:00+00:00"


def test_another_thread_that_calls_only_other_services_sleeps_for_real():
    def heartbeat():
        boto3.client("sts", region_name="us-east-1").get_caller_identity()
        return real_seconds(lambda: time.sleep(1))

    with mock_personalize():
        assert in_a_thread(heartbeat) >= 1


def test_the_retries_of_botocore_take_no_real_time():
    with mock_personalize(quotas={"active_dataset_groups": 0}) as mock:
        refused = boto3.client("personalize", region_name="us-east-1", config=Config(retries={"mode": "standard"}))
        with pytest.raises(ClientError, match="max retries"):
            refused.create_dataset_group(name="group")
        assert len(mock.journal.calls("CreateDatasetGroup")) > 1
        assert time.time() - genuine_time() > 0.01


def test_the_clock_of_asyncio_is_left_alone():
    async def loop_time_moves():
        loop = asyncio.get_running_loop()
        before = loop.time()
        time.sleep(3600)  # noqa: ASYNC251  # a blocking sleep is what is tested
        return loop.time() - before

    with mock_personalize():
        personalize().list_schemas()
        assert asyncio.run(loop_time_moves()) < 5


def test_modules_that_imported_sleep_are_named_by_the_user(monkeypatch):
    module = ModuleType("some_waiter")
    module.sleep = time.sleep
    monkeypatch.setitem(sys.modules, "some_waiter", module)
    with mock_personalize(sleep_modules=("some_waiter",)):
        personalize().list_schemas()
        assert real_seconds(lambda: module.sleep(600)) < 5
    assert module.sleep is time.sleep


def test_a_notebook_that_imported_sleep_sleeps_virtually(monkeypatch):
    monkeypatch.setattr(sys.modules["__main__"], "sleep", time.sleep, raising=False)
    with mock_personalize():
        personalize().list_schemas()
        assert real_seconds(lambda: sys.modules["__main__"].sleep(600)) < 5
    assert sys.modules["__main__"].sleep is time.sleep


def test_a_name_imported_while_mocked_is_the_real_thing_in_between_and_good_for_the_next_mock():
    with mock_personalize():
        from time import sleep
        from time import time as now
    assert abs(now() - genuine_time()) < 1
    assert real_seconds(lambda: sleep(1)) >= 1
    with mock_personalize():
        personalize().list_schemas()
        assert real_seconds(lambda: sleep(600)) < 5


def test_real_sleep_is_an_option():
    with mock_personalize(sleep="real"):
        personalize().list_schemas()
        assert time.sleep is genuine_sleep
        assert time.time is genuine_time

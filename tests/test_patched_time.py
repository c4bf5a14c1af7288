"""Virtual sleep: who sleeps virtually, and what the time is for them.

Wall time stands still here: what would really have been slept is noted, and nothing depends on how fast a machine is.
"""

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


class Wall:
    """The functions of the `time` module, of a time that passes by sleeping alone.

    Attributes:
        slept: the sleeps, in seconds.
    """

    def __init__(self):
        self.slept = []

    def sleep(self, seconds):
        self.slept.append(seconds)

    def monotonic(self):
        return 100.0 + sum(self.slept)

    def time(self):
        return 1_714_521_600.0 + sum(self.slept)  # 2024-05-01


@pytest.fixture(autouse=True)
def wall(monkeypatch):
    standing = Wall()
    for name in ("sleep", "monotonic", "time"):
        monkeypatch.setattr(time, name, getattr(standing, name))
    return standing


def personalize():
    return boto3.client("personalize", region_name="us-east-1")


def in_a_thread(work):
    results = []
    thread = threading.Thread(target=lambda: results.append(work()))
    thread.start()
    thread.join()
    return results[0]


def test_a_sleep_moves_the_simulated_clock_and_takes_no_real_time(wall):
    with mock_personalize(clock="2024-05-01") as mock:
        personalize().list_schemas()
        before = mock.clock.now()
        time.sleep(3600)
        assert mock.clock.now() - before == timedelta(hours=1)
    assert wall.slept == []


def test_a_polling_loop_with_sleep_sees_a_faithful_number_of_polls():
    with mock_personalize(durations={"dataset-group": 300}):
        arn = personalize().create_dataset_group(name="group")["datasetGroupArn"]
        polls = 0
        while personalize().describe_dataset_group(datasetGroupArn=arn)["datasetGroup"]["status"] != "ACTIVE":
            time.sleep(60)
            polls += 1
        assert polls == 5


@pytest.mark.parametrize("read", [lambda: time.time(), lambda: time.monotonic()])  # noqa: PLW0108  # looked up late
def test_a_loop_with_a_deadline_ends_in_no_real_time_even_if_its_wish_never_comes_true(wall, read):
    with mock_personalize() as mock:
        limit = read() + 3 * 60 * 60
        while read() < limit:
            with pytest.raises(ClientError):
                personalize().describe_dataset_group(
                    datasetGroupArn="arn:aws:personalize:us-east-1:123456789012:dataset-group/never"
                )
            time.sleep(60)
        assert len(mock.journal.calls("DescribeDatasetGroup")) == 180
    assert wall.slept == []


def test_short_sleeps_are_real(wall):
    with mock_personalize(clock="2024-05-01") as mock:
        personalize().list_schemas()
        before = mock.clock.now()
        time.sleep(0.05)
        assert mock.clock.now() == before
    assert wall.slept == [0.05]


@pytest.mark.parametrize("seconds", [-1, float("nan"), float("inf")])
def test_sleeps_that_cannot_be_are_left_to_the_real_one_to_refuse(wall, seconds):
    with mock_personalize(clock="2024-05-01") as mock:
        personalize().list_schemas()
        before = mock.clock.now()
        time.sleep(seconds)
        assert mock.clock.now() == before
    assert len(wall.slept) == 1


def test_a_thread_that_never_calls_personalize_sleeps_for_real_and_its_time_does_not_move(wall):
    def heartbeat():
        time.sleep(1)
        return time.time() - wall.time()

    with mock_personalize():
        personalize().list_schemas()
        time.sleep(3600)
        assert in_a_thread(heartbeat) == 0
        assert time.time() - wall.time() == 3600
    assert wall.slept == [1]


def test_a_thread_that_calls_personalize_sleeps_virtually(wall):
    def poll():
        personalize().list_schemas()
        time.sleep(600)
        return time.time() - wall.time()

    with mock_personalize():
        assert in_a_thread(poll) == 600
    assert wall.slept == []


def test_a_tutorial_that_waits_for_its_role_before_it_calls_personalize_waits_virtually(wall):
    with mock_personalize(clock="2024-05-01") as mock:
        boto3.client("iam").create_role(RoleName="role", AssumeRolePolicyDocument="{}")
        time.sleep(60)
        assert mock.clock.now().isoformat() == "2024-05-01T00:01:00+00:00"
    assert wall.slept == []


def test_another_thread_that_calls_only_other_services_sleeps_for_real(wall):
    def heartbeat():
        boto3.client("sts", region_name="us-east-1").get_caller_identity()
        return time.sleep(1)

    with mock_personalize():
        in_a_thread(heartbeat)
    assert wall.slept == [1]


def test_the_retries_of_botocore_take_no_real_time(wall):
    with mock_personalize(quotas={"active_dataset_groups": 0}) as mock:
        refused = boto3.client("personalize", region_name="us-east-1", config=Config(retries={"mode": "standard"}))
        with pytest.raises(ClientError, match="max retries"):
            refused.create_dataset_group(name="group")
        assert len(mock.journal.calls("CreateDatasetGroup")) > 1
        assert time.time() > wall.time()
    assert wall.slept == []


def test_the_clock_of_asyncio_is_left_alone():
    async def loop_time_moves():
        loop = asyncio.get_running_loop()
        before = loop.time()
        time.sleep(3600)  # noqa: ASYNC251  # a blocking sleep is what is tested
        return loop.time() - before

    with mock_personalize():
        personalize().list_schemas()
        assert asyncio.run(loop_time_moves()) == 0


def test_modules_that_imported_sleep_are_named_by_the_user(monkeypatch, wall):
    module = ModuleType("some_waiter")
    module.sleep = time.sleep
    monkeypatch.setitem(sys.modules, "some_waiter", module)
    with mock_personalize(sleep_modules=("some_waiter",)):
        personalize().list_schemas()
        module.sleep(600)
    assert module.sleep is time.sleep
    assert wall.slept == []


def test_a_notebook_that_imported_sleep_sleeps_virtually(monkeypatch, wall):
    monkeypatch.setattr(sys.modules["__main__"], "sleep", time.sleep, raising=False)
    with mock_personalize():
        personalize().list_schemas()
        sys.modules["__main__"].sleep(600)
    assert sys.modules["__main__"].sleep is time.sleep
    assert wall.slept == []


def test_a_name_imported_while_mocked_is_the_real_thing_in_between_and_good_for_the_next_mock(wall):
    with mock_personalize():
        from time import sleep
        from time import time as now

        personalize().list_schemas()
        sleep(600)
    assert now() == wall.time()
    sleep(1)
    assert wall.slept == [1]
    with mock_personalize():
        personalize().list_schemas()
        sleep(600)
    assert wall.slept == [1]


def test_real_sleep_is_an_option(wall):
    with mock_personalize(sleep="real"):
        personalize().list_schemas()
        time.sleep(3600)
        assert time.time() == wall.time()
    assert wall.slept == [3600]

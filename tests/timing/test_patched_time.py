"""Virtual sleep: which sleeps are virtual, and the time that a thread sees afterwards.

Real time is faked: it passes only by real sleeps, which are recorded. So no test depends on the speed of the machine.
"""

import asyncio
import sys
import threading
import time
from datetime import datetime, timedelta, timezone
from types import ModuleType

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from personalize_mock import PersonalizeMockError, mock_personalize


class FakeTime:
    """Functions of the `time` module for a time that passes only by sleeping.

    Attributes:
        slept: Lengths of the sleeps, in seconds.
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
def real(monkeypatch):
    """The fake that stands for real time."""
    fake = FakeTime()
    for name in ("sleep", "monotonic", "time"):
        monkeypatch.setattr(time, name, getattr(fake, name))
    return fake


def personalize():
    return boto3.client("personalize", region_name="us-east-1")


def in_a_thread(function):
    results = []
    thread = threading.Thread(target=lambda: results.append(function()))
    thread.start()
    thread.join()
    return results[0]


def test_a_virtual_sleep_moves_the_simulated_clock_and_takes_no_real_time(real):
    with mock_personalize(clock="2024-05-01") as mock:
        personalize().list_schemas()
        before = mock.clock.now()
        time.sleep(3600)
        assert mock.clock.now() - before == timedelta(hours=1)
    assert real.slept == []


def test_a_loop_that_polls_and_sleeps_polls_as_often_as_in_reality():
    with mock_personalize(durations={"dataset-group": 300}):
        arn = personalize().create_dataset_group(name="group")["datasetGroupArn"]
        polls = 0
        while personalize().describe_dataset_group(datasetGroupArn=arn)["datasetGroup"]["status"] != "ACTIVE":
            time.sleep(60)
            polls += 1
        assert polls == 5


@pytest.mark.parametrize("read", [lambda: time.time(), lambda: time.monotonic()])  # noqa: PLW0108  # looked up late
def test_a_loop_with_a_deadline_ends_at_once_even_if_its_condition_never_holds(real, read):
    with mock_personalize() as mock:
        limit = read() + 3 * 60 * 60
        while read() < limit:
            with pytest.raises(ClientError):
                personalize().describe_dataset_group(
                    datasetGroupArn="arn:aws:personalize:us-east-1:123456789012:dataset-group/never"
                )
            time.sleep(60)
        assert len(mock.journal.calls("DescribeDatasetGroup")) == 180
    assert real.slept == []


def test_short_sleeps_are_real(real):
    with mock_personalize(clock="2024-05-01") as mock:
        personalize().list_schemas()
        before = mock.clock.now()
        time.sleep(0.05)
        assert mock.clock.now() == before
    assert real.slept == [0.05]


@pytest.mark.parametrize("seconds", [-1, float("nan"), float("inf")])
def test_invalid_sleeps_are_left_to_the_original(real, seconds):
    with mock_personalize(clock="2024-05-01") as mock:
        personalize().list_schemas()
        before = mock.clock.now()
        time.sleep(seconds)
        assert mock.clock.now() == before
    assert len(real.slept) == 1


def test_a_sleep_beyond_the_year_9999_raises_and_moves_nothing(real):
    with mock_personalize(clock="2024-05-01") as mock:
        personalize().list_schemas()
        before = mock.clock.now(), time.time(), time.monotonic()
        with pytest.raises(PersonalizeMockError, match="beyond the year 9999"):
            time.sleep(1e12)
        assert (mock.clock.now(), time.time(), time.monotonic()) == before
    assert real.slept == []


def test_a_thread_that_does_not_call_personalize_sleeps_in_real_time(real):
    def heartbeat():
        time.sleep(1)
        return time.time() - real.time()

    with mock_personalize():
        personalize().list_schemas()
        time.sleep(3600)
        assert in_a_thread(heartbeat) == 0
        assert time.time() - real.time() == 3600
    assert real.slept == [1]


def test_a_thread_that_calls_personalize_sleeps_virtually(real):
    def poll():
        personalize().list_schemas()
        time.sleep(600)
        return time.time() - real.time()

    with mock_personalize():
        assert in_a_thread(poll) == 600
    assert real.slept == []


def test_a_tutorial_that_waits_for_its_role_before_calling_personalize_sleeps_virtually(real):
    with mock_personalize(clock="2024-05-01") as mock:
        boto3.client("iam").create_role(RoleName="role", AssumeRolePolicyDocument="{}")
        time.sleep(60)
        assert mock.clock.now().isoformat() == "2024-05-01T00:01:00+00:00"
    assert real.slept == []


def test_another_thread_that_calls_only_other_services_sleeps_in_real_time(real):
    def heartbeat():
        boto3.client("sts", region_name="us-east-1").get_caller_identity()
        return time.sleep(1)

    with mock_personalize():
        in_a_thread(heartbeat)
    assert real.slept == [1]


def test_retries_of_botocore_take_no_real_time(real):
    with mock_personalize(quotas={"active_dataset_groups": 0}) as mock:
        retrying = boto3.client("personalize", region_name="us-east-1", config=Config(retries={"mode": "standard"}))
        with pytest.raises(ClientError, match="max retries"):
            retrying.create_dataset_group(name="group")
        assert len(mock.journal.calls("CreateDatasetGroup")) > 1
        assert time.time() > real.time()
    assert real.slept == []


def test_the_clock_of_asyncio_does_not_move():
    async def move_of_loop_time():
        loop = asyncio.get_running_loop()
        before = loop.time()
        time.sleep(3600)  # noqa: ASYNC251  # a blocking sleep is what is tested
        return loop.time() - before

    with mock_personalize():
        personalize().list_schemas()
        assert asyncio.run(move_of_loop_time()) == 0


def test_sleep_is_virtual_in_every_module_that_imported_it(monkeypatch, real):
    module = ModuleType("waiting_module")
    module.sleep, module.monotonic = time.sleep, time.monotonic
    monkeypatch.setitem(sys.modules, "waiting_module", module)
    before = vars(module).copy()
    with mock_personalize():
        personalize().list_schemas()
        start = module.monotonic()
        module.sleep(600)
        assert module.monotonic() - start == 600
    assert vars(module) == before
    assert real.slept == []


def test_sleep_is_virtual_in_a_module_whose_sleep_was_a_fake_in_an_earlier_mock(monkeypatch, real):
    module = ModuleType("waiting_module")
    module.sleep = print
    monkeypatch.setitem(sys.modules, "waiting_module", module)
    with mock_personalize():
        personalize().list_schemas()
    module.sleep = time.sleep
    with mock_personalize():
        personalize().list_schemas()
        module.sleep(600)
    assert real.slept == []


def test_sleep_is_virtual_in_a_module_that_has_taken_the_place_of_another_one(monkeypatch, real):
    for _ in range(2):
        module = ModuleType("waiting_module")
        module.sleep = time.sleep
        monkeypatch.setitem(sys.modules, "waiting_module", module)
        with mock_personalize():
            personalize().list_schemas()
            module.sleep(600)
    assert real.slept == []


def test_a_module_that_replaces_its_sleep_during_a_mock_keeps_the_replacement(monkeypatch):
    module = ModuleType("waiting_module")
    module.sleep = time.sleep
    monkeypatch.setitem(sys.modules, "waiting_module", module)
    with mock_personalize():
        module.sleep = print
    assert module.sleep is print


def test_the_search_for_sleep_loads_no_lazy_module_and_passes_over_what_is_no_module(monkeypatch):
    class LazyModule(ModuleType):
        def __getattribute__(self, name):
            raise AssertionError(name)

    monkeypatch.setitem(sys.modules, "lazy_module", LazyModule("lazy_module"))
    monkeypatch.setitem(sys.modules, "no_module", None)
    monkeypatch.setitem(sys.modules, "an_object", object())
    with mock_personalize() as mock:
        assert mock.call("ListSchemas") == {"schemas": []}


@pytest.mark.parametrize("service", ["sqs", "config", "lambda", "logs", "dynamodb"])
def test_a_sleep_after_a_call_of_another_service_is_real(real, service):
    call = {"sqs": "list_queues", "config": "describe_config_rules", "lambda": "list_functions"}
    call |= {"logs": "describe_log_groups", "dynamodb": "list_tables"}
    with mock_personalize(clock="2024-05-01") as mock:
        personalize().list_schemas()
        getattr(boto3.client(service, region_name="us-east-1"), call[service])()
        before = mock.clock.now()
        time.sleep(2)
        assert mock.clock.now() == before
        assert real.slept == [2]
        personalize().list_schemas()
        time.sleep(60)
        assert mock.clock.now() - before == timedelta(minutes=1)
    assert real.slept == [2]


SET_UP = {
    "iam": "list_roles",
    "sts": "get_caller_identity",
    "s3": "list_buckets",
    "ssm": "describe_parameters",
    "cloudformation": "list_stacks",
    "cloudwatch": "list_metrics",
}


@pytest.mark.parametrize("service", SET_UP)
def test_a_sleep_after_a_call_that_sets_personalize_up_is_virtual(real, service):
    with mock_personalize(clock="2024-05-01") as mock:
        boto3.client("sqs", region_name="us-east-1").list_queues()
        getattr(boto3.client(service, region_name="us-east-1"), SET_UP[service])()
        time.sleep(60)
        assert mock.clock.now().isoformat() == "2024-05-01T00:01:00+00:00"
    assert real.slept == []


@pytest.mark.parametrize("locks_at_upload", [True, False])
def test_a_sleep_after_a_call_of_s3_is_real_once_an_object_is_locked_for_some_time(real, locks_at_upload):
    until = datetime.now(timezone.utc) + timedelta(hours=1)
    with mock_personalize(clock="2024-05-01") as mock:
        s3 = boto3.client("s3", region_name="us-east-1")
        s3.create_bucket(Bucket="locked", ObjectLockEnabledForBucket=True)
        time.sleep(60)
        lock = {"ObjectLockMode": "COMPLIANCE", "ObjectLockRetainUntilDate": until}
        s3.put_object(Bucket="locked", Key="key", Body=b"", **(lock if locks_at_upload else {}))
        if not locks_at_upload:
            retention = {"Mode": "COMPLIANCE", "RetainUntilDate": until}
            s3.put_object_retention(Bucket="locked", Key="key", Retention=retention)
        s3.list_objects_v2(Bucket="locked")
        time.sleep(2)
        boto3.client("iam", region_name="us-east-1").list_roles()
        time.sleep(60)
        assert mock.clock.now().isoformat() == "2024-05-01T00:02:00+00:00"
    assert real.slept == [2]


def test_the_time_of_a_thread_stays_ahead_after_a_call_of_another_service(real):
    with mock_personalize():
        personalize().list_schemas()
        time.sleep(3600)
        boto3.client("sqs", region_name="us-east-1").list_queues()
        assert time.time() - real.time() == 3600


def test_sleep_is_virtual_in_a_notebook_that_imported_it(monkeypatch, real):
    monkeypatch.setattr(sys.modules["__main__"], "sleep", time.sleep, raising=False)
    with mock_personalize():
        personalize().list_schemas()
        sys.modules["__main__"].sleep(600)
    assert sys.modules["__main__"].sleep is time.sleep
    assert real.slept == []


def test_a_function_imported_during_a_mock_is_real_after_it_and_virtual_in_the_next_one(real):
    with mock_personalize():
        from time import sleep
        from time import time as now

        personalize().list_schemas()
        sleep(600)
    assert now() == real.time()
    sleep(1)
    assert real.slept == [1]
    with mock_personalize():
        personalize().list_schemas()
        sleep(600)
    assert real.slept == [1]


def test_the_option_sleep_real_leaves_sleeps_real(real):
    with mock_personalize(sleep="real"):
        personalize().list_schemas()
        time.sleep(3600)
        assert time.time() == real.time()
    assert real.slept == [3600]

"""Interrupts at any line: of a start, a stop, a call or a due event."""

import asyncio
import os
import signal
import socket
import ssl
import sys
import time
from pathlib import Path
from threading import RLock

import boto3
import pytest
import requests
from botocore import credentials, hooks, httpsession
from botocore.client import ClientCreator
from botocore.endpoint import Endpoint
from botocore.endpoint_provider import EndpointProvider
from botocore.hooks import EventAliaser
from botocore.loaders import JSONFileLoader, Loader
from botocore.model import ServiceModel
from botocore.retries.bucket import TokenBucket
from builders import (
    BUCKET,
    a_dataset,
    a_dataset_group,
    a_group_with_data,
    a_solution,
    a_solution_version,
    batch_request,
)
from import_jobs import describe_import, start_import
from moto import backend_index, mock_aws
from moto.core import models as moto_models
from moto.core.botocore_stubber import BotocoreStubber
from moto.core.config import default_user_config
from moto.personalize import models as stock
from urllib3.connectionpool import HTTPConnectionPool

import personalize_mock
from personalize_mock import active, mock_personalize
from personalize_mock.mock import MockPersonalize
from personalize_mock.moto_backend import moto_run
from personalize_mock.moto_backend.cloudwatch import MetricProvider
from personalize_mock.resources import attribution_reports, locations
from personalize_mock.resources.core import lifecycle
from personalize_mock.timing import clock

PACKAGE = str(Path(personalize_mock.__file__).parent)
MOTO = moto_models.__file__


class Interrupt(BaseException):
    """Stands for KeyboardInterrupt, which pytest would take for the user's."""


class InterruptAt:
    """Context that raises an exception at the n-th line that some files run. A line in a loop counts once."""

    def __init__(self, line, *, files=(PACKAGE,), error=Interrupt):
        self.left, self.files, self.error, self.lines = line, files, error, set()

    def __enter__(self):
        sys.settrace(self.trace)
        return self

    def __exit__(self, *_):
        sys.settrace(None)
        active.lock = RLock()  # only tracing can raise before a `with` block releases it; see test_interrupted_locks.py

    def trace(self, frame, event, _):
        if not frame.f_code.co_filename.startswith(self.files):
            return None
        line = (frame.f_code, frame.f_lineno)
        if event == "line" and line not in self.lines:
            self.lines.add(line)
            self.left -= 1
            if self.left == 0:
                sys.settrace(None)
                raise self.error(f"{frame.f_code.co_filename}:{frame.f_lineno}")
        return self.trace

    @property
    def has_raised(self):
        return self.left <= 0


def process_state():
    """Return every name that a mock replaces, with what stands there."""
    replaced = (
        *((Endpoint, name) for name in ("_send",)),
        *((BotocoreStubber, name) for name in ("process_request",)),
        *((HTTPConnectionPool, name) for name in ("urlopen",)),
        *((requests.adapters.HTTPAdapter, name) for name in ("send",)),
        *((stock, name) for name in ("personalize_backends",)),
        *((JSONFileLoader, name) for name in ("load_file",)),
        *((Loader, name) for name in ("list_available_services", "determine_latest_version", "load_data_with_path")),
        *((owner, name) for owner, name in ((Loader, "load_service_model"), (hooks._PrefixTrie, "__copy__"))),
        *((httpsession, name) for name in ("PoolManager",)),
        *((httpsession.URLLib3Session, name) for name in ("_get_ssl_context",)),
        (credentials, "create_credential_resolver"),
        (ClientCreator, "_create_methods"),
        (ServiceModel, "endpoint_discovery_operation"),
        *((class_, "__init__") for class_ in (EndpointProvider, EventAliaser)),
        *((hooks, name) for name in ("accepts_kwargs",)),
        *((time, name) for name in ("sleep", "time", "monotonic")),
        *((module, "sleep") for module in (asyncio, asyncio.tasks)),
        *((asyncio.BaseEventLoop, name) for name in ("run_in_executor",)),
        *((TokenBucket, name) for name in ("acquire",)),
        *((socket, name) for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex")),
        *((socket.socket, name) for name in ("connect", "connect_ex", "send", "sendall", "sendmsg")),
        *((ssl.SSLContext, name) for name in ("wrap_socket", "wrap_bio")),
        *((moto_models.MockAWS, name) for name in ("_nested_count", "_mocks_active")),
        *((MetricProvider, name) for name in ("__bases__", "metrics")),
        (boto3, "DEFAULT_SESSION"),
        (moto_models.botocore_stubber, "enabled"),
        (moto_models.responses_mock, "_patcher"),
        (moto_models, "CallbackResponse"),
    )
    state = {(getattr(owner, "__name__", repr(owner)), name): getattr(owner, name) for owner, name in replaced}
    own = {name for name in ("connect", "send") if name in vars(socket.socket)}
    keys = [os.environ.get(name) for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")]
    return state, own, keys, list(backend_index.backend_url_patterns), dict(default_user_config)


@pytest.fixture(scope="module", autouse=True)
def iam():
    """A client for IAM, whose first call lets the mock patch moto's IAM too. It is slow to make."""
    with mock_personalize():
        client = boto3.client("iam", region_name="us-east-1")
        client.list_roles()
    return client


def interrupted_at_each_line(run, **options):
    """Call `run(interrupt)` with an interrupt at the first line, at the second one, and so on until it ends before."""
    line = 1
    while True:
        interrupt = InterruptAt(line, **options)
        run(interrupt)
        if not interrupt.has_raised:
            return line - 1
        line += 1


def interrupted_starts(check, *, start=MockPersonalize.start, **options):
    """Start a mock with an interrupt at each line. After each interrupted start, call `check(mock)`."""

    def run(interrupt):
        mock = mock_personalize()
        try:
            with interrupt:
                start(mock)
        except Interrupt:
            check(mock)
        else:
            mock.stop()

    return interrupted_at_each_line(run, **options)


def test_a_start_interrupted_at_any_line_leaves_nothing_behind():
    before = process_state()

    def check(_):
        assert process_state() == before

    assert interrupted_starts(check, start=MockPersonalize.__enter__) > 100
    assert process_state() == before


def test_a_start_interrupted_at_any_line_of_moto_leaves_nothing_behind():
    before = process_state()

    def check(mock):
        assert process_state() == before
        with pytest.raises(personalize_mock.PersonalizeMockError, match="No mock is active"):
            mock.stop()

    assert interrupted_starts(check, files=(MOTO,)) > 20
    with mock_personalize() as mock:
        assert mock.call("ListSchemas") == {"schemas": []}
    assert process_state() == before


@pytest.mark.parametrize("files", [PACKAGE, MOTO])
def test_a_stop_interrupted_at_any_line_ends_the_mock_or_can_be_repeated(files, iam):
    before = process_state()

    def run(interrupt):
        mock = mock_personalize()
        mock.start()
        iam.list_roles()
        try:
            with interrupt:
                mock.stop()
        except Interrupt:
            if process_state() != before:
                mock.stop()
        assert process_state() == before

    assert interrupted_at_each_line(run, files=(files,)) > 10


def test_an_interrupted_start_inside_mock_aws_leaves_moto_active():
    with mock_aws():
        boto3.client("s3", region_name="us-east-1").create_bucket(Bucket="kept")
        before = process_state()

        def check(_):
            assert process_state() == before

        assert interrupted_starts(check, files=(MOTO, moto_run.__file__)) > 10
        assert boto3.client("s3", region_name="us-east-1").list_buckets()["Buckets"][0]["Name"] == "kept"


def test_an_error_of_motos_start_is_raised_and_leaves_nothing_behind(monkeypatch):
    before = process_state()
    with monkeypatch.context() as patched:
        patched.setattr(moto_models.responses_mock, "start", lambda: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            mock_personalize().start()
    assert process_state() == before


def test_an_interrupted_inner_start_leaves_the_outer_mock_active():
    with mock_personalize() as outer:
        for line in range(1, 12):
            inner = mock_personalize()
            try:
                with InterruptAt(line):
                    inner.start()
            except Interrupt:
                pass
            else:
                inner.stop()
            assert outer.call("ListSchemas") == {"schemas": []}


@pytest.fixture
def waiting_import():
    """A mock with an import job whose work has not begun."""
    with mock_personalize(clock="2024-05-01", autojump=False) as mock:
        dataset = a_dataset(mock, a_dataset_group(mock))
        yield mock, start_import(dataset), dataset


def interrupted_jump(mock, line, *, seconds=86_400, error=Interrupt):
    interrupt = InterruptAt(line, error=error)
    try:
        with interrupt:
            mock.clock.jump(seconds)
    except error:
        pass
    return interrupt.has_raised


def outcome(line):
    """Return what a program sees whose training is interrupted at a line, and whether it was."""
    with mock_personalize(clock="2024-05-01", autojump=False, seed=5) as mock:
        group = a_group_with_data(mock)
        solution = a_solution(mock, group, "aws-popularity-count")
        version = mock.call("CreateSolutionVersion", solutionArn=solution)["solutionVersionArn"]
        was_interrupted = interrupted_jump(mock, line)
        mock.call("ListSchemas")
        mock.clock.jump_to("2024-06-01")
        described = mock.call("DescribeSolutionVersion", solutionVersionArn=version)["solutionVersion"]
        metrics = mock.call("GetSolutionMetrics", solutionVersionArn=version)["metrics"]
        times = [record.at for record in mock.journal]
        assert times == sorted(times)
        return (described, metrics, mock.journal.transitions(), mock.clock.upcoming()), was_interrupted


def test_a_training_interrupted_at_any_line_runs_again_and_gives_the_same_model():
    expected, _ = outcome(10**9)
    assert expected[0]["status"] == "ACTIVE"
    line, step = 1, 41
    while True:
        result, was_interrupted = outcome(line)
        assert result == expected, line
        if not was_interrupted:
            break
        line += step
    assert line > 200


def test_an_import_interrupted_at_its_last_step_is_not_half_made(waiting_import, monkeypatch):
    mock, job, dataset = waiting_import
    with monkeypatch.context() as patched:
        patched.setattr(attribution_reports, "report_import", interrupt)
        with pytest.raises(Interrupt):
            mock.clock.jump(86_400)
    assert describe_import(job)["status"] == "ACTIVE"
    rows = mock.call("DescribeDataset", datasetArn=dataset)["dataset"]
    assert rows["status"] == "ACTIVE"


def test_time_is_never_before_a_transition_whatever_line_of_a_jump_is_interrupted():
    line, was_interrupted = 0, True
    while was_interrupted:
        line += 1
        with mock_personalize(clock="2024-05-01", autojump=False) as mock:
            mock.call("CreateDatasetGroup", name="shop")
            interrupt = InterruptAt(line, files=(str(Path(clock.__file__).parent),))
            try:
                with interrupt:
                    mock.clock.jump(86_400)
            except Interrupt:
                pass
            assert mock.clock.timestamp() >= mock.journal.transitions()[-1].at, line
            was_interrupted = interrupt.has_raised
    assert line > 30


def jump_for_ever(clock):
    while True:
        clock.jump(600)


def interrupt(*_, **__):
    raise Interrupt


def test_a_batch_job_interrupted_after_it_has_published_its_output_publishes_it_again(monkeypatch):
    set_status = lifecycle._set_status

    def interrupt_once(store, resource, *arguments, **keywords):
        if resource.arn == job and not interrupted and store.objects.keys(BUCKET, "batch/out/in.json.out"):
            interrupted.append(job)
            raise Interrupt
        return set_status(store, resource, *arguments, **keywords)

    with mock_personalize(clock="2024-05-01", autojump=False) as mock:
        version = a_solution_version(mock, a_solution(mock, a_group_with_data(mock), "aws-popularity-count"))
        request = batch_request("batch", version)
        job, interrupted = mock.call("CreateBatchInferenceJob", **request)["batchInferenceJobArn"], []
        monkeypatch.setattr(lifecycle, "_set_status", interrupt_once)
        with pytest.raises(Interrupt):
            mock.clock.jump(86_400)
        mock.clock.jump(86_400)
        described = mock.call("DescribeBatchInferenceJob", batchInferenceJobArn=job)["batchInferenceJob"]
    assert interrupted == [job]
    assert described["status"] == "ACTIVE"


def test_a_job_that_raises_an_error_three_times_fails_with_the_reason(waiting_import, monkeypatch):
    mock, job, _ = waiting_import
    with monkeypatch.context() as patched:
        patched.setattr(locations, "read", lambda *_: 1 / 0)
        for _ in range(2):
            with pytest.raises(ZeroDivisionError):
                mock.clock.jump(86_400)
        mock.clock.jump(86_400)
    described = describe_import(job)
    assert described["status"] == "CREATE FAILED"
    assert described["failureReason"] == (
        "Interrupted 3 times in a row, the last time by ZeroDivisionError: division by zero"
    )


def test_an_interrupted_call_leaves_nothing_half_made():
    with mock_personalize(clock="2024-05-01", autojump=False, quotas={"active_dataset_groups": 99}) as mock:
        line = 1
        while True:
            try:
                with InterruptAt(line):
                    mock.call("CreateDatasetGroup", name=f"group-{line}")
                break
            except Interrupt:
                made = [group["datasetGroupArn"] for group in mock.call("ListDatasetGroups")["datasetGroups"]]
                assert [due.arn for due in mock.clock.upcoming()] == made
                assert [transition.arn for transition in mock.journal.transitions()] == made
            line += 1
        assert line > 50
        assert len(made) < line / 4  # interrupted after the change


def test_a_signal_during_a_training_does_not_stop_it_for_good():
    def on_signal(*_):
        raise TimeoutError("the test takes too long")

    with mock_personalize(clock="2024-05-01") as mock:
        group = a_group_with_data(mock)
        version = mock.call("CreateSolutionVersion", solutionArn=a_solution(mock, group))["solutionVersionArn"]
        before = signal.signal(signal.SIGALRM, on_signal)
        try:
            signal.setitimer(signal.ITIMER_REAL, 0.02)
            with pytest.raises(TimeoutError):
                jump_for_ever(mock.clock)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
        mock.clock.jump(86_400)
        described = mock.call("DescribeSolutionVersion", solutionVersionArn=version)["solutionVersion"]
        assert described["status"] == "ACTIVE"

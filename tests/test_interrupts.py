"""Interrupts at any line: of a start, a stop, a call or a due event."""

import os
import socket
import ssl
import sys
import time
from pathlib import Path

import boto3
import pytest
import requests
from botocore.endpoint import Endpoint
from moto import backend_index, mock_aws
from moto.core import models as moto_models
from moto.core.botocore_stubber import BotocoreStubber
from moto.core.config import default_user_config
from moto.personalize import models as stock
from urllib3.connectionpool import HTTPConnectionPool

import personalize_mock
from personalize_mock import mock_personalize
from personalize_mock.moto_backend import moto_run
from personalize_mock.moto_backend.cloudwatch import MetricProvider

PACKAGE = str(Path(personalize_mock.__file__).parent)
MOTO = moto_models.__file__


class Interrupt(BaseException):
    """Stands for KeyboardInterrupt, which pytest would take for the user's."""


class InterruptAt:
    """Context that raises an exception at the n-th line that some files run."""

    def __init__(self, line, *, files=(PACKAGE,), error=Interrupt):
        self.left, self.files, self.error = line, files, error

    def __enter__(self):
        sys.settrace(self.trace)
        return self

    def __exit__(self, *_):
        sys.settrace(None)

    def trace(self, frame, event, argument):
        if not frame.f_code.co_filename.startswith(self.files):
            return None
        if event == "line":
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
        *((time, name) for name in ("sleep", "time", "monotonic")),
        *((socket, name) for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex")),
        *((socket.socket, name) for name in ("connect", "connect_ex", "send", "sendall", "sendmsg")),
        *((ssl.SSLContext, name) for name in ("wrap_socket", "wrap_bio")),
        *((moto_models.MockAWS, name) for name in ("_nested_count", "_mocks_active")),
        *((MetricProvider, name) for name in ("__bases__", "metrics")),
        (boto3, "DEFAULT_SESSION"),
        (moto_models.botocore_stubber, "enabled"),
        (moto_models.responses_mock, "_patcher"),
    )
    state = {(getattr(owner, "__name__", repr(owner)), name): getattr(owner, name) for owner, name in replaced}
    own = {name for name in ("connect", "send") if name in vars(socket.socket)}
    keys = [os.environ.get(name) for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")]
    return state, own, keys, list(backend_index.backend_url_patterns), dict(default_user_config)


@pytest.fixture(scope="module", autouse=True)
def _warm():
    with mock_personalize():
        boto3.client("iam", region_name="us-east-1").list_roles()


def interrupted_at_each_line(run, **options):
    """Call `run(interrupt)` with an interrupt at the first line, at the second one, and so on until it ends before."""
    line = 1
    while True:
        interrupt = InterruptAt(line, **options)
        run(interrupt)
        if not interrupt.has_raised:
            return line - 1
        line += 1


def test_a_start_interrupted_at_any_line_leaves_nothing_behind():
    before = process_state()

    def run(interrupt):
        mock = mock_personalize()
        try:
            with interrupt:
                mock.__enter__()
        except Interrupt:
            assert process_state() == before, interrupt
        else:
            mock.stop()

    assert interrupted_at_each_line(run) > 200
    assert process_state() == before


def test_a_start_interrupted_at_any_line_of_moto_leaves_nothing_behind():
    before = process_state()

    def run(interrupt):
        mock = mock_personalize()
        try:
            with interrupt:
                mock.start()
        except Interrupt:
            assert process_state() == before
            with pytest.raises(personalize_mock.PersonalizeMockError, match="No mock is active"):
                mock.stop()
        else:
            mock.stop()

    assert interrupted_at_each_line(run, files=(MOTO,)) > 20
    with mock_personalize() as mock:
        assert mock.call("ListSchemas") == {"schemas": []}
    assert process_state() == before


@pytest.mark.parametrize("files", [PACKAGE, MOTO])
def test_a_stop_interrupted_at_any_line_ends_the_mock_or_can_be_repeated(files):
    before = process_state()

    def run(interrupt):
        mock = mock_personalize()
        mock.start()
        boto3.client("iam", region_name="us-east-1").list_roles()
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
        for line in range(1, 40):
            with pytest.raises(Interrupt), InterruptAt(line, files=(MOTO, moto_run.__file__)):
                mock_personalize().start()
            assert process_state() == before
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

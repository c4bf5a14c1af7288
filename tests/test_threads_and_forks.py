"""Threads that outlive the mock, and forks while another thread is in a call."""

import os
import threading

import boto3
import pytest
from botocore.exceptions import BotoCoreError

from personalize_mock import mock_personalize
from personalize_mock.moto_backend.patcher import MotoPatcher


def test_a_call_that_the_end_of_the_mock_overtakes_gets_a_connection_error_with_a_sentence(monkeypatch):
    inside, ended, errors = threading.Event(), threading.Event(), []
    respond = MotoPatcher._respond

    def wait_for_the_end(patcher, *request):
        inside.set()
        ended.wait(10)
        return respond(patcher, *request)

    def call(client):
        try:
            client.list_schemas()
        except BotoCoreError as error:
            errors.append(error)

    monkeypatch.setattr(MotoPatcher, "_respond", wait_for_the_end)
    with mock_personalize():
        client = boto3.client("personalize", region_name="us-east-1")
        thread = threading.Thread(target=call, args=(client,))
        thread.start()
        inside.wait(10)
    ended.set()
    thread.join(10)
    (error,) = errors
    assert isinstance(error, ConnectionError)
    assert "The mock of Amazon Personalize ended while https://personalize.us-east-1.amazonaws.com/" in str(error)


def test_threads_that_call_while_the_mock_ends_get_answers_or_connection_errors(monkeypatch):
    others = []

    def call(client, stop):
        while not stop.is_set():
            try:
                client.list_schemas()
            except ConnectionError:
                return
            except Exception as error:  # noqa: BLE001  # collected for the assertion
                others.append(repr(error))
                return

    for _ in range(10):
        mock = mock_personalize()
        mock.start()
        stop = threading.Event()
        client = boto3.client("personalize", region_name="us-east-1")
        client.meta.events.register_last("before-send", lambda **_: refuse())
        threads = [threading.Thread(target=call, args=(client, stop)) for _ in range(4)]
        for thread in threads:
            thread.start()
        mock.stop()
        stop.set()
        for thread in threads:
            thread.join(10)
    assert set(others) <= {"EndedError()"}


class EndedError(Exception):
    """Stands for the network, which a call reaches after the end."""


def refuse():
    raise EndedError


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_fork_while_another_thread_is_in_a_call_can_call_too():
    with mock_personalize(clock="2024-05-01") as mock:
        mock.call("CreateDatasetGroup", name="group")
        inside, leave = threading.Event(), threading.Event()

        def hold():
            with mock.clock.lock, mock.clock.during_call():
                inside.set()
                leave.wait(30)

        thread = threading.Thread(target=hold)
        thread.start()
        inside.wait(10)
        child = os.fork()
        if child == 0:
            finish_child(mock)
        try:
            assert exit_code(child, seconds=10) == 0
        finally:
            leave.set()
            thread.join(10)
        assert mock.call("ListDatasetGroups")["datasetGroups"][0]["name"] == "group"


def finish_child(mock):
    try:
        mock.clock.jump(86_400)
        status = mock.call("ListDatasetGroups")["datasetGroups"][0]["status"]
        os._exit(0 if status == "ACTIVE" else 1)
    finally:
        os._exit(2)


def exit_code(child, *, seconds):
    """Wait for a process and return its exit code, or kill it and return None if it takes too long."""
    for _ in range(seconds * 20):
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return os.waitstatus_to_exitcode(status)
        threading.Event().wait(0.05)
    os.kill(child, 9)
    os.waitpid(child, 0)
    return None

"""Tests of the start and the end of a server."""

import socket
import threading

import pytest
from server.http_requests import control

from personalize_mock import PersonalizeMockError, active, mock_personalize
from personalize_mock.server.server import Server


def test_a_server_can_start_again_after_it_has_stopped():
    server = Server(port=0)
    for _ in range(2):
        with server:
            assert control(server.url, "POST", "/call", {"operation": "ListSchemas"}) == {"schemas": []}
    assert not [thread for thread in threading.enumerate() if thread.name == "personalize_mock server"]


def test_a_port_that_is_in_use_is_refused_and_no_mock_is_left():
    refused = pytest.raises(PersonalizeMockError, match=r"cannot listen on 127\.0\.0\.1")

    with socket.create_server(("127.0.0.1", 0)) as other, refused:
        Server(port=other.getsockname()[1]).start()

    assert active.runs() == []


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("personalize_mock.moto_backend.listener.find_spec", lambda _: None)

    with pytest.raises(PersonalizeMockError, match=r"pip install 'personalize-mock\[server\]'"):
        Server(port=0).start()


def test_options_are_checked_before_the_server_starts():
    with pytest.raises(PersonalizeMockError, match="no option 'sed'"):
        Server(sed=1)


def test_the_server_shares_the_simulation_of_a_mock_that_is_active():
    with mock_personalize() as mock, Server(port=0) as server:
        control(server.url, "POST", "/call", {"operation": "ListSchemas"})
        mock.calls("ListSchemas").assert_called_once()

"""Mock responses for the library `requests`, which one start of moto leaves to the next."""

import pytest
import requests
from moto import mock_aws
from moto.core import models
from moto.core.models import responses_mock

from personalize_mock import mock_personalize
from personalize_mock.moto_backend import http_requests
from personalize_mock.moto_backend.hosts import HOSTS


def registered():
    return responses_mock._registry.registered


def hosts_of(responses):
    return [response.url for response in responses if response.url is HOSTS]


@pytest.fixture
def made(monkeypatch):
    """A list of the mock responses that are made in this test."""
    made, stock = [], http_requests.CallbackResponse

    def make(**keywords):
        made.append(keywords)
        return stock(**keywords)

    monkeypatch.setattr(http_requests, "CallbackResponse", make)
    return made


def test_a_second_start_makes_no_mock_response_again(made):
    with mock_personalize():
        first = registered()
    del made[:]
    with mock_personalize():
        assert list(map(id, registered())) == list(map(id, first))
    assert not made


def test_mock_responses_are_those_that_moto_would_make():
    with mock_personalize():
        pass
    with mock_personalize():
        ours = registered()
        assert len(hosts_of(ours)) == len(models.RESPONSES_METHODS)
    with mock_aws():
        own = registered()
        assert {id(response) for response in own}.isdisjoint(map(id, ours))
    described = [
        [(response.method, response.url, type(response), response.content_type) for response in responses]
        for responses in (own, [response for response in ours if response.url is not HOSTS])
    ]
    assert described[0] == described[1]


def test_a_response_that_was_used_is_made_again(made):
    def used():
        return [response for response in registered() if response.call_count]

    with mock_personalize():
        requests.get("https://personalize.us-east-1.amazonaws.com/", timeout=1)
        assert len(used()) == 1
    del made[:]
    with mock_personalize():
        assert not used()
    assert [(response["method"], response["url"]) for response in made] == [("GET", HOSTS)]


def test_the_hosts_are_registered_once_when_moto_is_active_already(made):
    with mock_aws(), mock_personalize():
        assert len(hosts_of(registered())) == len(models.RESPONSES_METHODS) == len(made)

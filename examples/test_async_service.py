"""Tests of the web service. They need `pip install 'personalize-mock[aio]' fastapi httpx`."""

import pytest

from personalize_mock import mock_personalize

pytest.importorskip("aiobotocore")
testclient = pytest.importorskip("fastapi.testclient")


@pytest.fixture
def mock(monkeypatch):
    with mock_personalize() as mock:
        films = mock.load()
        monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        monkeypatch.setenv("CAMPAIGN_ARN", films.campaign_arn)
        monkeypatch.setenv("TRACKING_ID", films.tracking_id)
        yield mock


@pytest.fixture
def service(mock):  # noqa: ARG001  # sets the environment
    from async_service import app

    with testclient.TestClient(app) as client:
        yield client


def test_a_user_gets_as_many_items_as_asked_for(service):
    assert len(service.get("/users/ada/recommendations?count=3").json()) == 3


def test_a_view_is_reported(mock, service):
    assert service.post("/users/ada/views/alien").status_code == 204
    mock.calls("PutEvents", userId="ada").assert_called_once()


def test_a_throttled_service_asks_to_come_back_later(mock, service):
    mock.on("GetRecommendations").raises("ThrottlingException")
    assert service.get("/users/ada/recommendations").headers["Retry-After"] == "1"

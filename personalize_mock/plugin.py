"""The pytest plugin: four fixtures and a marker. It imports nothing heavy; most test runs never touch Personalize."""

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from personalize_mock.mock import MockPersonalize

MARKER = "personalize(**options): options of the mock that the fixture `personalize_mock` starts"


def pytest_configure(config: pytest.Config) -> None:
    """Makes the marker known."""
    config.addinivalue_line("markers", MARKER)


@pytest.fixture
def personalize_mock(request: pytest.FixtureRequest) -> "Iterator[MockPersonalize]":
    """An active mock of Amazon Personalize; `@pytest.mark.personalize(...)` gives it options."""
    from personalize_mock.exceptions import PersonalizeMockError
    from personalize_mock.mock import mock_personalize

    options: dict[str, Any] = {}
    for marker in reversed(list(request.node.iter_markers("personalize"))):
        if marker.args:
            raise PersonalizeMockError(
                f"The marker takes options by their names, not {marker.args[0]!r}: @pytest.mark.personalize(seed=1)."
            )
        options |= marker.kwargs
    with mock_personalize(**options) as mock:
        yield mock


@pytest.fixture
def personalize_client(personalize_mock: "MockPersonalize") -> Any:
    """A boto3 client for `personalize`."""
    return _client("personalize", personalize_mock)


@pytest.fixture
def personalize_runtime_client(personalize_mock: "MockPersonalize") -> Any:
    """A boto3 client for `personalize-runtime`."""
    return _client("personalize-runtime", personalize_mock)


@pytest.fixture
def personalize_events_client(personalize_mock: "MockPersonalize") -> Any:
    """A boto3 client for `personalize-events`."""
    return _client("personalize-events", personalize_mock)


def _client(service: str, active: "MockPersonalize") -> Any:
    import boto3

    del active
    return boto3.client(service, region_name=os.environ.get("AWS_DEFAULT_REGION", "us-east-1"))

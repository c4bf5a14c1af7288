"""Plugin for pytest with fixtures for the mock, three boto3 clients and demo data, and a marker that sets options.

The plugin does not import slow modules when pytest starts, because most test runs do not use Personalize.
"""

import os
from collections import deque
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from personalize_mock import active
from personalize_mock.configured_options import configured_options, ini_names

if TYPE_CHECKING:
    from types_boto3_personalize import PersonalizeClient
    from types_boto3_personalize_events import PersonalizeEventsClient
    from types_boto3_personalize_runtime import PersonalizeRuntimeClient

    from personalize_mock.loading.loaded import LoadedData
    from personalize_mock.mock import MockPersonalize

MARKER = "personalize(**options): set options of mock_personalize for the fixture personalize_mock."

KEPT_JOURNALS = 3  # simulations that have ended during a test and that its report can show
_FAILED = pytest.StashKey[bool]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Register a setting of pytest's configuration file for each option of the mock."""
    for name, description in ini_names().items():
        parser.addini(name, description, default="")


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker `personalize`."""
    config.addinivalue_line("markers", MARKER)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Drop the logs that were kept for the previous test, and begin to keep the logs of mocks that end in this test."""
    active.ended_journals = deque(maxlen=KEPT_JOURNALS)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the latest calls and status changes of all mocks to the report of a failed test.

    Also record that the test has failed or was skipped, so that unused rules are not reported as a second failure.
    """
    report = yield
    if call.excinfo is not None and not item.stash.get(_FAILED, False):
        item.stash[_FAILED] = True
        if report.failed:
            _add_section(report)
    return report


def _add_section(report: pytest.TestReport) -> None:
    journals = active.journals()
    if any(journals):
        from personalize_mock.inspection.latest import report_of

        text = report_of(journals)
        if text:
            report.sections.append(("personalize_mock", text))


@pytest.fixture
def personalize_mock(request: pytest.FixtureRequest) -> "Iterator[MockPersonalize]":
    """Mock Amazon Personalize during the test, and return the mock with its `clock`, `journal` and `call`.

    Pass options of `mock_personalize` to the marker `@pytest.mark.personalize(...)`. Markers of the module, class and
    test are combined. If several markers set the same option, the one nearest to the test wins.

    Options that no marker sets are taken from pytest's configuration file (`personalize_mock_seed = 1`), or else from
    the environment (PERSONALIZE_MOCK_SEED=1).
    """
    from personalize_mock.exceptions import PersonalizeMockError
    from personalize_mock.mock import mock_personalize

    options: dict[str, Any] = configured_options(request.config.getini, os.environ)
    for marker in reversed(list(request.node.iter_markers("personalize"))):
        if marker.args:
            raise PersonalizeMockError(
                f"@pytest.mark.personalize({marker.args[0]!r}): positional arguments are not allowed. Pass options by "
                "name, such as @pytest.mark.personalize(seed=1)."
            )
        options |= marker.kwargs
    with _one_failure(request.node), mock_personalize(**options) as mock:
        yield mock


@contextmanager
def _one_failure(test: pytest.Item) -> Iterator[None]:
    """Return a context manager that suppresses the error about unused rules if the test has already failed.

    The failure may be the reason why the rules are unused.
    """
    from personalize_mock.exceptions import UnusedRuleError

    try:
        yield
    except UnusedRuleError:
        if not test.stash.get(_FAILED, False):
            raise


@pytest.fixture
def personalize_client(personalize_mock: "MockPersonalize") -> "PersonalizeClient":
    """Return a boto3 client for `personalize`, with the mock active.

    Its region is $AWS_DEFAULT_REGION, or else us-east-1.
    """
    client: PersonalizeClient = _client("personalize", personalize_mock)
    return client


@pytest.fixture
def personalize_runtime_client(personalize_mock: "MockPersonalize") -> "PersonalizeRuntimeClient":
    """Return a boto3 client for `personalize-runtime`, with the mock active.

    Its region is $AWS_DEFAULT_REGION, or else us-east-1.
    """
    client: PersonalizeRuntimeClient = _client("personalize-runtime", personalize_mock)
    return client


@pytest.fixture
def personalize_events_client(personalize_mock: "MockPersonalize") -> "PersonalizeEventsClient":
    """Return a boto3 client for `personalize-events`, with the mock active.

    Its region is $AWS_DEFAULT_REGION, or else us-east-1.
    """
    client: PersonalizeEventsClient = _client("personalize-events", personalize_mock)
    return client


@pytest.fixture
def personalize_demo(personalize_mock: "MockPersonalize") -> "LoadedData":
    """Return demo data that `mock.load` has loaded: 60 users, 96 films and a campaign.

        def test_recommendations(personalize_demo):
            assert personalize_demo.recommend("ada")

    The region is $AWS_DEFAULT_REGION, or else us-east-1.
    """
    return personalize_mock.load()


def _client(service: str, active_mock: "MockPersonalize") -> Any:
    import boto3

    del active_mock  # requested only to make the mock active
    return boto3.client(service, region_name=os.environ.get("AWS_DEFAULT_REGION") or "us-east-1")

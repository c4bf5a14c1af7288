"""Typical uses and misuses, as type checkers see them. `test_type_checkers.py` runs mypy and pyright on this file.

Each line of misuse ends in a comment that silences an error. The checkers report comments that silence nothing, so the
file passes only if all misuses are found.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typing_extensions import assert_type

from personalize_mock import MockPersonalize, current_mock, load_snapshot, mock_personalize

if TYPE_CHECKING:
    from types_boto3_personalize_runtime import PersonalizeRuntimeClient

    from personalize_mock.inspection.calls import Calls
    from personalize_mock.journal import Call
    from personalize_mock.loading.loaded import LoadedData
    from personalize_mock.rules.rule import Rule
    from personalize_mock.snapshots.snapshot import Snapshot


@mock_personalize
def test_decorated(number: int) -> None:
    assert_type(current_mock(), MockPersonalize)


@mock_personalize(seed=1, sleep="real", durations={"campaign": 5}, quotas={"campaigns_per_group": 10})
def test_decorated_with_options(number: int) -> str:
    return str(number)


@mock_personalize
class TestDecorated:
    number = 1


def test_block() -> None:
    with mock_personalize(clock="2024-05-01", minimum_interactions=100) as mock:
        assert_type(mock, MockPersonalize)
        mock.clock.jump(hours=6)


def test_start_and_stop() -> None:
    mock = mock_personalize().start()
    assert_type(mock, MockPersonalize)
    mock.stop()


def test_rules_and_calls(personalize_mock: MockPersonalize) -> None:
    rule: Rule = personalize_mock.on("GetRecommendations", userId="ada").recommends("alien", "brazil")
    personalize_mock.on("PutEvents").raises("ThrottlingException", times=2)
    calls: Calls = personalize_mock.calls("PutEvents", userId="u1")
    calls.assert_called_once()
    last: Call = calls.last
    assert_type(last.error, str | None)
    assert_type(last.error_message, str | None)
    personalize_mock.on("CreateCampaign").holds("CREATE IN_PROGRESS").release()
    assert_type(rule.call_count, int)
    personalize_mock.call("ListSchemas", maxResults=5)["schemas"]


def test_load(personalize_mock: MockPersonalize) -> None:
    films: LoadedData = personalize_mock.load(interactions=[("ada", "alien")], recipe="aws-sims")
    assert_type(films.recommend("alien"), list[str])
    assert_type(films.campaign_arn, str)


def test_snapshots(personalize_mock: MockPersonalize, tmp_path: Path) -> None:
    state = personalize_mock.snapshot()
    assert_type(state, Snapshot)
    state.save(tmp_path / "state")
    personalize_mock.restore(load_snapshot(tmp_path / "state"))
    with personalize_mock.checkpoint():
        personalize_mock.clock.jump(weeks=1)


@pytest.fixture
def runtime(personalize_runtime_client: "PersonalizeRuntimeClient") -> "PersonalizeRuntimeClient":
    return personalize_runtime_client


# The types of decorated functions and classes stay.
assert_type(test_decorated(1), None)
assert_type(test_decorated_with_options(1), str)
assert_type(TestDecorated.number, int)


def test_misuse(personalize_mock: MockPersonalize) -> None:
    test_decorated("1")  # type: ignore[arg-type]
    mock_personalize(sed=1)  # type: ignore[call-overload]
    mock_personalize(sleep="never")  # type: ignore[call-overload]
    mock_personalize(pending="never")  # type: ignore[call-overload]
    mock_personalize(quotas={"campaign": 10})  # type: ignore[dict-item]
    mock_personalize(durations={"campaigns": 10})  # type: ignore[dict-item]
    personalize_mock.on("GetRecommendation")  # type: ignore[arg-type]
    personalize_mock.calls("PutEvent")  # type: ignore[arg-type]
    personalize_mock.call("ListSchema")  # type: ignore[arg-type]
    personalize_mock.on("PutEvents").raises("ThrottlingException", time=2)  # type: ignore[call-arg]
    personalize_mock.calls("PutEvents").assert_called_onec()  # type: ignore[attr-defined]
    personalize_mock.load(objective=("PRICE", "HIGHEST"))  # type: ignore[arg-type]
    personalize_mock.load(domain="FASHION")  # type: ignore[arg-type]
    personalize_mock.load().recommend(5)  # type: ignore[arg-type]
    personalize_mock.restore("state")  # type: ignore[arg-type]
    personalize_mock.clock.jump(hour=6)  # type: ignore[call-arg]

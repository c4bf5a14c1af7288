"""Raising of every error that an operation's model declares, or the reason why it cannot be raised."""

import builders
import pytest
from botocore.exceptions import ClientError
from contract.matrix import OPEN, PAIRS, RAISED, UNRAISED, Cell, verdict
from contract.registry import ALL, IMPLEMENTED
from contract.scenarios import SCENARIOS, UNRAISABLE
from contract.world import World, minimal_request

from personalize_mock.wire.model import SERVICES, modelled_errors

MATRIX = {(name, error) for name, operation in IMPLEMENTED.items() for error in modelled_errors(operation)}
ROLES = [name for name, operation in IMPLEMENTED.items() if "roleArn" in operation.input.members]


@pytest.fixture(scope="module")
def checked(built: World):
    return {service: builders.client(service) for service in SERVICES}


def test_each_declared_error_has_a_scenario_or_a_reason():
    assert set(SCENARIOS) | set(UNRAISABLE) == MATRIX


def test_the_matrix_has_a_cell_for_each_declared_error():
    assert {(name, error) for name, error in PAIRS if name in IMPLEMENTED} == MATRIX


def test_the_matrix_shows_the_outcome_of_a_scenario(world: World, monkeypatch: pytest.MonkeyPatch):
    error = "ResourceNotFoundException"
    assert verdict(world, "DescribeFilter", error) == (RAISED, "")
    assert verdict(world, "DescribeFilter", "InvalidInputException")[0] == UNRAISED

    monkeypatch.setitem(SCENARIOS, ("DescribeFilter", error), minimal_request)
    cell = Cell("DescribeFilter", error, *verdict(world, "DescribeFilter", error))
    assert cell.verdict == OPEN
    assert str(cell).endswith("(the scenario ends in an answer)")


def test_an_error_that_cannot_be_raised_has_no_scenario():
    assert set(SCENARIOS) & set(UNRAISABLE) == set()


@pytest.mark.parametrize(("name", "error"), SCENARIOS)
def test_a_declared_error_is_raised_and_changes_nothing(world: World, checked, name: str, error: str):
    client = checked[ALL[name].service]
    request = SCENARIOS[name, error](world, name)
    before = world.snapshot()

    with pytest.raises(getattr(client.exceptions, error)) as raised:
        getattr(client, ALL[name].function)(**request)

    assert raised.value.response["Error"]["Code"] == error
    assert raised.value.response["Error"]["Message"] == raised.value.response["message"] != ""
    assert world.snapshot() == before


@pytest.mark.parametrize("name", ROLES)
def test_a_role_of_another_account_is_rejected(world: World, name: str):
    request = {**minimal_request(world, name), "roleArn": "arn:aws:iam::999999999999:role/Theirs"}
    before = world.snapshot()

    with pytest.raises(ClientError, match="Cross-account pass role is not allowed") as raised:
        world.call(name, **request)

    assert raised.value.response["Error"]["Code"] == "AccessDeniedException"
    assert world.snapshot() == before

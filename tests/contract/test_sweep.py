"""Every operation of the three services: its parameters, its response, and its validation errors."""

import inspect
import json

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError
from contract.clients import Clients
from contract.output import mismatches
from contract.registry import ALL, IMPLEMENTED
from contract.samples import Violation, example, violations, with_violation
from contract.world import World, minimal_request

from personalize_mock.__main__ import coverage_report
from personalize_mock.wire import registry
from personalize_mock.wire.quoting import MAX_QUOTED

VIOLATIONS = [(name, violation) for name, operation in IMPLEMENTED.items() for violation in violations(operation)]


def test_the_models_have_79_operations():
    assert len(ALL) == 79


def test_coverage_counts_what_is_implemented():
    report = coverage_report().splitlines()

    assert report[-1] == f"{len(IMPLEMENTED)} of {len(ALL)} operations"
    assert {line.split()[1] for line in report if line.startswith("yes")} == set(IMPLEMENTED)


@pytest.mark.parametrize("name", ["CreateSchema", "GetRecommendations", "PutEvents"])
def test_an_unsupported_operation_is_rejected_by_name(
    world: World, clients: Clients, monkeypatch: pytest.MonkeyPatch, name: str
):
    monkeypatch.delitem(registry._HANDLERS, ALL[name].function)
    before = world.snapshot()

    with pytest.raises(ClientError, match=f"does not support {name} yet") as raised:
        clients.call(ALL[name], example(ALL[name].input))

    assert raised.value.response["Error"]["Code"] == "NotImplementedException"
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert world.snapshot() == before


@pytest.mark.parametrize("name", IMPLEMENTED)
def test_parameters_of_a_handler_are_members_of_the_request(name: str):
    operation = IMPLEMENTED[name]
    store, *parameters = inspect.signature(registry.handler_for(operation.function)).parameters.values()
    kinds = {parameter.kind for parameter in parameters}
    members = {xform_name(member) for member in operation.input.members}

    assert store.name == "store"
    assert inspect.Parameter.VAR_KEYWORD in kinds or members <= {parameter.name for parameter in parameters}
    assert kinds <= {inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.VAR_KEYWORD}


@pytest.mark.parametrize("name", IMPLEMENTED)
def test_the_response_to_a_minimal_request_fits_the_model(world: World, clients: Clients, name: str):
    operation = IMPLEMENTED[name]

    response = clients.call(operation, minimal_request(world, name))

    body = json.loads(clients.body or "{}")
    assert mismatches(operation.output, body) == []
    assert set(response) - {"ResponseMetadata"} == set(body)
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 200


@pytest.mark.parametrize("name", IMPLEMENTED)
def test_a_minimal_request_has_few_optional_members(world: World, name: str):
    request = minimal_request(world, name)
    required = set(IMPLEMENTED[name].input.required_members)

    assert required <= set(request)
    assert len(request) <= len(required) + 2


def quoted(violation: Violation) -> str:
    """Return the expected text. Long values are cut off."""
    value = violation.value
    if isinstance(value, str) and len(value) > MAX_QUOTED:
        return violation.text.replace(value, f"{value[:MAX_QUOTED]}...")
    return violation.text


@pytest.mark.parametrize(("name", "violation"), VIOLATIONS, ids=[f"{name}: {value}" for name, value in VIOLATIONS])
def test_a_value_outside_its_constraints_is_rejected(world: World, clients: Clients, name: str, violation: Violation):
    request = with_violation(IMPLEMENTED[name], minimal_request(world, name), violation)
    before = world.snapshot()

    with pytest.raises(ClientError) as raised:
        clients.call(IMPLEMENTED[name], request)

    error = raised.value.response["Error"]
    assert error["Code"] == "ValidationException"
    assert quoted(violation) in error["Message"]
    assert world.snapshot() == before

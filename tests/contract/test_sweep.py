"""Every operation of the three services: answered as its model says, or refused by name."""

import inspect
import json

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError
from contract.clients import Clients
from contract.output import faults
from contract.registry import ALL, IMPLEMENTED
from contract.samples import Violation, example, violations, with_violation
from contract.world import World, minimal_request

from personalize_mock.__main__ import coverage_report
from personalize_mock.wire.registry import handler_for

BROKEN = [(name, violation) for name, asked in IMPLEMENTED.items() for violation in violations(asked)]


def test_the_models_have_79_operations():
    assert len(ALL) == 79


def test_coverage_counts_what_is_implemented():
    report = coverage_report().splitlines()

    assert report[-1] == f"{len(IMPLEMENTED)} of {len(ALL)} operations"
    assert {line.split()[1] for line in report if line.startswith("yes")} == set(IMPLEMENTED)


@pytest.mark.parametrize("name", sorted(set(ALL) - set(IMPLEMENTED)))
def test_an_operation_that_is_not_answered_names_itself(world: World, clients: Clients, name: str):
    before = world.snapshot()

    with pytest.raises(ClientError, match=f"does not support {name} yet") as refused:
        clients.call(ALL[name], example(ALL[name].input))

    assert refused.value.response["Error"]["Code"] == "NotImplementedException"
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert world.snapshot() == before


@pytest.mark.parametrize("name", IMPLEMENTED)
def test_parameters_are_members_of_the_request(name: str):
    asked = IMPLEMENTED[name]
    signature = inspect.signature(handler_for(asked.function)).parameters.values()
    store, *parameters = signature
    named = {each.name for each in parameters if each.kind is each.KEYWORD_ONLY}
    takes_any = any(each.kind is each.VAR_KEYWORD for each in parameters)
    members = {xform_name(member) for member in asked.input.members}

    assert store.name == "store"
    assert takes_any or members <= named
    assert {each.kind for each in parameters} <= {inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.VAR_KEYWORD}


@pytest.mark.parametrize("name", IMPLEMENTED)
def test_a_minimal_call_is_answered_as_the_model_says(world: World, clients: Clients, name: str):
    asked = IMPLEMENTED[name]

    response = clients.call(asked, minimal_request(world, name))

    body = json.loads(clients.body or "{}")
    assert faults(asked.output, body) == []
    assert set(response) - {"ResponseMetadata"} == set(body)
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 200


@pytest.mark.parametrize("name", IMPLEMENTED)
def test_a_minimal_call_has_no_more_than_it_needs(world: World, name: str):
    request = minimal_request(world, name)
    required = set(IMPLEMENTED[name].input.required_members)

    assert required <= set(request)
    assert len(request) <= len(required) + 2


@pytest.mark.parametrize(("name", "violation"), BROKEN, ids=[f"{name}: {violation}" for name, violation in BROKEN])
def test_a_value_outside_its_constraints_is_refused(world: World, clients: Clients, name: str, violation: Violation):
    request = with_violation(IMPLEMENTED[name], minimal_request(world, name), violation)
    before = world.snapshot()

    with pytest.raises(ClientError) as refused:
        clients.call(IMPLEMENTED[name], request)

    error = refused.value.response["Error"]
    assert error["Code"] == "ValidationException"
    assert violation.text in error["Message"]
    assert world.snapshot() == before

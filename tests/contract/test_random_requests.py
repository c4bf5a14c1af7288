"""Random requests: a response fits its model, an error is one of the model, and a rejected request changes nothing."""

from typing import Any

import builders
import pytest
from botocore.exceptions import ClientError
from contract.clients import Clients
from contract.output import mismatches
from contract.registry import IMPLEMENTED
from contract.scenarios import UNRAISABLE
from contract.strategies import WORDS, request
from contract.world import Request, World, minimal_request
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from personalize_mock.recipes.registry import RECIPES
from personalize_mock.resources import catalogue
from personalize_mock.resources.catalogue import Hyperparameter, RecipeEntry
from personalize_mock.wire.model import Operation, modelled_errors

COMMON = {"ValidationException", "AccessDeniedException", "NotImplementedException"}
MONTH = 30 * 86_400
RANDOM = settings(
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)


def response_or_error(world: World, name: str, members: Request) -> tuple[Any, str | None]:
    """Return the response and None, or None and the code of the error."""
    try:
        return world.call(name, **members), None
    except ClientError as error:
        return None, error.response["Error"]["Code"]


def check(world: World, clients: Clients, operation: Operation, members: Request) -> None:
    """Send a request that is valid by its shape, check the response, and let all its effects happen."""
    before = world.snapshot()
    response, error = clients.body_or_error(operation, members)
    if error is None:
        assert mismatches(operation.output, response) == []
        world.mock.clock.jump(MONTH)
    else:
        assert error in modelled_errors(operation) | COMMON
        assert (operation.name, error) not in UNRAISABLE
        assert world.snapshot() == before


@pytest.mark.parametrize("name", IMPLEMENTED)
@settings(RANDOM, max_examples=12)
@given(data=st.data())
def test_a_random_request_is_answered_or_rejected_as_modelled(
    built: World, clients: Clients, name: str, data: st.DataObject
):
    members = data.draw(request(IMPLEMENTED[name], built))

    with built.rolled_back():
        check(built, clients, IMPLEMENTED[name], members)


@pytest.mark.parametrize("name", [name for name, operation in IMPLEMENTED.items() if len(operation.input.members) > 1])
@settings(RANDOM, max_examples=8)
@given(data=st.data())
def test_a_random_request_with_all_members_is_answered_or_rejected_as_modelled(
    built: World, clients: Clients, name: str, data: st.DataObject
):
    members = data.draw(request(IMPLEMENTED[name], built, whole=True))
    dropped = data.draw(st.sets(st.sampled_from(sorted(members)))) if data.draw(st.booleans()) else set()

    with built.rolled_back():
        required = minimal_request(built, name)
        check(built, clients, IMPLEMENTED[name], {**_without(members, dropped), **required})


def _without(members: Request, names: set[str]) -> Request:
    return {name: value for name, value in members.items() if name not in names}


NUMBERS = st.one_of(st.integers(-5, 300).map(str), st.floats(0, 1).map(str), st.sampled_from(WORDS))


def texts(parameter: Hyperparameter) -> st.SearchStrategy:
    """Return values of a hyperparameter, most of them within its limits."""
    low, high = parameter.minimum or 0, 100 if parameter.maximum is None else parameter.maximum
    if parameter.values:
        valid = st.sampled_from(parameter.values)
    elif parameter.type == "integer":
        valid = st.integers(int(low), int(high)).map(str)
    else:
        valid = st.floats(low, high).map(str)
    return st.one_of(valid, valid, valid, NUMBERS)


def configurations(recipe: RecipeEntry) -> st.SearchStrategy:
    """Return solution configurations with hyperparameters of the recipe."""
    maps = {"algorithmHyperParameters": "algorithm", "featureTransformationParameters": "featurization"}
    members = {
        member: st.fixed_dictionaries({}, optional={key: texts(p) for key, p in recipe.parameters(part).items()})
        for member, part in maps.items()
        if recipe.parameters(part)
    }
    sensitivity = st.sampled_from(["OFF", "LOW", "MEDIUM", "HIGH"])
    objective = st.fixed_dictionaries({"itemAttribute": st.just("PRICE"), "objectiveSensitivity": sensitivity})
    return st.fixed_dictionaries({}, optional={**members, "optimizationObjective": objective})


# Recipes for which the world lacks data.
LACKING_DATA = {"aws-hrnn-coldstart": "100 cold items", "aws-semantic-similarity": "a textual field"}
CUSTOM = [name for name in RECIPES if catalogue.recipe(builders.recipe(name)).domain is None]


@pytest.mark.parametrize("name", [name for name in CUSTOM if name not in LACKING_DATA])
@settings(RANDOM, max_examples=10)
@given(data=st.data())
def test_every_accepted_configuration_can_be_trained(built: World, name: str, data: st.DataObject):
    recipe = catalogue.recipe(builders.recipe(name))
    config = data.draw(configurations(recipe))
    with built.rolled_back():
        request = {"name": "random", "datasetGroupArn": built.arns["datasetGroupArn"], "solutionConfig": config}
        solution, error = response_or_error(built, "CreateSolution", {**request, "recipeArn": recipe.recipe_arn})
        if error is not None:
            assert error == "InvalidInputException"
            return
        version = builders.a_solution_version(built.mock, solution["solutionArn"])
        described = built.call("DescribeSolutionVersion", solutionVersionArn=version)["solutionVersion"]
        assert described["status"] == "ACTIVE"
        assert described["solutionConfig"] == config

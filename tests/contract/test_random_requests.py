"""Whatever is asked, the answer is one of the model's, and a refusal changes nothing."""

from typing import Any

import builders
import pytest
from botocore.exceptions import ClientError
from contract.clients import Clients
from contract.output import faults
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


def asked_for(world: World, name: str, members: Request) -> tuple[Any, str | None]:
    """The response, or the code of the error."""
    try:
        return world.call(name, **members), None
    except ClientError as refused:
        return None, refused.response["Error"]["Code"]


def check(world: World, clients: Clients, asked: Operation, members: Request) -> None:
    """Sends a request that is valid by its shape, and has all happen that follows from it."""
    before = world.snapshot()
    response, error = clients.answer(asked, members)
    if error is None:
        assert faults(asked.output, response) == []
        world.mock.clock.jump(MONTH)
    else:
        assert error in modelled_errors(asked) | COMMON
        assert (asked.name, error) not in UNRAISABLE
        assert world.snapshot() == before


@pytest.mark.parametrize("name", IMPLEMENTED)
@settings(RANDOM, max_examples=20)
@given(data=st.data())
def test_a_random_request_is_answered_or_refused_as_modelled(
    built: World, clients: Clients, name: str, data: st.DataObject
):
    members = data.draw(request(IMPLEMENTED[name], built))

    with built.rolled_back():
        check(built, clients, IMPLEMENTED[name], members)


@pytest.mark.parametrize("name", [name for name, asked in IMPLEMENTED.items() if len(asked.input.members) > 1])
@settings(RANDOM, max_examples=12)
@given(data=st.data())
def test_a_request_with_everything_that_may_be_said_is_answered_or_refused_as_modelled(
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
    """Values of a hyperparameter, within its limits more often than not."""
    low, high = parameter.minimum or 0, 100 if parameter.maximum is None else parameter.maximum
    if parameter.values:
        fitting = st.sampled_from(parameter.values)
    elif parameter.type == "integer":
        fitting = st.integers(int(low), int(high)).map(str)
    else:
        fitting = st.floats(low, high).map(str)
    return st.one_of(fitting, fitting, fitting, NUMBERS)


def configurations(recipe: RecipeEntry) -> st.SearchStrategy:
    """Solution configurations that speak of the recipe's own hyperparameters."""
    maps = {"algorithmHyperParameters": "algorithm", "featureTransformationParameters": "featurization"}
    members = {
        member: st.fixed_dictionaries({}, optional={each: texts(p) for each, p in recipe.parameters(kind).items()})
        for member, kind in maps.items()
        if recipe.parameters(kind)
    }
    sensitivity = st.sampled_from(["OFF", "LOW", "MEDIUM", "HIGH"])
    objective = st.fixed_dictionaries({"itemAttribute": st.just("PRICE"), "objectiveSensitivity": sensitivity})
    return st.fixed_dictionaries({}, optional={**members, "optimizationObjective": objective})


# What the world has too little for, whatever the configuration.
UNFIT = {"aws-hrnn-coldstart": "100 cold items", "aws-semantic-similarity": "a textual field"}
CUSTOM = [name for name in RECIPES if catalogue.recipe(builders.recipe(name)).domain is None]


@pytest.mark.parametrize("name", [name for name in CUSTOM if name not in UNFIT])
@settings(RANDOM, max_examples=15)
@given(data=st.data())
def test_whatever_is_accepted_can_be_trained(built: World, name: str, data: st.DataObject):
    recipe = catalogue.recipe(builders.recipe(name))
    config = data.draw(configurations(recipe))
    with built.rolled_back():
        request = {"name": "random", "datasetGroupArn": built.arns["datasetGroupArn"], "solutionConfig": config}
        solution, error = asked_for(built, "CreateSolution", {**request, "recipeArn": recipe.recipe_arn})
        if error is not None:
            assert error == "InvalidInputException"
            return
        version = builders.a_solution_version(built.mock, solution["solutionArn"])
        described = built.call("DescribeSolutionVersion", solutionVersionArn=version)["solutionVersion"]
        assert described["status"] == "ACTIVE"
        assert described["solutionConfig"] == config

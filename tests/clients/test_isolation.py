"""Isolation of accounts, regions and partitions from each other."""

import pytest
from botocore import xform_name
from builders import ACCOUNT, START, refusal
from contract.world import World, minimal_request

import personalize_mock.resources  # noqa: F401  # importing it registers handlers
from personalize_mock import mock_personalize
from personalize_mock.wire.model import CONTROL, service_model
from personalize_mock.wire.registry import handler_for

LOCATIONS = {
    "another region": (ACCOUNT, "eu-west-1"),
    "another account": ("111122223333", "us-east-1"),
    "another partition": (ACCOUNT, "cn-north-1"),
}
SHARED_BY_ALL = {"DescribeRecipe", "DescribeAlgorithm", "DescribeFeatureTransformation", "ListRecipes"}


@pytest.fixture(scope="module")
def world():
    with mock_personalize(clock="2024-05-01T00:00:00Z", strict=False, autojump=False) as mock:
        yield World(mock)


def operations(*verbs):
    """The operations of the control plane that begin with verbs and concern resources of an account."""
    model = service_model(CONTROL)
    supported = [name for name in model.operation_names if handler_for(xform_name(name))]
    return [name for name in supported if name.startswith(verbs) and name not in SHARED_BY_ALL]


@pytest.mark.parametrize("operation", [name for name in operations("List") if name != "ListTagsForResource"])
@pytest.mark.parametrize("location", LOCATIONS)
def test_lists_have_no_resources_of_another_location(world, location, operation):
    account, region = LOCATIONS[location]
    response = world.call(operation, account=account, region=region)
    assert [entries for entries in response.values() if isinstance(entries, list)] == [[]]


@pytest.mark.parametrize("operation", [*operations("Describe", "Delete"), "GetSolutionMetrics", "ListTagsForResource"])
@pytest.mark.parametrize("location", LOCATIONS)
def test_a_resource_of_another_location_is_not_found(world, location, operation):
    account, region = LOCATIONS[location]
    with world.rolled_back():
        request = minimal_request(world, operation)
        code, _ = refusal(world.call, operation=operation, account=account, region=region, **request)
    assert code == "ResourceNotFoundException"


@pytest.mark.parametrize("location", LOCATIONS)
def test_a_campaign_answers_only_in_its_own_location(world, location):
    account, region = LOCATIONS[location]
    request = {"campaignArn": world.arns["campaignArn"], "userId": "u0"}
    assert world.call("GetRecommendations", **request)["itemList"]
    code, _ = refusal(world.call, operation="GetRecommendations", account=account, region=region, **request)
    assert code in {"InvalidInputException", "ResourceNotFoundException"}


@pytest.mark.parametrize("location", LOCATIONS)
def test_a_tracker_receives_events_only_in_its_own_location(world, location):
    account, region = LOCATIONS[location]
    tracker = world.call("DescribeEventTracker", eventTrackerArn=world.arns["eventTrackerArn"])["eventTracker"]
    event = {"eventType": "Watch", "itemId": "i0", "sentAt": START}
    request = {"trackingId": tracker["trackingId"], "userId": "u0", "sessionId": "s", "eventList": [event]}
    assert world.call("PutEvents", **request) == {}
    code, _ = refusal(world.call, operation="PutEvents", account=account, region=region, **request)
    assert code in {"InvalidInputException", "ResourceNotFoundException"}

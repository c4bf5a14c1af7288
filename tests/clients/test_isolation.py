"""What one account has in one region, another account, region or partition does not see."""

import pytest
from botocore import xform_name
from builders import ACCOUNT, START, refusal
from contract.world import World, minimal_request

import personalize_mock.resources  # noqa: F401  # importing it fills the table of operations
from personalize_mock import mock_personalize
from personalize_mock.wire.model import CONTROL, service_model
from personalize_mock.wire.registry import handler_for

PLACES = {
    "another region": (ACCOUNT, "eu-west-1"),
    "another account": ("111122223333", "us-east-1"),
    "another partition": (ACCOUNT, "cn-north-1"),
}
OF_THE_SERVICE = {"DescribeRecipe", "DescribeAlgorithm", "DescribeFeatureTransformation", "ListRecipes"}


@pytest.fixture(scope="module")
def world():
    with mock_personalize(clock="2024-05-01T00:00:00Z", strict=False, autojump=False) as mock:
        yield World(mock)


def operations(*verbs):
    model = service_model(CONTROL)
    answered = [name for name in model.operation_names if handler_for(xform_name(name))]
    return [name for name in answered if name.startswith(verbs) and name not in OF_THE_SERVICE]


@pytest.mark.parametrize("operation", [name for name in operations("List") if name != "ListTagsForResource"])
@pytest.mark.parametrize("place", PLACES)
def test_what_one_has_is_in_no_list_of_another(world, place, operation):
    account, region = PLACES[place]
    answer = world.call(operation, account=account, region=region)
    assert [entries for entries in answer.values() if isinstance(entries, list)] == [[]]


@pytest.mark.parametrize("operation", [*operations("Describe", "Delete"), "GetSolutionMetrics", "ListTagsForResource"])
@pytest.mark.parametrize("place", PLACES)
def test_what_one_has_is_not_found_by_another(world, place, operation):
    account, region = PLACES[place]
    with world.rolled_back():
        request = minimal_request(world, operation)
        code, _ = refusal(world.call, operation=operation, account=account, region=region, **request)
    assert code == "ResourceNotFoundException"


@pytest.mark.parametrize("place", PLACES)
def test_a_campaign_answers_where_it_is_only(world, place):
    account, region = PLACES[place]
    wanted = {"campaignArn": world.arns["campaignArn"], "userId": "u0"}
    assert world.call("GetRecommendations", **wanted)["itemList"]
    code, _ = refusal(world.call, operation="GetRecommendations", account=account, region=region, **wanted)
    assert code in {"InvalidInputException", "ResourceNotFoundException"}


@pytest.mark.parametrize("place", PLACES)
def test_events_reach_the_tracker_where_it_is_only(world, place):
    account, region = PLACES[place]
    tracker = world.call("DescribeEventTracker", eventTrackerArn=world.arns["eventTrackerArn"])["eventTracker"]
    event = {"eventType": "Watch", "itemId": "i0", "sentAt": START}
    request = {"trackingId": tracker["trackingId"], "userId": "u0", "sessionId": "s", "eventList": [event]}
    assert world.call("PutEvents", **request) == {}
    code, _ = refusal(world.call, operation="PutEvents", account=account, region=region, **request)
    assert code in {"InvalidInputException", "ResourceNotFoundException"}

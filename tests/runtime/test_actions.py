"""GetActionRecommendations."""

import json

import pytest
from builders import (
    START,
    a_campaign,
    a_dataset,
    a_group_with_data,
    a_schema,
    a_solution,
    a_solution_version,
    an_import_job,
    avro_schema,
    client,
    csv_text,
    settle,
)

from personalize_mock import mock_personalize

ACTIONS = {
    "ACTION_ID": "string",
    "CATEGORY": {"type": "string", "categorical": True},
    "VALUE": "long",
    "EXPIRATION_TIMESTAMP": ["null", "long"],
    "REPEAT_FREQUENCY": ["null", "long"],
}
DAY = 86_400
LAST = START + 40 * DAY


def actions_text():
    rows = [(f"a{number}", ("discount", "newsletter")[number % 2], 1 + number, "", "") for number in range(6)]
    return csv_text(list(ACTIONS), [*rows, ("over", "discount", 5, START, ""), ("once", "discount", 5, "", 30)])


def interactions_text():
    """Return CSV text in which even users take discounts and odd users take newsletters."""
    rows = [
        (
            f"u{user}",
            f"a{number}",
            "Taken" if user % 2 == number % 2 else "Not Taken",
            LAST - DAY * (user % 20) - number,
        )
        for user in range(50)
        for number in range(6)
    ]
    earlier = [(*values, time - 40_000 * turn) for turn in range(1, 5) for *values, time in rows]
    return csv_text(["USER_ID", "ACTION_ID", "EVENT_TYPE", "TIMESTAMP"], rows + earlier)


@pytest.fixture(scope="module")
def served():
    """Return a mock with a next-best-action campaign."""
    with mock_personalize(clock=LAST + DAY) as mock:
        group = a_group_with_data(mock)
        schema = a_schema(mock, "Actions", name="actions", schema=avro_schema("Actions", ACTIONS))
        an_import_job(mock, a_dataset(mock, group, "Actions", schemaArn=schema), actions_text())
        an_import_job(mock, a_dataset(mock, group, "Action_Interactions"), interactions_text())
        solution = a_solution(mock, group, "aws-next-best-action", performAutoTraining=False)
        mock.arn = a_campaign(mock, a_solution_version(mock, solution))
        mock.group = group
        response = mock.call(
            "CreateFilter",
            name="newsletters",
            datasetGroupArn=group,
            filterExpression='INCLUDE ActionID WHERE Actions.CATEGORY IN ("newsletter")',
        )
        mock.newsletters = settle(mock, response["filterArn"])
        yield mock


def recommend(served, user="u0", **members):
    answer = client("personalize-runtime").get_action_recommendations(campaignArn=served.arn, userId=user, **members)
    assert answer["recommendationId"].startswith("RID-")
    return answer["actionList"]


def test_five_actions_are_returned_by_default_best_first(served):
    assert len(recommend(served)) == 5
    scores = [action["score"] for action in recommend(served, numResults=100)]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)


def test_users_get_the_actions_that_they_take(served):
    for user, parity in (("u0", 0), ("u2", 0), ("u1", 1), ("u3", 1)):
        best = [action["actionId"] for action in recommend(served, user, numResults=3)]
        assert [int(action_id[1:]) % 2 for action_id in best] == [parity] * 3


def test_an_expired_action_is_never_recommended(served):
    assert "over" not in [action["actionId"] for action in recommend(served, numResults=100)]


def test_actions_can_be_filtered(served):
    assert {action["actionId"] for action in recommend(served, filterArn=served.newsletters)} >= {"a1", "a3", "a5"}


def test_a_taken_action_is_not_repeated_within_its_repeat_frequency(served):
    tracking = served.call(
        "DescribeDataset", datasetArn=f"{served.group.replace('dataset-group', 'dataset')}/ACTION_INTERACTIONS"
    )
    assert "once" in [action["actionId"] for action in recommend(served, "u4", numResults=100)]
    client("personalize-events").put_action_interactions(
        trackingId=tracking["dataset"]["trackingId"],
        actionInteractions=[
            {
                "actionId": "once",
                "userId": "u4",
                "sessionId": "s",
                "timestamp": served.clock.now(),
                "eventType": "Taken",
            }
        ],
    )
    assert "once" not in [action["actionId"] for action in recommend(served, "u4", numResults=100)]


def test_more_than_a_hundred_actions_are_refused(served):
    with pytest.raises(client("personalize-runtime").exceptions.InvalidInputException, match="limited to 100 actions"):
        recommend(served, numResults=101)


def test_a_campaign_of_actions_supports_no_other_operation(served):
    runtime = client("personalize-runtime")
    with pytest.raises(runtime.exceptions.InvalidInputException, match="GetRecommendations"):
        runtime.get_recommendations(campaignArn=served.arn, userId="u1")


def test_filters_see_actions_from_put_actions(served):
    properties = {"category": "newsletter", "value": 3}
    client("personalize-events").put_actions(
        datasetArn=f"{served.group.replace('dataset-group', 'dataset')}/ACTIONS",
        actions=[{"actionId": "a0", "properties": json.dumps(properties)}],
    )
    assert "a0" in {action["actionId"] for action in recommend(served, filterArn=served.newsletters, numResults=10)}

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
    "KIND": {"type": "string", "categorical": True},
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
    """Even users take discounts and odd ones newsletters; nobody else is asked."""
    rows = [
        (
            f"u{user}",
            f"a{number}",
            "Taken" if user % 2 == number % 2 else "Not Taken",
            LAST - DAY * (user % 20) - number,
        )
        for user in range(50)
        for number in range(6)
        for _ in range(1)
    ]
    more = [(user, action, kind, time - 40_000 * turn) for turn in range(1, 5) for user, action, kind, time in rows]
    return csv_text(["USER_ID", "ACTION_ID", "EVENT_TYPE", "TIMESTAMP"], rows + more)


@pytest.fixture(scope="module")
def served():
    with mock_personalize(clock=LAST + DAY) as mock:
        group = a_group_with_data(mock)
        schema = a_schema(mock, "Actions", name="actions", schema=avro_schema("Actions", ACTIONS))
        an_import_job(mock, a_dataset(mock, group, "Actions", schemaArn=schema), actions_text())
        an_import_job(mock, a_dataset(mock, group, "Action_Interactions"), interactions_text())
        solution = a_solution(mock, group, "aws-next-best-action", performAutoTraining=False)
        mock.arn = a_campaign(mock, a_solution_version(mock, solution))
        mock.group = group
        made = mock.call(
            "CreateFilter",
            name="newsletters",
            datasetGroupArn=group,
            filterExpression='INCLUDE ActionID WHERE Actions.KIND IN ("newsletter")',
        )
        mock.newsletters = settle(mock, made["filterArn"])
        yield mock


def ask(served, user="u0", **members):
    answer = client("personalize-runtime").get_action_recommendations(campaignArn=served.arn, userId=user, **members)
    assert answer["recommendationId"].startswith("RID-")
    return answer["actionList"]


def test_five_actions_come_unless_more_are_asked_for_and_their_scores_fall(served):
    assert len(ask(served)) == 5
    scores = [each["score"] for each in ask(served, numResults=100)]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)


def test_users_get_what_they_take(served):
    for user, parity in (("u0", 0), ("u2", 0), ("u1", 1), ("u3", 1)):
        best = [each["actionId"] for each in ask(served, user, numResults=3)]
        assert [int(action[1:]) % 2 for action in best] == [parity] * 3


def test_an_expired_action_is_never_recommended(served):
    assert "over" not in [each["actionId"] for each in ask(served, numResults=100)]


def test_actions_can_be_filtered(served):
    assert {each["actionId"] for each in ask(served, filterArn=served.newsletters)} >= {"a1", "a3", "a5"}


def test_what_was_just_done_is_not_repeated(served):
    tracking = served.call(
        "DescribeDataset", datasetArn=f"{served.group.replace('dataset-group', 'dataset')}/ACTION_INTERACTIONS"
    )
    assert "once" in [each["actionId"] for each in ask(served, "u4", numResults=100)]
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
    assert "once" not in [each["actionId"] for each in ask(served, "u4", numResults=100)]


def test_more_than_a_hundred_actions_are_too_many(served):
    with pytest.raises(client("personalize-runtime").exceptions.InvalidInputException, match="100"):
        ask(served, numResults=101)


def test_other_operations_are_refused(served):
    runtime = client("personalize-runtime")
    with pytest.raises(runtime.exceptions.InvalidInputException, match="GetRecommendations"):
        runtime.get_recommendations(campaignArn=served.arn, userId="u1")


def test_actions_put_one_by_one_are_known_to_filters(served):
    properties = {"kind": "newsletter", "value": 3}
    client("personalize-events").put_actions(
        datasetArn=f"{served.group.replace('dataset-group', 'dataset')}/ACTIONS",
        actions=[{"actionId": "a0", "properties": json.dumps(properties)}],
    )
    assert "a0" in {each["actionId"] for each in ask(served, filterArn=served.newsletters, numResults=10)}

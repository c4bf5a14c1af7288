"""Requests that a rule is for, by the members that it names."""

from datetime import datetime, timezone

import pytest
from builders import client
from rules.rule_tools import CAMPAIGN, recommended_ids

from personalize_mock import PersonalizeMockError


@pytest.mark.parametrize(
    ("members", "request_members"),
    [
        ({}, {}),
        ({"numResults": 5}, {"numResults": 5}),
        ({"context": {"DEVICE": "tv"}}, {"context": {"DEVICE": "tv", "HOUR": "9"}}),
        ({"numResults": lambda number: number > 3}, {"numResults": 4}),
        ({"context": {"HOUR": str.isdigit}}, {"context": {"HOUR": "9"}}),
        ({"promotions": [{"percentPromotedItems": 20}]}, {"promotions": [{"name": "p", "percentPromotedItems": 20}]}),
        ({"itemId": None}, {}),
    ],
)
def test_a_rule_takes_requests_with_its_members(mock, members, request_members):
    mock.on("GetRecommendations", **members).recommends("a")

    assert recommended_ids(**request_members) == ["a"]


@pytest.mark.parametrize(
    ("members", "request_members"),
    [
        ({"userId": "u2"}, {}),
        ({"numResults": 5}, {}),
        ({"numResults": lambda number: number > 3}, {"numResults": 3}),
        ({"numResults": lambda number: number > 3}, {}),
        ({"context": {"DEVICE": "tv"}}, {"context": {"HOUR": "9"}}),
        ({"promotions": [{"name": "p"}]}, {"promotions": [{"name": "q"}]}),
        ({"promotions": [{"name": "p"}]}, {"promotions": []}),
        ({"itemId": None}, {"itemId": "a"}),
    ],
)
def test_a_rule_leaves_other_requests_to_older_rules(mock, members, request_members):
    mock.on("GetRecommendations").recommends("older")
    mock.on("GetRecommendations", optional=True, **members).recommends("newer")

    assert recommended_ids(**request_members) == ["older"]


def test_times_match_to_the_second(mock):
    sent = datetime(2024, 5, 1, 12, tzinfo=timezone.utc)
    mock.on("PutEvents", eventList=[{"sentAt": sent}]).returns({})

    event = {"eventType": "Watch", "sentAt": sent}
    client("personalize-events").put_events(trackingId="any", sessionId="s", eventList=[event])


@pytest.mark.parametrize(
    ("members", "remedy"),
    [
        ({"userID": "u1"}, "no member 'userID'. Did you mean 'userId'"),
        ({"user_id": "u1"}, "no member 'user_id'. Did you mean 'userId'"),
        ({"userId": 42}, "userId must be a string, not 42. Write '42'"),
        ({"numResults": "5"}, "numResults must be a whole number, not '5'"),
        ({"promotions": [{"nam": "p"}]}, r"promotions\[0\]: there is no member 'nam'. Did you mean 'name'"),
    ],
)
def test_a_rule_that_could_never_match_is_refused(mock, members, remedy):
    with pytest.raises(PersonalizeMockError, match=remedy):
        mock.on("GetRecommendations", **members)


def test_an_unknown_operation_is_refused_with_the_nearest_one(mock):
    with pytest.raises(PersonalizeMockError, match="Did you mean 'GetRecommendations'"):
        mock.on("GetRecomendations")


def test_a_condition_that_raises_is_named(mock):
    def is_long(text):
        return len(text) > "3"

    mock.on("GetRecommendations", userId=is_long, optional=True).recommends("a")

    with pytest.raises(PersonalizeMockError, match=r"is_long raised TypeError.* for userId='u1'"):
        mock.call("GetRecommendations", campaignArn=CAMPAIGN, userId="u1")

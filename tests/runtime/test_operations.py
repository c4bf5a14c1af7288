"""GetRecommendations of campaigns."""

import json
import re
from types import SimpleNamespace

import pytest
from builders import (
    ACCOUNT,
    a_campaign,
    a_group_with_data,
    a_solution,
    a_solution_version,
    client,
    refusal,
)

from personalize_mock import mock_personalize

CAMPAIGN = f"arn:aws:personalize:us-east-1:{ACCOUNT}:campaign"
ITEMS = 60


@pytest.fixture(scope="module")
def served():
    """Two campaigns for all tests of this module. Tests must not change them."""
    with mock_personalize(clock="2024-05-01") as mock:
        group = a_group_with_data(mock)
        arns = {}
        for name in ("user-personalization", "popularity-count"):
            version = a_solution_version(mock, a_solution(mock, group, f"aws-{name}", name=name))
            arns[name.partition("-")[0]] = a_campaign(mock, version, name=name)
        yield SimpleNamespace(mock=mock, **arns)


def recommend(campaign, **members):
    return client("personalize-runtime").get_recommendations(campaignArn=campaign, **members)


def items(campaign, **members):
    return recommend(campaign, **members)["itemList"]


def error(campaign, **members):
    return refusal(client("personalize-runtime").get_recommendations, campaignArn=campaign, **members)


def test_a_response_has_a_list_of_items_and_a_recommendation_id(served):
    answer = recommend(served.user, userId="u0")
    assert [key for key in answer if key != "ResponseMetadata"] == ["itemList", "recommendationId"]
    assert all(list(item) == ["itemId", "score"] for item in answer["itemList"])
    assert answer["ResponseMetadata"]["HTTPHeaders"]["content-type"] == "application/json"


@pytest.mark.parametrize(("num_results", "count"), [(None, 25), (0, 0), (1, 1), (10, 10), (500, ITEMS)])
def test_num_results_limits_the_list(served, num_results, count):
    members = {} if num_results is None else {"numResults": num_results}
    for campaign in (served.user, served.popularity):
        assert len(items(campaign, userId="u0", **members)) == count


def test_more_than_500_items_are_refused(served):
    assert error(served.user, userId="u0", numResults=501)[0] == "InvalidInputException"


def test_a_short_list_is_the_beginning_of_a_long_one(served):
    longer = items(served.user, userId="u0", numResults=50)
    assert items(served.user, userId="u0", numResults=5) == longer[:5]
    assert len({item["itemId"] for item in longer}) == 50


def test_scores_are_sorted_have_seven_decimals_and_sum_to_one_over_all_items(served):
    scores = [item["score"] for item in items(served.user, userId="u0", numResults=500)]
    assert scores == sorted(scores, reverse=True)
    assert all(score == round(score, 7) for score in scores)
    assert sum(scores) == pytest.approx(1, abs=ITEMS * 1e-7)


def test_users_get_items_of_similar_users(served):
    """Even users have only seen items of the first half, odd users items of the second half."""
    for user in (0, 1, 10, 11):
        best = items(served.user, userId=f"u{user}", numResults=5)
        assert {int(item["itemId"][1:]) // 30 for item in best} == {user % 2}


def test_an_unknown_user_gets_popular_items_with_scores(served):
    unknown, other = (items(served.user, userId=user) for user in ("madeup-user333", "madeup-user444"))
    assert len(unknown) == 25
    assert unknown == other
    assert all(item["score"] > 0 for item in unknown)


def test_popularity_has_no_scores_and_is_equal_for_all_users(served):
    answers = [items(served.popularity, userId=user) for user in ("u0", "u1", "nobody")]
    assert answers[0] == answers[1] == answers[2]
    assert all(list(item) == ["itemId"] for item in answers[0])


def test_personal_recipes_require_a_user_id(served):
    assert error(served.user)[0] == "InvalidInputException"
    assert recommend(served.popularity)["itemList"] == items(served.popularity, userId="u0")


def test_an_unneeded_item_id_is_ignored(served):
    assert items(served.user, userId="u0", itemId="i1") == items(served.user, userId="u0")


def test_popular_items_do_not_depend_on_the_item_id(served):
    usual = items(served.popularity, userId="u0")
    best = usual[0]["itemId"]
    assert items(served.popularity, userId="u0", itemId=best) == items(served.popularity, itemId=best) == usual


def test_context_outside_the_schema_is_refused(served):
    for name in ("DEVICE", "EVENT_TYPE"):
        code, message = error(served.user, userId="u0", context={name: "phone"})
        assert code == "InvalidInputException"
        assert f"The context has the field {name}, but the contextual metadata fields" in message


def test_recipes_without_context_ignore_it(served):
    usual = items(served.popularity, userId="u0")
    assert items(served.popularity, userId="u0", context={"DEVICE": "phone"}) == usual


@pytest.mark.parametrize("campaign", [f"{CAMPAIGN}/none", "arn:aws:personalize:eu-west-1:1:campaign/user"])
def test_a_missing_campaign_gets_the_recorded_error(served, campaign):
    code, message = error(campaign, userId="u0")
    assert (code, message) == ("InvalidInputException", f"{campaign} does not exist or is not active yet.")


def test_a_campaign_of_another_region_does_not_exist(served):
    runtime = client("personalize-runtime", region="eu-west-1")
    code, _ = refusal(runtime.get_recommendations, campaignArn=served.user, userId="u0")
    assert code == "InvalidInputException"


def test_a_missing_recommender_gets_the_same_error(served):
    arn = f"arn:aws:personalize:us-east-1:{ACCOUNT}:recommender/none"
    runtime = client("personalize-runtime")
    code, message = refusal(runtime.get_recommendations, recommenderArn=arn, userId="u0")
    assert (code, message) == ("InvalidInputException", f"{arn} does not exist or is not active yet.")


def test_either_a_campaign_or_a_recommender_is_required(served):
    runtime = client("personalize-runtime")
    both = {"campaignArn": served.user, "recommenderArn": served.user}
    for arns in ({}, both):
        assert refusal(runtime.get_recommendations, userId="u0", **arns)[0] == "InvalidInputException"


def test_a_missing_filter_gets_the_same_error(served):
    arn = f"arn:aws:personalize:us-east-1:{ACCOUNT}:filter/none"
    code, message = error(served.user, userId="u0", filterArn=arn)
    assert (code, message) == ("InvalidInputException", f"{arn} does not exist or is not active yet.")


@pytest.mark.parametrize(
    "members",
    [
        {"userId": "u" * 257},
        {"userId": "u0", "context": {"not a key": "x"}},
        {"userId": "u0", "promotions": [{"name": name} for name in "ab"]},
    ],
    ids=["long id", "context key", "two promotions"],
)
def test_requests_beyond_the_limits_are_refused(served, members):
    assert error(served.user, **members)[0] in {"ValidationException", "InvalidInputException"}


def test_recommendation_ids_have_the_recorded_form(served):
    ids = [recommend(served.user, userId="u0")["recommendationId"] for _ in range(3)]
    other = recommend(served.popularity, userId="u0")["recommendationId"]
    assert all(re.fullmatch(r"RID-[0-9a-f]{2}(-[0-9a-f]{4}){2}-[0-9a-f]{12}-CID-[0-9a-f]{6}", id_) for id_ in ids)
    assert {len(id_) for id_ in ids} == {40}
    assert len(set(ids)) == 3
    assert len({id_[-6:] for id_ in ids}) == 1
    assert other[-6:] != ids[0][-6:]


def test_requests_do_not_affect_each_other(served):
    before = items(served.user, userId="u7", numResults=500)
    items(served.user, userId="u8")
    assert json.dumps(items(served.user, userId="u7", numResults=500)) == json.dumps(before)

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
    """Two campaigns that every test of this module may ask and none may change."""
    with mock_personalize(clock="2024-05-01") as mock:
        group = a_group_with_data(mock)
        arns = {}
        for name in ("user-personalization", "popularity-count"):
            version = a_solution_version(mock, a_solution(mock, group, f"aws-{name}", name=name))
            arns[name.partition("-")[0]] = a_campaign(mock, version, name=name)
        yield SimpleNamespace(mock=mock, **arns)


def ask(campaign, **members):
    return client("personalize-runtime").get_recommendations(campaignArn=campaign, **members)


def items(campaign, **members):
    return ask(campaign, **members)["itemList"]


def refused(campaign, **members):
    return refusal(client("personalize-runtime").get_recommendations, campaignArn=campaign, **members)


def test_an_answer_is_a_list_of_items_and_an_id(served):
    answer = ask(served.user, userId="u0")
    assert [key for key in answer if key != "ResponseMetadata"] == ["itemList", "recommendationId"]
    assert all(list(item) == ["itemId", "score"] for item in answer["itemList"])
    assert answer["ResponseMetadata"]["HTTPHeaders"]["content-type"] == "application/json"


@pytest.mark.parametrize(("asked", "given"), [(None, 25), (0, 0), (1, 1), (10, 10), (500, ITEMS)])
def test_as_many_items_come_as_are_asked_for_and_there_are(served, asked, given):
    members = {} if asked is None else {"numResults": asked}
    for campaign in (served.user, served.popularity):
        assert len(items(campaign, userId="u0", **members)) == given


def test_more_than_500_items_are_refused(served):
    assert refused(served.user, userId="u0", numResults=501)[0] == "InvalidInputException"


def test_a_shorter_list_is_the_beginning_of_a_longer_one(served):
    longer = items(served.user, userId="u0", numResults=50)
    assert items(served.user, userId="u0", numResults=5) == longer[:5]
    assert len({item["itemId"] for item in longer}) == 50


def test_scores_fall_have_seven_decimals_and_sum_to_one_over_the_catalogue(served):
    scores = [item["score"] for item in items(served.user, userId="u0", numResults=500)]
    assert scores == sorted(scores, reverse=True)
    assert all(score == round(score, 7) for score in scores)
    assert sum(scores) == pytest.approx(1, abs=ITEMS * 1e-7)


def test_users_get_what_users_like_them_took(served):
    """Even users know only the first half of the catalogue, odd ones only the second."""
    for user in (0, 1, 10, 11):
        best = items(served.user, userId=f"u{user}", numResults=5)
        assert {int(item["itemId"][1:]) // 30 for item in best} == {user % 2}


def test_an_unknown_user_gets_popular_items_with_scores_and_no_error(served):
    unknown, other = (items(served.user, userId=user) for user in ("madeup-user333", "madeup-user444"))
    assert len(unknown) == 25
    assert unknown == other
    assert all(item["score"] > 0 for item in unknown)


def test_popularity_has_no_scores_and_no_favourites(served):
    answers = [items(served.popularity, userId=user) for user in ("u0", "u1", "nobody")]
    assert answers[0] == answers[1] == answers[2]
    assert all(list(item) == ["itemId"] for item in answers[0])


def test_a_user_id_is_needed_where_it_makes_a_difference(served):
    assert refused(served.user)[0] == "InvalidInputException"
    assert ask(served.popularity)["itemList"] == items(served.popularity, userId="u0")


def test_an_id_that_is_not_needed_does_no_harm(served):
    assert items(served.user, userId="u0", itemId="i1") == items(served.user, userId="u0")


def test_popular_items_are_the_same_whatever_item_is_named(served):
    usual = items(served.popularity, userId="u0")
    best = usual[0]["itemId"]
    assert items(served.popularity, userId="u0", itemId=best) == items(served.popularity, itemId=best) == usual


def test_context_that_the_schema_does_not_have_is_refused(served):
    for name in ("DEVICE", "EVENT_TYPE"):
        code, message = refused(served.user, userId="u0", context={name: "phone"})
        assert code == "InvalidInputException"
        assert f"The context {name} is not a contextual metadata field" in message


def test_context_is_ignored_by_recipes_that_use_none(served):
    usual = items(served.popularity, userId="u0")
    assert items(served.popularity, userId="u0", context={"DEVICE": "phone"}) == usual


@pytest.mark.parametrize("campaign", [f"{CAMPAIGN}/none", "arn:aws:personalize:eu-west-1:1:campaign/user"])
def test_a_campaign_that_does_not_exist_is_invalid_in_the_recorded_words(served, campaign):
    code, message = refused(campaign, userId="u0")
    assert (code, message) == ("InvalidInputException", f"{campaign} does not exist or is not active yet.")


def test_a_campaign_of_another_region_does_not_exist(served):
    runtime = client("personalize-runtime", region="eu-west-1")
    code, _ = refusal(runtime.get_recommendations, campaignArn=served.user, userId="u0")
    assert code == "InvalidInputException"


def test_a_recommender_that_does_not_exist_is_invalid_in_the_same_words(served):
    arn = f"arn:aws:personalize:us-east-1:{ACCOUNT}:recommender/none"
    runtime = client("personalize-runtime")
    code, message = refusal(runtime.get_recommendations, recommenderArn=arn, userId="u0")
    assert (code, message) == ("InvalidInputException", f"{arn} does not exist or is not active yet.")


def test_a_campaign_or_a_recommender_must_be_named_and_not_both(served):
    runtime = client("personalize-runtime")
    both = {"campaignArn": served.user, "recommenderArn": served.user}
    for named in ({}, both):
        assert refusal(runtime.get_recommendations, userId="u0", **named)[0] == "InvalidInputException"


def test_a_filter_that_does_not_exist_is_invalid(served):
    arn = f"arn:aws:personalize:us-east-1:{ACCOUNT}:filter/none"
    code, message = refused(served.user, userId="u0", filterArn=arn)
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
def test_what_the_model_forbids_is_refused(served, members):
    assert refused(served.user, **members)[0] in {"ValidationException", "InvalidInputException"}


def test_recommendation_ids_have_the_recorded_form(served):
    answers = [ask(served.user, userId="u0")["recommendationId"] for _ in range(3)]
    other = ask(served.popularity, userId="u0")["recommendationId"]
    assert all(re.fullmatch(r"RID-[0-9a-f]{2}(-[0-9a-f]{4}){2}-[0-9a-f]{12}-CID-[0-9a-f]{6}", each) for each in answers)
    assert {len(each) for each in answers} == {40}
    assert len(set(answers)) == 3
    assert len({each[-6:] for each in answers}) == 1
    assert other[-6:] != answers[0][-6:]


def test_asking_changes_nothing(served):
    before = items(served.user, userId="u7", numResults=500)
    items(served.user, userId="u8")
    assert json.dumps(items(served.user, userId="u7", numResults=500)) == json.dumps(before)

"""Answers of a campaign while it is created, updated and deleted."""

import pytest
from builders import (
    a_campaign,
    a_dataset,
    a_dataset_group,
    a_solution,
    a_solution_version,
    an_import_job,
    client,
    interactions_csv,
    refusal,
    settle,
)


def recommend(campaign):
    return client("personalize-runtime").get_recommendations(campaignArn=campaign, userId="u0")


def best_item(campaign):
    return recommend(campaign)["itemList"][0]["itemId"]


def error(campaign):
    return refusal(client("personalize-runtime").get_recommendations, campaignArn=campaign, userId="u0")


@pytest.fixture
def versions(mock):
    """Return two versions of one solution: the first recommends items `i...`, the second `j...`."""
    group = a_dataset_group(mock)
    dataset = a_dataset(mock, group)
    an_import_job(mock, dataset)
    solution = a_solution(mock, group, "aws-popularity-count")
    first = a_solution_version(mock, solution)
    an_import_job(mock, dataset, interactions_csv().replace(",i", ",j"))
    return [first, a_solution_version(mock, solution)]


def test_a_campaign_answers_only_while_it_is_active(mock, versions):
    arn = client().create_campaign(name="campaign", solutionVersionArn=versions[0])["campaignArn"]
    not_ready = ("InvalidInputException", f"{arn} does not exist or is not active yet.")
    assert error(arn) == not_ready
    mock.clock.jump(300)
    assert error(arn) == not_ready
    settle(mock, arn)
    assert len(recommend(arn)["itemList"]) == 25
    client().delete_campaign(campaignArn=arn)
    assert error(arn) == not_ready
    settle(mock, arn)
    assert error(arn) == not_ready


def test_the_old_version_serves_until_the_update_is_done(mock, versions):
    arn = a_campaign(mock, versions[0])
    cid = recommend(arn)["recommendationId"][-6:]
    client().update_campaign(campaignArn=arn, solutionVersionArn=versions[1])
    for _ in range(3):
        assert best_item(arn)[0] == "i"
        mock.clock.jump(150)
    settle(mock, arn)
    answer = recommend(arn)
    assert answer["itemList"][0]["itemId"][0] == "j"
    assert answer["recommendationId"][-6:] == cid


def test_later_imports_do_not_change_a_trained_version(mock, versions):
    campaign = a_campaign(mock, versions[0])
    assert best_item(campaign)[0] == "i"


def test_the_items_with_the_most_users_come_first(mock):
    """All 49, 48 and 47 users count, also those whose interactions are held out."""
    group = a_dataset_group(mock)
    text = interactions_csv() + "".join(f"u{n},hit-{n % 3},Watch,{n}\n" for n in range(600) if n % 50 < 49 - n % 3)
    an_import_job(mock, a_dataset(mock, group), text)
    version = a_solution_version(mock, a_solution(mock, group, "aws-popularity-count"))
    best = recommend(a_campaign(mock, version))["itemList"][:3]
    assert [item["itemId"] for item in best] == ["hit-0", "hit-1", "hit-2"]

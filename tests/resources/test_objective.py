"""What an optimization objective does, seen through campaigns."""

import json
from statistics import fmean

import pytest
from builders import (
    ITEMS,
    a_batch_inference_job,
    a_campaign,
    a_dataset,
    a_dataset_group,
    a_solution,
    a_solution_version,
    an_import_job,
    avro_schema,
    batch_output,
    client,
    csv_text,
    interactions_csv,
)

from personalize_mock import mock_personalize

LEVELS = ["OFF", "LOW", "MEDIUM", "HIGH"]
CATALOGUE = 120
COLUMNS = {
    "PRICE": lambda n: (n * 37) % CATALOGUE + 1,
    "CENTS": lambda n: 100 * ((n * 37) % CATALOGUE + 1),
    "NEGATED": lambda n: -((n * 37) % CATALOGUE + 1),
    "CONSTANT": lambda n: 7,  # noqa: ARG005  # that is its point
}


@pytest.fixture(scope="module")
def group():
    """A dataset group with items of several numeric attributes; no test changes it, solutions come and stay."""
    with mock_personalize(clock="2024-05-01", quotas={"campaigns_per_group": 20, "solutions_per_group": 20}) as mock:
        arn = a_dataset_group(mock)
        an_import_job(mock, a_dataset(mock, arn), interactions_csv(users=60, items=CATALOGUE, each=20))
        fields = {"ITEM_ID": "string", "GENRES": ITEMS["GENRES"], **dict.fromkeys(COLUMNS, "float")}
        schema = mock.call("CreateSchema", name="items", schema=avro_schema("Items", fields))["schemaArn"]
        rows = ((f"i{n}", "Drama", *(value(n) for value in COLUMNS.values())) for n in range(CATALOGUE))
        an_import_job(mock, a_dataset(mock, arn, "Items", schemaArn=schema), csv_text(list(fields), rows))
        yield mock, arn


RECOMMENDING, RANKING = "aws-user-personalization", "aws-personalized-ranking"
ASKED = [*(f"u{number}" for number in range(10)), "nobody"]
GIVEN = [f"i{number}" for number in range(0, CATALOGUE, 3)]


def served(group, attribute=None, sensitivity=None, *, recipe=RECOMMENDING):
    """A campaign and its version, made on first use."""
    mock, arn = group
    name = f"{attribute}-{sensitivity}" if recipe == RECOMMENDING else f"ranking-{attribute}-{sensitivity}"
    if name not in {each["name"] for each in client().list_campaigns()["campaigns"]}:
        objective = {"itemAttribute": attribute, "objectiveSensitivity": sensitivity}
        config = {"solutionConfig": {"optimizationObjective": objective}} if attribute else {}
        version = a_solution_version(mock, a_solution(mock, arn, recipe, name=name, **config))
        a_campaign(mock, version, name=name)
    campaign = f"arn:aws:personalize:us-east-1:123456789012:campaign/{name}"
    return campaign, client().describe_campaign(campaignArn=campaign)["campaign"]["solutionVersionArn"]


def lists(group, attribute=None, sensitivity=None):
    """The recommendations for ten users and one unknown one."""
    campaign, _ = served(group, attribute, sensitivity)
    runtime = client("personalize-runtime")
    return [runtime.get_recommendations(campaignArn=campaign, userId=user)["itemList"] for user in ASKED]


def rankings(group, attribute=None, sensitivity=None):
    """The order of forty given items for the same users."""
    campaign, _ = served(group, attribute, sensitivity, recipe=RANKING)
    rank = client("personalize-runtime").get_personalized_ranking
    return [rank(campaignArn=campaign, userId=user, inputList=GIVEN)["personalizedRanking"] for user in ASKED]


def in_batch(group, sensitivity, *, recipe, **line):
    """What a batch inference job writes for the same users, in the form of the runtime."""
    mock, _ = group
    _, version = served(group, "PRICE", sensitivity, recipe=recipe)
    name = f"{recipe}-{sensitivity}"
    a_batch_inference_job(mock, version, *({"userId": user, **line} for user in ASKED), jobName=name)
    written = {each["input"]["userId"]: each["output"] for each in map(json.loads, batch_output(name))}
    outputs = [written[user] for user in ASKED]
    return [
        [{"itemId": item, "score": score} for item, score in zip(each["recommendedItems"], each["scores"], strict=True)]
        for each in outputs
    ]


def ids(answers):
    return [[each["itemId"] for each in answer] for answer in answers]


def scores(answers):
    return [each["score"] for answer in answers for each in answer]


def mean(answers, attribute="PRICE"):
    return fmean(COLUMNS[attribute](int(item["itemId"][1:])) for answer in answers for item in answer)


def test_off_and_no_objective_give_the_same_answers_byte_for_byte(group):
    assert json.dumps(lists(group, "PRICE", "OFF")) == json.dumps(lists(group))


def test_the_mean_attribute_rises_with_each_level(group):
    means = [mean(lists(group, "PRICE", level)) for level in LEVELS]
    assert means == sorted(set(means))


def test_no_user_loses_attribute_from_one_level_to_the_next(group):
    answers = [lists(group, "PRICE", level) for level in LEVELS]
    for levels in zip(*answers, strict=True):
        means = [mean([answer]) for answer in levels]
        assert means == sorted(means)


def test_rankings_rise_with_each_level_from_what_they_are_without_an_objective(group):
    answers = [rankings(group, "PRICE", level) for level in LEVELS]
    assert answers[0] == rankings(group)
    heads = [mean([answer[:10] for answer in each]) for each in answers]
    assert heads == sorted(set(heads))
    assert all(sorted(item["itemId"] for item in answer) == sorted(GIVEN) for answer in answers[-1])


def test_batch_jobs_recommend_as_the_runtime_does_at_each_level(group):
    answers = [in_batch(group, level, recipe=RECOMMENDING) for level in LEVELS]
    means = [mean(each) for each in answers]
    assert means == sorted(set(means))
    for level, each in zip(LEVELS, answers, strict=True):
        online = lists(group, "PRICE", level)
        assert ids(each) == ids(online)
        assert scores(each) == pytest.approx(scores(online), abs=1e-6)


def test_batch_jobs_rank_as_the_runtime_does_at_each_level(group):
    answers = [in_batch(group, level, recipe=RANKING, itemList=GIVEN) for level in LEVELS]
    heads = [mean([answer[:10] for answer in each]) for each in answers]
    assert heads == sorted(set(heads))
    for level, each in zip(LEVELS, answers, strict=True):
        online = rankings(group, "PRICE", level)
        assert ids(each) == ids(online)
        assert scores(each) == pytest.approx(scores(online), abs=1e-6)


def test_cents_are_as_good_as_euros(group):
    assert lists(group, "CENTS", "MEDIUM") == lists(group, "PRICE", "MEDIUM")


def test_negated_values_turn_the_direction(group):
    assert mean(lists(group, "NEGATED", "HIGH")) < mean(lists(group)) < mean(lists(group, "PRICE", "HIGH"))


def test_a_constant_attribute_changes_nothing(group):
    assert json.dumps(lists(group, "CONSTANT", "HIGH")) == json.dumps(lists(group))


def test_scores_stay_a_softmax_that_falls(group):
    for answer in lists(group, "PRICE", "HIGH"):
        found = scores([answer])
        assert found == sorted(found, reverse=True)
        assert 0 < sum(found) <= 1


def test_relevance_still_matters_at_every_level(group):
    """Even users know only the first half of the catalogue: with LOW most of what they get is still from there."""
    halves = [int(item["itemId"][1:]) // (CATALOGUE // 2) for item in lists(group, "PRICE", "LOW")[0]]
    assert halves.count(0) > len(halves) / 2


def test_metrics_of_off_are_those_without_an_objective_and_one_more(group):
    lists(group, "PRICE", "OFF")
    lists(group)
    off, none = (metrics(group, name) for name in ("PRICE-OFF", "None-None"))
    assert {key: value for key, value in off.items() if key != "average_rewards_at_k"} == none
    assert 0 <= off["average_rewards_at_k"] <= 1


def metrics(group, name):
    mock, _ = group
    arn = f"arn:aws:personalize:us-east-1:123456789012:solution/{name}"
    (version,) = mock.call("ListSolutionVersions", solutionArn=arn)["solutionVersions"]
    return client().get_solution_metrics(solutionVersionArn=version["solutionVersionArn"])["metrics"]

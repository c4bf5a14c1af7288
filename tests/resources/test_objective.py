"""Effects of an optimization objective on recommendations, rankings, batch output and metrics."""

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
    "CONSTANT": lambda n: 7,  # noqa: ARG005
}


@pytest.fixture(scope="module")
def group():
    """A dataset group with items of several numeric attributes. The tests add solutions and change nothing else."""
    with mock_personalize(clock="2024-05-01", quotas={"campaigns_per_group": 20, "solutions_per_group": 20}) as mock:
        arn = a_dataset_group(mock)
        an_import_job(mock, a_dataset(mock, arn), interactions_csv(users=60, items=CATALOGUE, each=20))
        fields = {"ITEM_ID": "string", "GENRES": ITEMS["GENRES"], **dict.fromkeys(COLUMNS, "float")}
        schema = mock.call("CreateSchema", name="items", schema=avro_schema("Items", fields))["schemaArn"]
        rows = ((f"i{n}", "Drama", *(value(n) for value in COLUMNS.values())) for n in range(CATALOGUE))
        an_import_job(mock, a_dataset(mock, arn, "Items", schemaArn=schema), csv_text(list(fields), rows))
        yield mock, arn


RECOMMENDING, RANKING = "aws-user-personalization", "aws-personalized-ranking"
USERS = [*(f"u{number}" for number in range(10)), "nobody"]
INPUT_LIST = [f"i{number}" for number in range(0, CATALOGUE, 3)]


def deploy(group, attribute=None, sensitivity=None, *, recipe=RECOMMENDING):
    """A campaign and its version, created on first use."""
    mock, arn = group
    name = f"{attribute}-{sensitivity}" if recipe == RECOMMENDING else f"ranking-{attribute}-{sensitivity}"
    if name not in {campaign["name"] for campaign in client().list_campaigns()["campaigns"]}:
        objective = {"itemAttribute": attribute, "objectiveSensitivity": sensitivity}
        config = {"solutionConfig": {"optimizationObjective": objective}} if attribute else {}
        version = a_solution_version(mock, a_solution(mock, arn, recipe, name=name, **config))
        a_campaign(mock, version, name=name)
    campaign = f"arn:aws:personalize:us-east-1:123456789012:campaign/{name}"
    return campaign, client().describe_campaign(campaignArn=campaign)["campaign"]["solutionVersionArn"]


def recommendations(group, attribute=None, sensitivity=None):
    """The recommendations for ten known users and one unknown user."""
    campaign, _ = deploy(group, attribute, sensitivity)
    runtime = client("personalize-runtime")
    return [runtime.get_recommendations(campaignArn=campaign, userId=user)["itemList"] for user in USERS]


def rankings(group, attribute=None, sensitivity=None):
    """The rankings of forty items for the same users."""
    campaign, _ = deploy(group, attribute, sensitivity, recipe=RANKING)
    rank = client("personalize-runtime").get_personalized_ranking
    return [rank(campaignArn=campaign, userId=user, inputList=INPUT_LIST)["personalizedRanking"] for user in USERS]


def batch_answers(group, sensitivity, *, recipe, **line):
    """The output of a batch inference job for the same users, in the form of the runtime."""
    mock, _ = group
    _, version = deploy(group, "PRICE", sensitivity, recipe=recipe)
    name = f"{recipe}-{sensitivity}"
    a_batch_inference_job(mock, version, *({"userId": user, **line} for user in USERS), jobName=name)
    outputs = {line["input"]["userId"]: line["output"] for line in map(json.loads, batch_output(name))}
    pairs = [zip(outputs[user]["recommendedItems"], outputs[user]["scores"], strict=True) for user in USERS]
    return [[{"itemId": item, "score": score} for item, score in answer] for answer in pairs]


def item_ids(answers):
    return [[item["itemId"] for item in answer] for answer in answers]


def score_by_item(answer):
    """Scores by item. Items that are equally good but for rounding may change places between two such answers."""
    return {item["itemId"]: item["score"] for item in answer}


def scores(answers):
    return [item["score"] for answer in answers for item in answer]


def mean_attribute(answers, attribute="PRICE"):
    return fmean(COLUMNS[attribute](int(item["itemId"][1:])) for answer in answers for item in answer)


def test_an_objective_that_is_off_does_not_change_answers(group):
    assert json.dumps(recommendations(group, "PRICE", "OFF")) == json.dumps(recommendations(group))


def test_the_mean_attribute_rises_with_the_sensitivity(group):
    means = [mean_attribute(recommendations(group, "PRICE", level)) for level in LEVELS]
    assert means == sorted(set(means))


def test_the_mean_attribute_falls_for_no_user(group):
    answers = [recommendations(group, "PRICE", level) for level in LEVELS]
    for levels in zip(*answers, strict=True):
        means = [mean_attribute([answer]) for answer in levels]
        assert means == sorted(means)


def test_the_head_of_a_ranking_rises_with_the_sensitivity(group):
    answers = [rankings(group, "PRICE", level) for level in LEVELS]
    assert answers[0] == rankings(group)
    heads = [mean_attribute([answer[:10] for answer in level]) for level in answers]
    assert heads == sorted(set(heads))
    assert all(sorted(item["itemId"] for item in answer) == sorted(INPUT_LIST) for answer in answers[-1])


def test_batch_jobs_recommend_as_the_runtime_does(group):
    answers = [batch_answers(group, level, recipe=RECOMMENDING) for level in LEVELS]
    means = [mean_attribute(offline) for offline in answers]
    assert means == sorted(set(means))
    for level, offline in zip(LEVELS, answers, strict=True):
        online = recommendations(group, "PRICE", level)
        for in_batch, at_runtime in zip(offline, online, strict=True):
            assert score_by_item(in_batch) == pytest.approx(score_by_item(at_runtime), abs=1e-6)


def test_batch_jobs_rank_as_the_runtime_does(group):
    answers = [batch_answers(group, level, recipe=RANKING, itemList=INPUT_LIST) for level in LEVELS]
    heads = [mean_attribute([answer[:10] for answer in level]) for level in answers]
    assert heads == sorted(set(heads))
    for level, offline in zip(LEVELS, answers, strict=True):
        online = rankings(group, "PRICE", level)
        for in_batch, at_runtime in zip(offline, online, strict=True):
            assert score_by_item(in_batch) == pytest.approx(score_by_item(at_runtime), abs=1e-6)


def test_the_unit_of_the_attribute_does_not_matter(group):
    assert recommendations(group, "CENTS", "MEDIUM") == recommendations(group, "PRICE", "MEDIUM")


def test_negated_values_reverse_the_direction(group):
    assert (
        mean_attribute(recommendations(group, "NEGATED", "HIGH"))
        < mean_attribute(recommendations(group))
        < mean_attribute(recommendations(group, "PRICE", "HIGH"))
    )


def test_a_constant_attribute_changes_nothing(group):
    assert json.dumps(recommendations(group, "CONSTANT", "HIGH")) == json.dumps(recommendations(group))


def test_scores_fall_and_sum_to_at_most_one(group):
    for answer in recommendations(group, "PRICE", "HIGH"):
        values = scores([answer])
        assert values == sorted(values, reverse=True)
        assert 0 < sum(values) <= 1


def test_relevance_still_matters(group):
    """Even users know only the first half of the catalogue. With LOW, most recommendations still come from it."""
    halves = [int(item["itemId"][1:]) // (CATALOGUE // 2) for item in recommendations(group, "PRICE", "LOW")[0]]
    assert halves.count(0) > len(halves) / 2


def test_an_objective_that_is_off_adds_one_metric_and_changes_no_other(group):
    recommendations(group, "PRICE", "OFF")
    recommendations(group)
    off, none = (metrics(group, name) for name in ("PRICE-OFF", "None-None"))
    assert {key: value for key, value in off.items() if key != "average_rewards_at_k"} == none
    assert 0 <= off["average_rewards_at_k"] <= 1


def metrics(group, name):
    mock, _ = group
    arn = f"arn:aws:personalize:us-east-1:123456789012:solution/{name}"
    (version,) = mock.call("ListSolutionVersions", solutionArn=arn)["solutionVersions"]
    return client().get_solution_metrics(solutionVersionArn=version["solutionVersionArn"])["metrics"]

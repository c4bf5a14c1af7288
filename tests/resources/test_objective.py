"""What an optimization objective does, seen through campaigns."""

import json
from statistics import fmean

import pytest
from builders import (
    ITEMS,
    a_campaign,
    a_dataset,
    a_dataset_group,
    a_solution,
    a_solution_version,
    an_import_job,
    avro_schema,
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
    with mock_personalize(clock="2024-05-01", quotas={"campaigns_per_group": 20}) as mock:
        arn = a_dataset_group(mock)
        an_import_job(mock, a_dataset(mock, arn), interactions_csv(users=60, items=CATALOGUE, each=20))
        fields = {"ITEM_ID": "string", "GENRES": ITEMS["GENRES"], **dict.fromkeys(COLUMNS, "float")}
        schema = mock.call("CreateSchema", name="items", schema=avro_schema("Items", fields))["schemaArn"]
        rows = ((f"i{n}", "Drama", *(value(n) for value in COLUMNS.values())) for n in range(CATALOGUE))
        an_import_job(mock, a_dataset(mock, arn, "Items", schemaArn=schema), csv_text(list(fields), rows))
        yield mock, arn


def lists(group, attribute=None, sensitivity=None):
    """The answers to ten users and one unknown one, of a campaign made for it on first use."""
    mock, arn = group
    name = f"{attribute}-{sensitivity}"
    known = {each["name"]: each["campaignArn"] for each in client().list_campaigns()["campaigns"]}
    if name not in known:
        objective = {"itemAttribute": attribute, "objectiveSensitivity": sensitivity}
        config = {"solutionConfig": {"optimizationObjective": objective}} if attribute else {}
        version = a_solution_version(mock, a_solution(mock, arn, name=name, **config))
        known[name] = a_campaign(mock, version, name=name)
    runtime = client("personalize-runtime")
    users = [*(f"u{number}" for number in range(10)), "nobody"]
    return [runtime.get_recommendations(campaignArn=known[name], userId=user)["itemList"] for user in users]


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


def test_cents_are_as_good_as_euros(group):
    assert lists(group, "CENTS", "MEDIUM") == lists(group, "PRICE", "MEDIUM")


def test_negated_values_turn_the_direction(group):
    assert mean(lists(group, "NEGATED", "HIGH")) < mean(lists(group)) < mean(lists(group, "PRICE", "HIGH"))


def test_a_constant_attribute_changes_nothing(group):
    assert json.dumps(lists(group, "CONSTANT", "HIGH")) == json.dumps(lists(group))


def test_scores_stay_a_softmax_that_falls(group):
    for answer in lists(group, "PRICE", "HIGH"):
        scores = [item["score"] for item in answer]
        assert scores == sorted(scores, reverse=True)
        assert 0 < sum(scores) <= 1


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

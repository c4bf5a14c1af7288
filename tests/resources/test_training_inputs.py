"""The data that a training sees, and the minimum that it needs."""

import pytest
from builders import (
    ROLE,
    a_dataset,
    a_dataset_group,
    a_group_with_data,
    a_solution,
    a_solution_version,
    an_import_job,
    client,
    interactions_csv,
    put_object,
    recipe,
    settle,
)

from personalize_mock import mock_personalize


@pytest.fixture
def solution(mock):
    return a_solution(mock, a_group_with_data(mock), "aws-popularity-count")


def create(solution, **members):
    return client().create_solution_version(solutionArn=solution, **members)["solutionVersionArn"]


def describe(arn):
    return client().describe_solution_version(solutionVersionArn=arn)["solutionVersion"]


def test_a_version_trains_on_the_data_it_saw_when_training_began(mock):
    group = a_dataset_group(mock)
    dataset = a_dataset(mock, group)
    an_import_job(mock, dataset)
    solution = a_solution(mock, group, "aws-popularity-count")
    arn = create(solution)
    mock.clock.jump(1000)
    an_import_job(mock, dataset, interactions_csv().replace(",i", ",j"))
    assert describe(arn)["status"] == "CREATE IN_PROGRESS"
    assert recommended(mock, settle(mock, arn))[0][0] == "i"
    assert recommended(mock, settle(mock, create(solution)))[0][0] == "j"


def test_an_import_that_ends_while_the_version_is_pending_counts(mock):
    group = a_dataset_group(mock)
    dataset = a_dataset(mock, group)
    an_import_job(mock, dataset)
    location = put_object(interactions_csv().replace(",i", ",j"))
    job = client().create_dataset_import_job(
        jobName="second", datasetArn=dataset, dataSource={"dataLocation": location}, roleArn=ROLE
    )["datasetImportJobArn"]
    mock.clock.jump(200)
    arn = create(a_solution(mock, group, "aws-popularity-count"))
    settle(mock, job)
    assert describe(arn)["status"] == "CREATE PENDING"
    assert recommended(mock, settle(mock, arn))[0][0] == "j"


def recommended(mock, version, user="u0"):
    """The items recommended to a user, best first."""
    name = f"campaign-{len(mock.journal)}"
    campaign = client().create_campaign(name=name, solutionVersionArn=version)["campaignArn"]
    settle(mock, campaign)
    answer = client("personalize-runtime").get_recommendations(campaignArn=campaign, userId=user)
    return [item["itemId"] for item in answer["itemList"]]


def test_the_event_type_of_a_solution_is_case_sensitive(mock):
    group = a_dataset_group(mock)
    text = interactions_csv() + "".join(f"u{n},j{n % 7},Click,{n}\n" for n in range(3000))
    an_import_job(mock, a_dataset(mock, group), text)
    popular = {}
    for event_type in ("Watch", "Click", "click"):
        solution = a_solution(mock, group, "aws-popularity-count", name=event_type, eventType=event_type)
        popular[event_type] = a_solution_version(mock, solution)
    assert {item[0] for item in recommended(mock, popular["Watch"])} == {"i"}
    reason = "Dataset has fewer than 1000 interactions after filtering by event type: click"
    assert describe(popular["click"])["failureReason"] == reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            interactions_csv(users=999, each=1) + "u0,i0,Watch,1700000000\n" * 2,
            "Dataset has fewer than 1000 interactions",
        ),
        (
            interactions_csv(users=24, items=120, each=42),
            "Dataset has fewer than 25 users with at least 2 interactions each.",
        ),
    ],
    ids=["interactions", "users"],
)
def test_too_little_data_fails_the_training(mock, text, reason):
    group = a_dataset_group(mock)
    an_import_job(mock, a_dataset(mock, group), text)
    version = describe(a_solution_version(mock, a_solution(mock, group)))
    assert version["status"] == "CREATE FAILED"
    assert reason in version["failureReason"]


@pytest.mark.parametrize(
    ("name", "dataset_type"),
    [
        ("aws-hrnn-coldstart", "ITEMS"),
        ("aws-semantic-similarity", "ITEMS"),
        ("aws-item-attribute-affinity", "ITEMS"),
        ("aws-next-best-action", "ACTIONS"),
    ],
)
def test_a_training_without_a_required_dataset_fails_and_names_its_type(mock, name, dataset_type):
    version = describe(a_solution_version(mock, a_solution(mock, a_group_with_data(mock), name)))
    assert version["status"] == "CREATE FAILED"
    assert (
        version["failureReason"] == f"Recipe {name} needs data in a dataset of type {dataset_type}. Import data first."
    )


def test_automl_skips_recipes_without_a_required_dataset(mock):
    candidates = [recipe("aws-hrnn-coldstart"), recipe("aws-popularity-count")]
    members = {"performAutoML": True, "solutionConfig": {"autoMLConfig": {"recipeList": candidates}}}
    solution = a_solution(mock, a_group_with_data(mock), recipeArn=None, **members)
    assert describe(a_solution_version(mock, solution))["recipeArn"] == recipe("aws-popularity-count")


def test_a_thousand_interactions_of_twenty_five_users_are_enough(mock):
    group = a_dataset_group(mock)
    an_import_job(mock, a_dataset(mock, group), interactions_csv(users=25, items=120, each=40))
    assert describe(a_solution_version(mock, a_solution(mock, group)))["status"] == "ACTIVE"


@pytest.mark.parametrize("options", [{"minimum_interactions": 20}, {"strict": False}])
def test_the_minimum_can_be_lowered(options):
    with mock_personalize(clock=0, **options) as mock:
        group = a_dataset_group(mock)
        an_import_job(mock, a_dataset(mock, group), interactions_csv(users=5, each=4))
        assert describe(a_solution_version(mock, a_solution(mock, group)))["status"] == "ACTIVE"


def test_training_without_data_fails_even_without_a_minimum():
    with mock_personalize(clock=0, strict=False) as mock:
        version = describe(a_solution_version(mock, a_solution(mock, a_dataset_group(mock))))
        assert version["status"] == "CREATE FAILED"

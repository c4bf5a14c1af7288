"""What public client code does with operations that create, describe and list."""

import json
import re
import time

import boto3
import pytest
from botocore.exceptions import ClientError
from builders import (
    ACCOUNT,
    a_campaign,
    a_dataset,
    a_dataset_group,
    a_group_with_data,
    a_solution,
    a_solution_version,
    an_import_job,
    avro_schema,
    client,
    recipe,
    settle,
)

from personalize_mock import mock_personalize


@pytest.fixture
def version(mock):
    return a_solution_version(mock, a_solution(mock, a_group_with_data(mock), "aws-popularity-count"))


def test_recipes_have_a_second_page(mock):
    personalize = client()
    for arguments in ({}, {"domain": "ECOMMERCE"}, {"domain": "VIDEO_ON_DEMAND"}):
        response = personalize.list_recipes(**arguments)
        recipes = (
            response["recipes"] + personalize.list_recipes(**arguments, nextToken=response["nextToken"])["recipes"]
        )
        assert {entry.get("domain") for entry in recipes} >= set(arguments.values())


def test_the_first_arn_of_a_list_entry_is_its_own(mock, version):
    campaign = a_campaign(mock, version)
    group = client().list_dataset_groups()["datasetGroups"][0]["datasetGroupArn"]
    expected = {
        "list_dataset_groups": f":dataset-group/{group.rpartition('/')[2]}",
        "list_datasets": ":dataset/",
        "list_schemas": ":schema/",
        "list_dataset_import_jobs": ":dataset-import-job/",
        "list_solutions": ":solution/",
        "list_solution_versions": f":{version.split(':', 5)[5]}",
        "list_campaigns": f":{campaign.split(':', 5)[5]}",
        "list_recipes": ":recipe/",
    }
    for operation, ending in expected.items():
        for page in client().get_paginator(operation).paginate():
            (key,) = [key for key in page if key not in ("ResponseMetadata", "nextToken")]
            own = [next(value for key, value in entry.items() if key.endswith("Arn")) for entry in page[key]]
            assert own
            assert all(ending in arn for arn in own)


def test_describe_echoes_every_parameter_of_create(mock):
    """Clients compare a resource with its configuration, parameter by parameter, and ignore case in dataset types."""
    group = a_group_with_data(mock, "shop", "Interactions", "Items")
    config = {
        "algorithmHyperParameters": {"hidden_dimension": "64"},
        "optimizationObjective": {"itemAttribute": "PRICE", "objectiveSensitivity": "LOW"},
    }
    configured = {
        "name": "solution",
        "datasetGroupArn": group,
        "recipeArn": recipe("aws-user-personalization"),
        "performAutoTraining": False,
        "eventType": "Watch",
        "solutionConfig": config,
    }
    solution = client().create_solution(**configured)["solutionArn"]
    described = client().describe_solution(solutionArn=solution)["solution"]
    assert {name: described[name] for name in configured} == configured
    assert (described["performHPO"], described["performAutoML"]) == (False, False)
    configured = {"name": "campaign", "solutionVersionArn": a_solution_version(mock, solution), "minProvisionedTPS": 1}
    campaign = client().create_campaign(**configured)["campaignArn"]
    described = client().describe_campaign(campaignArn=campaign)["campaign"]
    assert {name: described[name] for name in configured} == configured
    dataset = client().list_datasets(datasetGroupArn=group)["datasets"][0]
    assert dataset["datasetType"].upper() == "Interactions".upper()


def test_a_campaign_shows_its_update_at_once_and_changes_when_the_update_is_done(mock, version):
    campaign = a_campaign(mock, version)
    newer = a_solution_version(mock, version.rpartition("/")[0])
    client().update_campaign(campaignArn=campaign, solutionVersionArn=newer, minProvisionedTPS=2)
    described = client().describe_campaign(campaignArn=campaign)["campaign"]
    assert described["latestCampaignUpdate"]["solutionVersionArn"] == newer
    assert (described["solutionVersionArn"], described["minProvisionedTPS"]) == (version, 1)
    while described["latestCampaignUpdate"]["status"] not in ("ACTIVE", "CREATE FAILED"):
        described = client().describe_campaign(campaignArn=campaign)["campaign"]
    assert (described["solutionVersionArn"], described["minProvisionedTPS"]) == (newer, 2)


@pytest.mark.filterwarnings("ignore:performHPO")
def test_numbers_in_configurations_are_strings(mock):
    group = a_group_with_data(mock)
    config = {
        "algorithmHyperParameters": {"bptt": "20", "hidden_dimension": "100", "recency_mask": "true"},
        "featureTransformationParameters": {"min_user_history_length_percentile": "0.00"},
        "hpoConfig": {"hpoResourceConfig": {"maxNumberOfTrainingJobs": "40", "maxParallelTrainingJobs": "10"}},
    }
    solution = a_solution(mock, group, solutionConfig=config, performHPO=True)
    assert client().describe_solution(solutionArn=solution)["solution"]["solutionConfig"] == config
    trending = {"featureTransformationParameters": {"trend_discovery_frequency": "30 minutes"}}
    arn = a_solution(mock, group, "aws-trending-now", name="trending", solutionConfig=trending)
    assert client().describe_solution(solutionArn=arn)["solution"]["solutionConfig"] == trending
    exploration = {"itemExplorationConfig": {"explorationWeight": "0.5", "explorationItemAgeCutOff": "30.0"}}
    campaign = a_campaign(mock, a_solution_version(mock, solution), campaignConfig=exploration)
    assert client().describe_campaign(campaignArn=campaign)["campaign"]["campaignConfig"] == exploration


def test_errors_can_be_caught_by_class(mock):
    personalize = client()
    for _ in range(2):
        try:
            arn = personalize.create_schema(name="schema", schema=avro_schema())["schemaArn"]
        except personalize.exceptions.ResourceAlreadyExistsException as error:
            arn = re.search(r"arn:\S+", error.response["Error"]["Message"])[0]
    assert personalize.describe_schema(schemaArn=arn)["schema"]["name"] == "schema"


def test_errors_can_be_caught_by_code(mock):
    try:
        client().describe_solution(solutionArn=f"arn:aws:personalize:us-east-1:{ACCOUNT}:solution/none")
        response = None
    except ClientError as error:
        response = error.response
    assert response["Error"]["Code"] == "ResourceNotFoundException"
    assert response["message"] == response["Error"]["Message"]
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_a_quota_can_be_waited_for_while_boto3_retries_too(mock, version):
    personalize = boto3.client("personalize")
    campaigns = [a_campaign(mock, version, name=f"campaign-{number}") for number in range(5)]
    personalize.delete_campaign(campaignArn=campaigns[0])
    before = time.perf_counter()
    attempts = 0
    while True:
        attempts += 1
        try:
            personalize.create_campaign(name="campaign-5", solutionVersionArn=version)
            break
        except personalize.exceptions.LimitExceededException:
            time.sleep(60)
    assert attempts > 10
    assert time.perf_counter() - before < 10
    assert len(personalize.list_campaigns()["campaigns"]) == 5


@pytest.mark.parametrize("spelling", ["Interactions", "INTERACTIONS", "interactions"])
def test_a_dataset_type_may_be_written_in_any_case(mock, spelling):
    arn = a_dataset(mock, a_dataset_group(mock), datasetType=spelling)
    assert client().describe_dataset(datasetArn=arn)["dataset"]["datasetType"] == "INTERACTIONS"


def test_responses_of_create_operations_are_json(personalize_mock):
    personalize = boto3.client("personalize")
    group = personalize.create_dataset_group(name="group")
    settle(personalize_mock, group["datasetGroupArn"])
    schema = personalize.create_schema(name="schema", schema=avro_schema())
    dataset = personalize.create_dataset(
        name="data",
        datasetType="Interactions",
        datasetGroupArn=group["datasetGroupArn"],
        schemaArn=schema["schemaArn"],
    )
    an_import_job(personalize_mock, settle(personalize_mock, dataset["datasetArn"]))
    solution = personalize.create_solution(
        name="solution", datasetGroupArn=group["datasetGroupArn"], recipeArn=recipe("aws-popularity-count")
    )
    version = personalize.create_solution_version(solutionArn=solution["solutionArn"])
    for answer in (group, schema, dataset, solution, version):
        assert json.loads(json.dumps(answer, indent=2)) == answer
        headers = answer["ResponseMetadata"]["HTTPHeaders"]
        assert headers["content-type"] == "application/x-amz-json-1.1"
        assert {"x-amzn-requestid", "date", "content-length"} <= set(headers)
        assert answer["ResponseMetadata"]["RequestId"] == headers["x-amzn-requestid"]


def test_metrics_of_several_solutions_make_one_table(mock):
    group = a_group_with_data(mock, "shop", "Interactions", "Items")
    table = {}
    for level in ("OFF", "LOW", "MEDIUM", "HIGH"):
        config = {"optimizationObjective": {"itemAttribute": "PRICE", "objectiveSensitivity": level}}
        arn = a_solution_version(mock, a_solution(mock, group, name=level.lower(), solutionConfig=config))
        table[level] = client().get_solution_metrics(solutionVersionArn=arn)["metrics"]
    assert len({tuple(metrics) for metrics in table.values()}) == 1
    assert len(table["OFF"]) == 9
    assert all(len(str(value).partition(".")[2]) <= 4 for metrics in table.values() for value in metrics.values())


def test_metrics_can_be_requested_while_the_version_trains(mock, version):
    running = client().create_solution_version(solutionArn=version.rpartition("/")[0])["solutionVersionArn"]
    while True:
        try:
            metrics = client().get_solution_metrics(solutionVersionArn=running)["metrics"]
            break
        except client().exceptions.ResourceInUseException:
            client().describe_solution_version(solutionVersionArn=running)
    assert metrics


@pytest.mark.parametrize("name", ["aws-sims", "aws-hrnn", "aws-popularity-count"])
def test_legacy_recipes_can_be_used(mock, name):
    arn = a_solution(mock, a_group_with_data(mock), name)
    assert client().describe_solution(solutionArn=arn)["solution"]["recipeArn"] == recipe(name)


def test_boto3_paginators_return_all_pages():
    with mock_personalize(clock=0, quotas={"active_dataset_groups": 250}):
        for number in range(230):
            client().create_dataset_group(name=f"group-{number}")
        pages = list(client().get_paginator("list_dataset_groups").paginate())
        names = [group["name"] for page in pages for group in page["datasetGroups"]]
        assert names == [f"group-{number}" for number in range(230)]
        assert [len(page["datasetGroups"]) for page in pages] == [100, 100, 30]
        assert "nextToken" not in pages[-1]


def test_versions_can_be_listed_by_solution_and_sorted_by_date(mock, version):
    group = client().list_dataset_groups()["datasetGroups"][0]["datasetGroupArn"]
    (solution,) = client().list_solutions(datasetGroupArn=group)["solutions"]
    mock.clock.jump(10)
    newer = a_solution_version(mock, solution["solutionArn"])
    versions = client().list_solution_versions(solutionArn=solution["solutionArn"])["solutionVersions"]
    newest = max(versions, key=lambda version: version["creationDateTime"])
    assert newest["solutionVersionArn"] == newer
    assert newest["creationDateTime"].tzinfo is not None


def test_campaigns_can_be_listed_by_solution_or_version(mock, version):
    campaign = a_campaign(mock, version)
    solution = version.rpartition("/")[0]
    other = a_solution(mock, client().list_dataset_groups()["datasetGroups"][0]["datasetGroupArn"], name="other")
    for arn, expected in ((version, [campaign]), (solution, [campaign]), (other, []), (f"{solution}/00000000", [])):
        campaigns = client().list_campaigns(solutionArn=arn)["campaigns"]
        assert [entry["campaignArn"] for entry in campaigns] == expected

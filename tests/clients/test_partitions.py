"""Selection of accounts, regions and partitions, and the ARNs in them."""

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.loaders import Loader
from builders import ACCOUNT, client, recipe, refusal

from personalize_mock import mock_personalize

OTHER = "111122223333"


def client_of(account, region="us-east-1", service="personalize"):
    """A client with the credentials of a role in an account."""
    sts = boto3.client("sts", region_name="us-east-1")
    role = sts.assume_role(RoleArn=f"arn:aws:iam::{account}:role/visitor", RoleSessionName="visit")["Credentials"]
    keys = {
        "aws_access_key_id": role["AccessKeyId"],
        "aws_secret_access_key": role["SecretAccessKey"],
        "aws_session_token": role["SessionToken"],
    }
    return client(service, region=region, **keys)


def groups(personalize):
    return [group["name"] for group in personalize.list_dataset_groups()["datasetGroups"]]


def test_a_name_may_be_used_in_every_account_and_region(mock):
    arns = {
        personalize.create_dataset_group(name="group")["datasetGroupArn"]
        for personalize in (client(), client(region="eu-west-1"), client_of(OTHER), client_of(OTHER, "eu-west-1"))
    }
    assert arns == {
        f"arn:aws:personalize:{region}:{account}:dataset-group/group"
        for region in ("us-east-1", "eu-west-1")
        for account in (ACCOUNT, OTHER)
    }


def test_quotas_apply_per_account_and_region():
    with mock_personalize(quotas={"active_dataset_groups": 1}):
        for personalize in (client(), client(region="eu-west-1"), client_of(OTHER)):
            personalize.create_dataset_group(name="first")
            code, _ = refusal(personalize.create_dataset_group, name="second")
            assert code == "LimitExceededException"


def test_all_roles_of_an_account_share_its_resources(mock):
    first, second = client_of(OTHER), client_of(OTHER)
    first.create_dataset_group(name="theirs")
    client().create_dataset_group(name="ours")
    assert (groups(first), groups(second), groups(client())) == (["theirs"], ["theirs"], ["ours"])


def test_only_roles_of_the_callers_account_can_be_passed(mock):
    key = f"arn:aws:kms:us-east-1:{OTHER}:key/1"
    request = {"name": "group", "kmsKeyArn": key}
    code, message = refusal(
        client_of(OTHER).create_dataset_group, roleArn=f"arn:aws:iam::{ACCOUNT}:role/PersonalizeRole", **request
    )
    assert (code, message) == ("AccessDeniedException", "Cross-account pass role is not allowed.")
    theirs = f"arn:aws:iam::{OTHER}:role/PersonalizeRole"
    arn = client_of(OTHER).create_dataset_group(roleArn=theirs, **request)["datasetGroupArn"]
    group = client_of(OTHER).describe_dataset_group(datasetGroupArn=arn)["datasetGroup"]
    assert (group["roleArn"], group["kmsKeyArn"]) == (theirs, key)


def test_a_tracker_has_the_account_of_its_creator(mock):
    theirs = client_of(OTHER)
    group = theirs.create_dataset_group(name="group")["datasetGroupArn"]
    mock.clock.jump(3600)
    tracker = theirs.create_event_tracker(name="tracker", datasetGroupArn=group)["eventTrackerArn"]
    assert theirs.describe_event_tracker(eventTrackerArn=tracker)["eventTracker"]["accountId"] == OTHER


def test_the_environment_may_set_the_account_of_all_clients(mock, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setenv("MOTO_ACCOUNT_ID", OTHER)
        arn = client().create_dataset_group(name="group")["datasetGroupArn"]
        assert arn.split(":")[4] == OTHER
        assert boto3.client("sts").get_caller_identity()["Account"] == OTHER
        assert groups(client()) == ["group"]
    assert groups(client()) == []
    assert groups(client_of(OTHER)) == ["group"]


@pytest.mark.parametrize(
    "partition", Loader().load_data("partitions")["partitions"], ids=lambda partition: partition["id"]
)
def test_the_partition_of_an_arn_is_that_of_its_region(mock, partition):
    for region in partition["regions"]:
        if not region.endswith("-global"):
            group = mock.call("CreateDatasetGroup", name="group", region=region)["datasetGroupArn"]
            assert group == f"arn:{partition['id']}:personalize:{region}:{ACCOUNT}:dataset-group/group"


def test_recipes_of_both_partitions_can_be_used_in_china(mock):
    china = client(region="cn-north-1")
    group = china.create_dataset_group(name="group")["datasetGroupArn"]
    mock.clock.jump(3600)
    for name in ("aws", "aws-cn"):
        arn = recipe("aws-semantic-similarity").replace("arn:aws:", f"arn:{name}:")  # needs no interactions
        solution = china.create_solution(name=name, datasetGroupArn=group, recipeArn=arn)["solutionArn"]
        assert solution == f"arn:aws-cn:personalize:cn-north-1:{ACCOUNT}:solution/{name}"


def test_recipes_have_arns_of_the_partition(mock):
    china = client(region="cn-north-1")
    listed = [entry for page in china.get_paginator("list_recipes").paginate() for entry in page["recipes"]]
    assert listed
    for entry in listed:
        assert entry["recipeArn"] == f"arn:aws-cn:personalize:::recipe/{entry['name']}"
        described = china.describe_recipe(recipeArn=entry["recipeArn"])["recipe"]
        assert {described.get(name, "arn:aws-cn:").split(":")[1] for name in ("recipeArn", "algorithmArn")} == {
            "aws-cn"
        }


GOVERNMENT = "us-gov-west-1"


def test_a_region_without_the_service_is_an_error_that_says_how_to_mock_it(mock):
    with pytest.raises(EndpointConnectionError, match=rf"{GOVERNMENT}\.amazonaws\.com.*MOTO_ALLOW_NONEXISTENT_REGION"):
        client(region=GOVERNMENT, unchecked=True).list_schemas()


def test_motos_environment_variable_mocks_the_service_in_every_region(mock, monkeypatch):
    monkeypatch.setenv("MOTO_ALLOW_NONEXISTENT_REGION", "true")
    government = client(region=GOVERNMENT)
    arn = government.create_dataset_group(name="group")["datasetGroupArn"]
    assert arn == f"arn:aws-us-gov:personalize:{GOVERNMENT}:{ACCOUNT}:dataset-group/group"
    assert (groups(government), groups(client())) == (["group"], [])
    code, _ = refusal(
        client("personalize-runtime", region=GOVERNMENT).get_recommendations,
        campaignArn=arn.replace("dataset-group", "campaign"),
    )
    assert code in {"InvalidInputException", "ResourceNotFoundException"}

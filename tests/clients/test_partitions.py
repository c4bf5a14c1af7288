"""Accounts, regions and partitions: how they are chosen, and what the ARNs in them look like."""

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.loaders import Loader
from builders import ACCOUNT, client, recipe, refusal

from personalize_mock import mock_personalize

OTHER = "111122223333"


def assumed(account, region="us-east-1", service="personalize"):
    """A client of a role of another account."""
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


def test_the_same_name_may_be_given_in_every_account_and_region(mock):
    arns = {
        personalize.create_dataset_group(name="group")["datasetGroupArn"]
        for personalize in (client(), client(region="eu-west-1"), assumed(OTHER), assumed(OTHER, "eu-west-1"))
    }
    assert arns == {
        f"arn:aws:personalize:{region}:{account}:dataset-group/group"
        for region in ("us-east-1", "eu-west-1")
        for account in (ACCOUNT, OTHER)
    }


def test_quotas_are_of_an_account_in_a_region():
    with mock_personalize(quotas={"active_dataset_groups": 1}):
        for personalize in (client(), client(region="eu-west-1"), assumed(OTHER)):
            personalize.create_dataset_group(name="first")
            code, _ = refusal(personalize.create_dataset_group, name="second")
            assert code == "LimitExceededException"


def test_an_assumed_role_sees_what_is_its_accounts(mock):
    visitor, native = assumed(OTHER), assumed(OTHER)
    visitor.create_dataset_group(name="theirs")
    client().create_dataset_group(name="ours")
    assert (groups(visitor), groups(native), groups(client())) == (["theirs"], ["theirs"], ["ours"])


def test_a_role_of_the_assumed_account_may_be_passed_and_one_of_the_first_may_not(mock):
    key = f"arn:aws:kms:us-east-1:{OTHER}:key/1"
    request = {"name": "group", "kmsKeyArn": key}
    code, message = refusal(
        assumed(OTHER).create_dataset_group, roleArn=f"arn:aws:iam::{ACCOUNT}:role/PersonalizeRole", **request
    )
    assert (code, message) == ("AccessDeniedException", "Cross-account pass role is not allowed.")
    theirs = f"arn:aws:iam::{OTHER}:role/PersonalizeRole"
    arn = assumed(OTHER).create_dataset_group(roleArn=theirs, **request)["datasetGroupArn"]
    group = assumed(OTHER).describe_dataset_group(datasetGroupArn=arn)["datasetGroup"]
    assert (group["roleArn"], group["kmsKeyArn"]) == (theirs, key)


def test_a_tracker_says_whose_it_is(mock):
    theirs = assumed(OTHER)
    group = theirs.create_dataset_group(name="group")["datasetGroupArn"]
    mock.clock.jump(3600)
    tracker = theirs.create_event_tracker(name="tracker", datasetGroupArn=group)["eventTrackerArn"]
    assert theirs.describe_event_tracker(eventTrackerArn=tracker)["eventTracker"]["accountId"] == OTHER


def test_the_environment_names_the_account_of_all_clients_while_it_does(mock, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setenv("MOTO_ACCOUNT_ID", OTHER)
        arn = client().create_dataset_group(name="group")["datasetGroupArn"]
        assert arn.split(":")[4] == OTHER
        assert boto3.client("sts").get_caller_identity()["Account"] == OTHER
        assert groups(client()) == ["group"]
    assert groups(client()) == []
    assert groups(assumed(OTHER)) == ["group"]


@pytest.mark.parametrize("partition", Loader().load_data("partitions")["partitions"], ids=lambda each: each["id"])
def test_an_arn_is_of_its_regions_partition(mock, partition):
    for region in partition["regions"]:
        if not region.endswith("-global"):
            group = mock.call("CreateDatasetGroup", name="group", region=region)["datasetGroupArn"]
            assert group == f"arn:{partition['id']}:personalize:{region}:{ACCOUNT}:dataset-group/group"


def test_everything_of_china_is_of_its_partition(mock):
    china = client(region="cn-north-1")
    group = china.create_dataset_group(name="group")["datasetGroupArn"]
    mock.clock.jump(3600)
    for name in ("aws", "aws-cn"):
        arn = recipe("aws-sims").replace("arn:aws:", f"arn:{name}:")
        solution = china.create_solution(name=name, datasetGroupArn=group, recipeArn=arn)["solutionArn"]
        assert solution == f"arn:aws-cn:personalize:cn-north-1:{ACCOUNT}:solution/{name}"


def test_recipes_are_listed_with_the_arns_of_their_partition(mock):
    china = client(region="cn-north-1")
    listed = [entry for page in china.get_paginator("list_recipes").paginate() for entry in page["recipes"]]
    assert listed
    for entry in listed:
        assert entry["recipeArn"] == f"arn:aws-cn:personalize:::recipe/{entry['name']}"
        shown = china.describe_recipe(recipeArn=entry["recipeArn"])["recipe"]
        assert {shown.get(name, "arn:aws-cn:").split(":")[1] for name in ("recipeArn", "algorithmArn")} == {"aws-cn"}


GOVERNMENT = "us-gov-west-1"


def test_a_region_that_botocore_does_not_list_has_no_host_and_the_error_says_how_to_have_one(mock):
    with pytest.raises(EndpointConnectionError, match=rf"{GOVERNMENT}\.amazonaws\.com.*MOTO_ALLOW_NONEXISTENT_REGION"):
        client(region=GOVERNMENT, unchecked=True).list_schemas()


def test_motos_own_switch_mocks_the_service_in_every_region(mock, monkeypatch):
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

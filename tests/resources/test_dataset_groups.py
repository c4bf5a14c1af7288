from datetime import timedelta
from functools import partial

import pytest
from builders import (
    ACCOUNT,
    ROLE,
    a_dataset,
    a_dataset_group,
    a_schema,
    a_solution,
    client,
    polled_statuses,
    refusal,
    settle,
)

ARN = f"arn:aws:personalize:us-east-1:{ACCOUNT}:dataset-group"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234"


def describe(arn):
    return client().describe_dataset_group(datasetGroupArn=arn)["datasetGroup"]


def test_creating_a_custom_group_returns_only_the_arn(mock):
    answer = client().create_dataset_group(name="shop")
    answer.pop("ResponseMetadata")
    assert answer == {"datasetGroupArn": f"{ARN}/shop"}


def test_creating_a_domain_group_returns_the_domain_too(mock):
    answer = client().create_dataset_group(name="shop", domain="ECOMMERCE")
    assert answer["domain"] == "ECOMMERCE"
    assert describe(answer["datasetGroupArn"])["domain"] == "ECOMMERCE"


def test_a_group_goes_from_pending_through_in_progress_to_active(mock):
    arn = client().create_dataset_group(name="shop")["datasetGroupArn"]
    statuses = polled_statuses(client().describe_dataset_group, datasetGroupArn=arn)
    assert statuses == ["CREATE PENDING", "CREATE IN_PROGRESS", "ACTIVE"]


def test_the_last_update_equals_the_creation_until_the_group_changes_its_status(mock):
    arn = client().create_dataset_group(name="shop")["datasetGroupArn"]
    group = describe(arn)
    assert list(group) == ["name", "datasetGroupArn", "status", "creationDateTime", "lastUpdatedDateTime"]
    assert group["creationDateTime"] == group["lastUpdatedDateTime"]
    settle(mock, arn)
    later = describe(arn)
    assert later["creationDateTime"] == group["creationDateTime"]
    assert later["lastUpdatedDateTime"] - later["creationDateTime"] == timedelta(seconds=28)
    mock.clock.jump(1000)
    assert describe(arn) == later


def test_describe_shows_the_key_and_its_role(mock):
    group = describe(a_dataset_group(mock, roleArn=ROLE, kmsKeyArn=KEY))
    assert (group["roleArn"], group["kmsKeyArn"]) == (ROLE, KEY)


@pytest.mark.parametrize("half", [{"roleArn": ROLE}, {"kmsKeyArn": KEY}])
def test_a_key_needs_a_role_and_a_role_a_key(mock, half):
    assert refusal(client().create_dataset_group, name="shop", **half)[0] == "InvalidInputException"


def test_a_role_of_another_account_cannot_be_passed(mock):
    role = "arn:aws:iam::999999999999:role/theirs"
    code, message = refusal(client().create_dataset_group, name="shop", roleArn=role, kmsKeyArn=KEY)
    assert (code, message) == ("AccessDeniedException", "Cross-account pass role is not allowed.")


def test_the_name_of_a_group_is_unique(mock):
    arn = a_dataset_group(mock, "shop")
    code, message = refusal(client().create_dataset_group, name="shop")
    assert (code, message) == ("ResourceAlreadyExistsException", f"Another resource with Arn {arn} already exists.")


def test_the_sixth_group_is_rejected_until_one_is_deleted(mock):
    groups = [a_dataset_group(mock, f"group-{number}") for number in range(5)]
    code, message = refusal(client().create_dataset_group, name="group-5")
    assert code == "LimitExceededException"
    assert message == "More than 5 resources in ACTIVE state. Please delete some and try again."
    assert len(client().list_dataset_groups()["datasetGroups"]) == 5
    client().delete_dataset_group(datasetGroupArn=groups[0])
    settle(mock, groups[0])
    client().create_dataset_group(name="group-5")


def test_an_unknown_group_is_not_found(mock):
    expected = ("ResourceNotFoundException", f"The given dataset group does not exist: {ARN}/none")
    assert refusal(client().describe_dataset_group, datasetGroupArn=f"{ARN}/none") == expected
    assert refusal(client().delete_dataset_group, datasetGroupArn=f"{ARN}/none") == expected


def test_deleting_a_group_goes_through_pending_and_in_progress(mock):
    arn = a_dataset_group(mock)
    client().delete_dataset_group(datasetGroupArn=arn)
    statuses = polled_statuses(client().describe_dataset_group, datasetGroupArn=arn)
    assert statuses == ["DELETE PENDING", "DELETE IN_PROGRESS", ""]


def test_a_group_cannot_be_deleted_while_its_status_is_moving(mock):
    arn = client().create_dataset_group(name="shop")["datasetGroupArn"]
    assert refusal(client().delete_dataset_group, datasetGroupArn=arn)[0] == "ResourceInUseException"
    settle(mock, arn)
    client().delete_dataset_group(datasetGroupArn=arn)
    assert refusal(client().delete_dataset_group, datasetGroupArn=arn)[0] == "ResourceInUseException"


A_SOLUTION = partial(a_solution, recipe_name="aws-semantic-similarity")  # needs no interactions


@pytest.mark.parametrize("make", [a_dataset, A_SOLUTION], ids=["dataset", "solution"])
def test_a_group_that_is_not_empty_cannot_be_deleted(mock, make):
    arn = a_dataset_group(mock)
    make(mock, arn)
    assert refusal(client().delete_dataset_group, datasetGroupArn=arn)[0] == "ResourceInUseException"
    assert describe(arn)["status"] == "ACTIVE"


def test_nothing_can_be_created_in_a_group_that_is_not_active(mock):
    group = client().create_dataset_group(name="shop")["datasetGroupArn"]
    dataset = {"name": "data", "datasetType": "Interactions", "datasetGroupArn": group, "schemaArn": a_schema(mock)}
    solution = {"name": "s", "datasetGroupArn": group, "recipeArn": "arn:aws:personalize:::recipe/aws-popularity-count"}
    for create, members in ((client().create_dataset, dataset), (client().create_solution, solution)):
        assert refusal(create, **members)[0] == "ResourceInUseException"


def test_groups_are_listed_in_order_of_creation(mock):
    for name in ("second", "first"):
        a_dataset_group(mock, name, **({"domain": "VIDEO_ON_DEMAND"} if name == "first" else {}))
    second, first = client().list_dataset_groups()["datasetGroups"]
    assert list(second) == ["name", "datasetGroupArn", "status", "creationDateTime", "lastUpdatedDateTime"]
    assert (second["name"], first["name"], first["domain"]) == ("second", "first", "VIDEO_ON_DEMAND")


def test_a_group_created_again_starts_pending(mock):
    arn = a_dataset_group(mock, "shop")
    client().delete_dataset_group(datasetGroupArn=arn)
    assert polled_statuses(client().describe_dataset_group, datasetGroupArn=arn)[-1] == ""
    client().create_dataset_group(name="shop")
    assert polled_statuses(client().describe_dataset_group, datasetGroupArn=arn)[0] == "CREATE PENDING"

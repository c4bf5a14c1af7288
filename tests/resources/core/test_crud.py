"""Page tokens of list operations."""

import base64

import builders
import pytest
from botocore.exceptions import ClientError

from personalize_mock import MockPersonalize


def create_schemas(mock: MockPersonalize, count: int = 5) -> list[str]:
    return [builders.a_schema(mock, name=f"schema-{number}") for number in range(count)]


def arns(page: dict) -> list[str]:
    return [entry["schemaArn"] for entry in page["schemas"]]


def check_invalid_token(mock: MockPersonalize, operation: str, **members: object) -> None:
    with pytest.raises(ClientError, match=r"The token is not valid\.") as raised:
        mock.call(operation, **members)
    assert raised.value.response["Error"]["Code"] == "InvalidNextTokenException"


def test_the_pages_together_are_the_list(mock: MockPersonalize):
    created = create_schemas(mock)
    pages = list(builders.client().get_paginator("list_schemas").paginate(PaginationConfig={"PageSize": 2}))

    assert [len(page["schemas"]) for page in pages] == [2, 2, 1]
    assert [arn for page in pages for arn in arns(page)] == created


def test_a_deeply_nested_token_is_rejected(mock: MockPersonalize):
    token = base64.urlsafe_b64encode(b"[" * 1100).decode()

    check_invalid_token(mock, "ListSchemas", nextToken=token)


def test_the_last_page_has_no_token(mock: MockPersonalize):
    create_schemas(mock, 2)

    assert "nextToken" not in mock.call("ListSchemas", maxResults=2)
    assert "nextToken" in mock.call("ListSchemas", maxResults=1)


def test_a_page_has_100_entries_by_default(mock: MockPersonalize):
    create_schemas(mock, 101)

    assert len(mock.call("ListSchemas")["schemas"]) == 100


def test_deleting_resources_between_pages_skips_no_entry(mock: MockPersonalize):
    created = create_schemas(mock)
    first = mock.call("ListSchemas", maxResults=2)
    for arn in (created[0], created[1], created[3]):
        mock.call("DeleteSchema", schemaArn=arn)

    rest = mock.call("ListSchemas", maxResults=2, nextToken=first["nextToken"])

    assert arns(rest) == [created[2], created[4]]


def test_resources_created_between_pages_are_on_the_next_page(mock: MockPersonalize):
    created = create_schemas(mock, 3)
    first = mock.call("ListSchemas", maxResults=2)
    new = builders.a_schema(mock, name="new")

    assert arns(mock.call("ListSchemas", nextToken=first["nextToken"])) == [created[2], new]


def test_reading_all_pages_of_a_list_once_does_not_move_the_clock(mock: MockPersonalize):
    created = [mock.call("CreateDatasetGroup", name=name)["datasetGroupArn"] for name in "abc"]
    now = mock.clock.now()

    pages = list(builders.client().get_paginator("list_dataset_groups").paginate(PaginationConfig={"PageSize": 1}))

    statuses = [(group["datasetGroupArn"], group["status"]) for page in pages for group in page["datasetGroups"]]
    assert statuses == [(arn, "CREATE PENDING") for arn in created]
    assert mock.clock.now() == now


def test_reading_the_same_page_again_waits_for_the_resources_on_it(mock: MockPersonalize):
    for name in "abc":
        mock.call("CreateDatasetGroup", name=name)
    token = mock.call("ListDatasetGroups", maxResults=1)["nextToken"]

    pages = [mock.call("ListDatasetGroups", maxResults=1, nextToken=token) for _ in range(3)]

    assert [page["datasetGroups"][0]["status"] for page in pages] == ["CREATE PENDING", "CREATE IN_PROGRESS", "ACTIVE"]


def test_the_page_size_may_change_between_pages(mock: MockPersonalize):
    created = create_schemas(mock)
    token = mock.call("ListSchemas", maxResults=1)["nextToken"]

    assert arns(mock.call("ListSchemas", maxResults=3, nextToken=token)) == created[1:4]


def test_a_token_can_be_used_again(mock: MockPersonalize):
    create_schemas(mock)
    token = mock.call("ListSchemas", maxResults=1)["nextToken"]

    assert mock.call("ListSchemas", nextToken=token) == mock.call("ListSchemas", nextToken=token)


def test_a_token_is_opaque(mock: MockPersonalize):
    create_schemas(mock)
    token = mock.call("ListSchemas", maxResults=1)["nextToken"]

    assert token.isascii()
    assert "schema" not in token


@pytest.mark.parametrize(
    "token", ["", "x", "W10=", "bnVsbA==", "e30=", "WzEsMl0=", "WyJhIiwgdHJ1ZV0=", "====", "a" * 1300]
)
def test_an_invented_token_is_rejected(mock: MockPersonalize, token: str):
    check_invalid_token(mock, "ListSchemas", nextToken=token)


def test_a_token_of_another_list_is_rejected(mock: MockPersonalize):
    create_schemas(mock)
    token = mock.call("ListSchemas", maxResults=1)["nextToken"]

    check_invalid_token(mock, "ListDatasetGroups", nextToken=token)


def test_a_token_of_a_list_with_another_filter_is_rejected(mock: MockPersonalize):
    groups = [builders.a_dataset_group(mock, name) for name in ("a", "b")]
    for dataset_type in ("Interactions", "Items"):
        builders.a_dataset(mock, groups[0], dataset_type)
    token = mock.call("ListDatasets", datasetGroupArn=groups[0], maxResults=1)["nextToken"]

    check_invalid_token(mock, "ListDatasets", datasetGroupArn=groups[1], nextToken=token)
    check_invalid_token(mock, "ListDatasets", nextToken=token)


@pytest.mark.parametrize("location", [{"account": "111122223333"}, {"region": "eu-west-1"}])
def test_a_token_of_another_account_or_region_is_rejected(mock: MockPersonalize, location: dict[str, str]):
    create_schemas(mock)
    token = mock.call("ListSchemas", maxResults=1)["nextToken"]

    check_invalid_token(mock, "ListSchemas", nextToken=token, **location)


def test_recipes_are_paged_and_sorted_by_name(mock: MockPersonalize):
    pages = list(builders.client().get_paginator("list_recipes").paginate())
    names = [entry["name"] for page in pages for entry in page["recipes"]]

    assert len(pages[0]["recipes"]) == 12
    assert names == sorted(names)
    assert names == [entry["name"] for entry in mock.call("ListRecipes", maxResults=100)["recipes"]]

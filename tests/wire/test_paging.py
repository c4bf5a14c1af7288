"""Page tokens: opaque, bound to their list, and steady while resources come and go."""

import base64

import builders
import pytest
from botocore.exceptions import ClientError

from personalize_mock import MockPersonalize


def schemas(mock: MockPersonalize, count: int = 5) -> list[str]:
    return [builders.a_schema(mock, name=f"schema-{number}") for number in range(count)]


def arns(page: dict) -> list[str]:
    return [entry["schemaArn"] for entry in page["schemas"]]


def refused(mock: MockPersonalize, operation: str, **members: object) -> bool:
    with pytest.raises(ClientError, match=r"The token is not valid\.") as error:
        mock.call(operation, **members)
    return error.value.response["Error"]["Code"] == "InvalidNextTokenException"


def test_pages_make_up_the_list(mock: MockPersonalize):
    made = schemas(mock)
    pages = list(builders.client().get_paginator("list_schemas").paginate(PaginationConfig={"PageSize": 2}))

    assert [len(page["schemas"]) for page in pages] == [2, 2, 1]
    assert [arn for page in pages for arn in arns(page)] == made


def test_a_token_that_is_nothing_but_brackets_is_refused(mock: MockPersonalize):
    token = base64.urlsafe_b64encode(b"[" * 1100).decode()

    assert refused(mock, "ListSchemas", nextToken=token)


def test_the_last_page_has_no_token(mock: MockPersonalize):
    schemas(mock, 2)

    assert "nextToken" not in mock.call("ListSchemas", maxResults=2)
    assert "nextToken" in mock.call("ListSchemas", maxResults=1)


def test_a_page_holds_100_unless_asked_otherwise(mock: MockPersonalize):
    schemas(mock, 101)

    assert len(mock.call("ListSchemas")["schemas"]) == 100


def test_pages_stay_whole_while_resources_are_deleted(mock: MockPersonalize):
    made = schemas(mock)
    first = mock.call("ListSchemas", maxResults=2)
    for arn in (made[0], made[1], made[3]):
        mock.call("DeleteSchema", schemaArn=arn)

    rest = mock.call("ListSchemas", maxResults=2, nextToken=first["nextToken"])

    assert arns(rest) == [made[2], made[4]]


def test_pages_stay_whole_while_resources_are_made(mock: MockPersonalize):
    made = schemas(mock, 3)
    first = mock.call("ListSchemas", maxResults=2)
    new = builders.a_schema(mock, name="new")

    assert arns(mock.call("ListSchemas", nextToken=first["nextToken"])) == [made[2], new]


def test_the_size_of_a_page_may_change_on_the_way(mock: MockPersonalize):
    made = schemas(mock)
    token = mock.call("ListSchemas", maxResults=1)["nextToken"]

    assert arns(mock.call("ListSchemas", maxResults=3, nextToken=token)) == made[1:4]


def test_a_token_can_be_used_again(mock: MockPersonalize):
    schemas(mock)
    token = mock.call("ListSchemas", maxResults=1)["nextToken"]

    assert mock.call("ListSchemas", nextToken=token) == mock.call("ListSchemas", nextToken=token)


def test_a_token_shows_nothing_of_what_it_holds(mock: MockPersonalize):
    schemas(mock)
    token = mock.call("ListSchemas", maxResults=1)["nextToken"]

    assert token.isascii()
    assert "schema" not in token


@pytest.mark.parametrize(
    "token", ["", "x", "W10=", "bnVsbA==", "e30=", "WzEsMl0=", "WyJhIiwgdHJ1ZV0=", "====", "a" * 1300]
)
def test_a_made_up_token_is_refused(mock: MockPersonalize, token: str):
    assert refused(mock, "ListSchemas", nextToken=token)


def test_a_token_of_another_list_is_refused(mock: MockPersonalize):
    schemas(mock)
    token = mock.call("ListSchemas", maxResults=1)["nextToken"]

    assert refused(mock, "ListDatasetGroups", nextToken=token)


def test_a_token_of_another_filter_is_refused(mock: MockPersonalize):
    groups = [builders.a_dataset_group(mock, name) for name in ("a", "b")]
    for kind in ("Interactions", "Items"):
        builders.a_dataset(mock, groups[0], kind)
    token = mock.call("ListDatasets", datasetGroupArn=groups[0], maxResults=1)["nextToken"]

    assert refused(mock, "ListDatasets", datasetGroupArn=groups[1], nextToken=token)
    assert refused(mock, "ListDatasets", nextToken=token)


@pytest.mark.parametrize("place", [{"account": "111122223333"}, {"region": "eu-west-1"}])
def test_a_token_of_another_account_or_region_is_refused(mock: MockPersonalize, place: dict[str, str]):
    schemas(mock)
    token = mock.call("ListSchemas", maxResults=1)["nextToken"]

    assert refused(mock, "ListSchemas", nextToken=token, **place)


def test_tokens_and_pages_of_recipes(mock: MockPersonalize):
    pages = list(builders.client().get_paginator("list_recipes").paginate())
    names = [entry["name"] for page in pages for entry in page["recipes"]]

    assert len(pages[0]["recipes"]) == 12
    assert names == sorted(names)
    assert names == [entry["name"] for entry in mock.call("ListRecipes", maxResults=100)["recipes"]]

"""Our resources in moto's Resource Groups Tagging API."""

import boto3
import pytest
from builders import ACCOUNT, a_dataset_group, a_schema, client

from personalize_mock import mock_personalize

pytest.importorskip("moto.core.resource_tagging", reason="this moto takes no further services")

GROUP = f"arn:aws:personalize:us-east-1:{ACCOUNT}:dataset-group"


def tagging(region="us-east-1"):
    return boto3.client("resourcegroupstaggingapi", region_name=region)


def found(**members):
    return {each["ResourceARN"]: each["Tags"] for each in tagging().get_resources(**members)["ResourceTagMappingList"]}


@pytest.fixture
def groups(mock):
    """Two groups with tags and one without."""
    for name, team in (("one", "films"), ("two", "books")):
        client().create_dataset_group(name=name, tags=[{"tagKey": "team", "tagValue": team}])
    a_dataset_group(mock, "plain")


def test_what_is_tagged_is_found(groups):
    assert found() == {
        f"{GROUP}/one": [{"Key": "team", "Value": "films"}],
        f"{GROUP}/two": [{"Key": "team", "Value": "books"}],
    }


def test_tags_and_types_filter(groups):
    assert list(found(TagFilters=[{"Key": "team", "Values": ["books"]}])) == [f"{GROUP}/two"]
    for kind, count in (("personalize", 2), ("personalize:dataset-group", 2), ("personalize:schema", 0), ("s3", 0)):
        assert len(found(ResourceTypeFilters=[kind])) == count


def test_keys_and_values_are_listed(groups):
    assert set(tagging().get_tag_keys()["TagKeys"]) == {"team"}
    assert tagging().get_tag_values(Key="team")["TagValues"] == ["films", "books"]


def test_tags_are_put_on_and_taken_off(mock, groups):
    schema, nobody = a_schema(mock), f"{GROUP}/nobody"
    failed = tagging().tag_resources(ResourceARNList=[schema, nobody], Tags={"team": "films"})["FailedResourcesMap"]
    assert list(failed) == [nobody]
    tagging().untag_resources(ResourceARNList=[f"{GROUP}/one"], TagKeys=["team"])
    assert list(found(TagFilters=[{"Key": "team", "Values": ["films"]}])) == [schema]
    assert client().list_tags_for_resource(resourceArn=schema)["tags"] == [{"tagKey": "team", "tagValue": "films"}]


def test_regions_and_other_services_are_kept_apart(groups):
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="tagged")
    s3.put_bucket_tagging(Bucket="tagged", Tagging={"TagSet": [{"Key": "team", "Value": "films"}]})
    assert len(found()) == 3
    assert not any("personalize" in arn for arn in map(str, tagging("eu-west-1").get_resources().values()))


def test_leaving_ends_it():
    from moto.resourcegroupstaggingapi import models

    before = models.iter_taggable_backends
    with mock_personalize():
        tagging().get_resources()
        assert models.iter_taggable_backends is not before
    assert models.iter_taggable_backends is before

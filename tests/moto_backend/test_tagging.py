"""Our resources in moto's Resource Groups Tagging API."""

import boto3
import pytest
from builders import ACCOUNT, a_dataset_group, a_schema, client

from personalize_mock import mock_personalize

pytest.importorskip("moto.core.resource_tagging", reason="this version of moto has a fixed list of services")

GROUP = f"arn:aws:personalize:us-east-1:{ACCOUNT}:dataset-group"


def tagging(region="us-east-1"):
    return boto3.client("resourcegroupstaggingapi", region_name=region)


def tags_by_arn(**members):
    resources = tagging().get_resources(**members)["ResourceTagMappingList"]
    return {resource["ResourceARN"]: resource["Tags"] for resource in resources}


@pytest.fixture
def groups(mock):
    """Two dataset groups with tags and one without."""
    for name, team in (("one", "films"), ("two", "books")):
        client().create_dataset_group(name=name, tags=[{"tagKey": "team", "tagValue": team}])
    a_dataset_group(mock, "plain")


def test_tagged_resources_are_found(groups):
    assert tags_by_arn() == {
        f"{GROUP}/one": [{"Key": "team", "Value": "films"}],
        f"{GROUP}/two": [{"Key": "team", "Value": "books"}],
    }


def test_resources_are_filtered_by_tag_and_type(groups):
    assert list(tags_by_arn(TagFilters=[{"Key": "team", "Values": ["books"]}])) == [f"{GROUP}/two"]
    for resource_type, count in (
        ("personalize", 2),
        ("personalize:dataset-group", 2),
        ("personalize:schema", 0),
        ("s3", 0),
    ):
        assert len(tags_by_arn(ResourceTypeFilters=[resource_type])) == count


def test_tag_keys_and_values_are_listed(groups):
    assert set(tagging().get_tag_keys()["TagKeys"]) == {"team"}
    assert tagging().get_tag_values(Key="team")["TagValues"] == ["films", "books"]


def test_tags_are_added_and_removed(mock, groups):
    schema, missing = a_schema(mock), f"{GROUP}/missing"
    failed = tagging().tag_resources(ResourceARNList=[schema, missing], Tags={"team": "films"})["FailedResourcesMap"]
    assert list(failed) == [missing]
    tagging().untag_resources(ResourceARNList=[f"{GROUP}/one"], TagKeys=["team"])
    assert list(tags_by_arn(TagFilters=[{"Key": "team", "Values": ["films"]}])) == [schema]
    assert client().list_tags_for_resource(resourceArn=schema)["tags"] == [{"tagKey": "team", "tagValue": "films"}]


def test_resources_of_other_regions_and_services_are_separate(groups):
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="tagged")
    s3.put_bucket_tagging(Bucket="tagged", Tagging={"TagSet": [{"Key": "team", "Value": "films"}]})
    assert len(tags_by_arn()) == 3
    assert not any("personalize" in arn for arn in map(str, tagging("eu-west-1").get_resources().values()))


def test_stopping_restores_the_backends_of_moto():
    from moto.resourcegroupstaggingapi import models

    before = models.iter_taggable_backends
    with mock_personalize():
        tagging().get_resources()
        assert models.iter_taggable_backends is not before
    assert models.iter_taggable_backends is before

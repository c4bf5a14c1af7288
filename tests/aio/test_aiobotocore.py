"""Clients of aiobotocore and aioboto3 in the process of a mock. The tests need the extra `aio`."""

import asyncio
import io
import json
from datetime import datetime, timezone

import boto3
import pytest
from builders import ROLE, avro_schema, interactions_csv

from personalize_mock import mock_personalize

session = pytest.importorskip("aiobotocore.session")

CREDENTIALS = {"region_name": "us-east-1", "aws_access_key_id": "key", "aws_secret_access_key": "secret"}
V2 = "arn:aws:personalize:::recipe/aws-user-personalization-v2"


def client(service):
    return session.get_session().create_client(service, **CREDENTIALS)


async def active(describe, member, **arn):
    while (resource := (await describe(**arn))[member])["status"] != "ACTIVE":
        assert resource["status"] in ("CREATE PENDING", "CREATE IN_PROGRESS"), resource
        await asyncio.sleep(60)


async def campaign_from_csv():
    """Upload a file, import it, train and deploy, all with asynchronous clients. Return the campaign's ARN."""
    async with client("s3") as s3:
        await s3.create_bucket(Bucket="data")
        await s3.put_object(Bucket="data", Key="interactions.csv", Body=interactions_csv().encode())
    async with client("personalize") as personalize:
        group = (await personalize.create_dataset_group(name="shop"))["datasetGroupArn"]
        await active(personalize.describe_dataset_group, "datasetGroup", datasetGroupArn=group)
        schema = (await personalize.create_schema(name="shop", schema=avro_schema()))["schemaArn"]
        dataset = await personalize.create_dataset(
            name="shop", datasetGroupArn=group, datasetType="Interactions", schemaArn=schema
        )
        await active(personalize.describe_dataset, "dataset", datasetArn=dataset["datasetArn"])
        job = await personalize.create_dataset_import_job(
            jobName="shop",
            datasetArn=dataset["datasetArn"],
            dataSource={"dataLocation": "s3://data/interactions.csv"},
            roleArn=ROLE,
        )
        await active(personalize.describe_dataset_import_job, "datasetImportJob", **job_arn(job))
        solution = await personalize.create_solution(
            name="shop", datasetGroupArn=group, recipeArn=V2, performAutoTraining=False
        )
        version = (await personalize.create_solution_version(solutionArn=solution["solutionArn"]))["solutionVersionArn"]
        await active(personalize.describe_solution_version, "solutionVersion", solutionVersionArn=version)
        campaign = (await personalize.create_campaign(name="shop", solutionVersionArn=version))["campaignArn"]
        await active(personalize.describe_campaign, "campaign", campaignArn=campaign)
        return campaign


def job_arn(response):
    return {"datasetImportJobArn": response["datasetImportJobArn"]}


def test_an_asynchronous_client_goes_from_a_file_to_recommendations_in_simulated_time():
    async def main():
        campaign = await campaign_from_csv()
        async with client("personalize-runtime") as runtime:
            return await runtime.get_recommendations(campaignArn=campaign, userId="u1", numResults=5)

    with mock_personalize(clock="2024-05-01") as mock:
        answer = asyncio.run(main())
        assert len(answer["itemList"]) == 5
        assert mock.clock.now() > datetime(2024, 5, 1, 0, 50, tzinfo=timezone.utc)  # the jobs take that long


def test_answers_equal_those_of_boto3():
    with mock_personalize() as mock:
        arn = mock.load().campaign_arn

        async def main():
            async with client("personalize-runtime") as runtime:
                return await runtime.get_recommendations(campaignArn=arn, userId="ada")

        sync = boto3.client("personalize-runtime").get_recommendations(campaignArn=arn, userId="ada")
        assert asyncio.run(main())["itemList"] == sync["itemList"]


def test_many_tasks_call_at_the_same_time():
    async def main(arn):
        async with client("personalize-runtime") as runtime:
            calls = (runtime.get_recommendations(campaignArn=arn, userId=str(user)) for user in range(50))
            return await asyncio.gather(*calls)

    with mock_personalize() as mock:
        answers = asyncio.run(main(mock.load().campaign_arn))
        assert len({answer["recommendationId"] for answer in answers}) == 50
        mock.calls("GetRecommendations").assert_call_count(50)


def test_errors_have_the_classes_of_the_client():
    async def main():
        async with client("personalize") as personalize:
            with pytest.raises(personalize.exceptions.ResourceNotFoundException):
                await personalize.describe_schema(schemaArn="arn:aws:personalize:us-east-1:123456789012:schema/none")

    with mock_personalize():
        asyncio.run(main())


def test_a_throttled_call_is_retried():
    async def main():
        async with client("personalize") as personalize:
            return await personalize.list_schemas()

    with mock_personalize() as mock:
        mock.on("ListSchemas").raises("ThrottlingException", times=2)
        assert asyncio.run(main())["schemas"] == []
        mock.calls("ListSchemas").assert_call_count(3)


def test_paginators_and_events_work():
    async def main():
        async with client("personalize") as personalize:
            pages = [page async for page in personalize.get_paginator("list_schemas").paginate()]
        async with client("personalize-events") as events:
            await events.put_events(
                trackingId=tracking_id,
                sessionId="s",
                userId="ada",
                eventList=[{"eventType": "watch", "itemId": "alien", "sentAt": mock.clock.now()}],
            )
        return [schema["name"] for page in pages for schema in page["schemas"]]

    with mock_personalize() as mock:
        tracking_id = mock.load().tracking_id
        assert len(asyncio.run(main())) == 3
        mock.calls("PutEvents", userId="ada").assert_called_once()


def test_bodies_of_objects_in_s3_are_read_at_once_and_in_chunks():
    async def main():
        async with client("s3") as s3:
            await s3.create_bucket(Bucket="data")
            await s3.put_object(Bucket="data", Key="file", Body=io.BytesIO(b"hello"))
            whole = await s3.get_object(Bucket="data", Key="file")
            async with whole["Body"] as body:
                assert await body.read() == b"hello"
            parts = await s3.get_object(Bucket="data", Key="file")
            assert [part async for part in parts["Body"].iter_chunks(2)] == [b"he", b"ll", b"o"]

    with mock_personalize():
        asyncio.run(main())
        assert boto3.client("s3").get_object(Bucket="data", Key="file")["Body"].read() == b"hello"


def test_a_client_made_before_the_mock_is_answered():
    async def main():
        async with client("personalize") as personalize:
            with mock_personalize():
                return await personalize.list_schemas()

    assert asyncio.run(main())["schemas"] == []


def test_aiobotocore_is_restored_after_the_mock():
    from aiobotocore.endpoint import AioEndpoint
    from moto.core import botocore_stubber

    def patched():
        return AioEndpoint._send, botocore_stubber.AWSResponse, botocore_stubber.MockRawResponse

    before = patched()
    with mock_personalize():
        assert patched() != before
    assert patched() == before


def test_clients_and_resources_of_aioboto3_are_answered():
    aioboto3 = pytest.importorskip("aioboto3")

    async def main():
        aio = aioboto3.Session(**CREDENTIALS)
        async with aio.resource("s3") as s3:
            bucket = await s3.create_bucket(Bucket="data")
            await bucket.upload_fileobj(io.BytesIO(b"hello"), "file")
            target = io.BytesIO()
            await bucket.download_fileobj("file", target)
            assert target.getvalue() == b"hello"
        async with aio.client("personalize") as personalize:
            return await personalize.create_schema(name="shop", schema=avro_schema())

    with mock_personalize() as mock:
        asyncio.run(main())
        assert json.loads(mock.calls("CreateSchema").last.params["schema"])["name"] == "Interactions"

"""Recordings of asynchronous clients. The tests need the extra `aio`."""

import asyncio
import io

import pytest
from recording.recordings import entries

from personalize_mock.recording import record

session = pytest.importorskip("aiobotocore.session")


async def calls(service):
    async with session.get_session().create_client(service, region_name="us-east-1") as client:
        await client.create_dataset_group(name="shop")
        with pytest.raises(client.exceptions.ResourceNotFoundException):
            await client.delete_dataset_group(datasetGroupArn="arn:aws:personalize:us-east-1:1:dataset-group/no")


def test_calls_of_asynchronous_clients_are_recorded_with_answers_and_errors(mock):
    with record(file := io.StringIO()):
        asyncio.run(calls("personalize"))
    created, deleted = entries(file.getvalue())

    assert created["answer"]["datasetGroupArn"].endswith("dataset-group/shop")
    assert deleted["error"]["code"] == "ResourceNotFoundException"


def test_a_given_asynchronous_client_is_recorded(mock):
    async def list_schemas():
        async with session.get_session().create_client("personalize", region_name="us-east-1") as client:
            with record(file, clients=[client]):
                await client.list_schemas()

    file = io.StringIO()
    asyncio.run(list_schemas())

    assert len(entries(file.getvalue())) == 1

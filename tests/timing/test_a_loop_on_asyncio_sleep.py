"""A polling loop on asyncio, in a module that contains `from asyncio import sleep`."""

import asyncio
from asyncio import sleep
from time import perf_counter

from personalize_mock import mock_personalize

ARN = "arn:aws:personalize:us-east-1:123456789012:dataset-group/shop"


async def wait_until_active(mock):
    polls = 0
    while mock.call("DescribeDatasetGroup", datasetGroupArn=ARN)["datasetGroup"]["status"] != "ACTIVE":
        await sleep(60)
        polls += 1
    return polls


def test_it_ends_in_no_real_time():
    with mock_personalize(durations={"dataset-group": 3600}) as mock:
        mock.call("CreateDatasetGroup", name="shop")
        start = perf_counter()
        assert asyncio.run(wait_until_active(mock)) == 60
    assert perf_counter() - start < 5

"""Rules that delay calls by simulated time."""

import time
from datetime import timedelta

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ReadTimeoutError
from builders import client
from rules.rule_tools import CAMPAIGN, recommended_ids


def impatient(read_timeout, attempts=1):
    config = Config(read_timeout=read_timeout, retries={"total_max_attempts": attempts})
    return boto3.client("personalize-runtime", config=config)


def test_a_delay_moves_the_simulated_clock_and_takes_no_real_time(mock):
    mock.on("GetRecommendations").recommends("a")
    mock.on("GetRecommendations").delays(30)
    before = mock.clock.now()
    seen = time.monotonic(), time.thread_time()

    assert recommended_ids() == ["a"]

    assert mock.clock.now() - before == timedelta(seconds=30)
    assert time.monotonic() - seen[0] >= 30  # the thread sees the seconds pass, as those of a virtual sleep
    assert time.thread_time() - seen[1] < 5


def test_a_delayed_call_is_answered_by_older_rules_or_the_service(mock):
    mock.on("CreateDatasetGroup").delays(2)

    client().create_dataset_group(name="shop")

    created = mock.call("ListDatasetGroups")["datasetGroups"][0]["creationDateTime"]
    assert created == mock.clock.now()


def test_a_delay_beyond_the_read_timeout_of_the_client_times_out(mock):
    mock.on("GetRecommendations").recommends("a")
    mock.on("GetRecommendations").delays(3)
    before = mock.clock.now()

    with pytest.raises(ReadTimeoutError):
        impatient(2).get_recommendations(campaignArn=CAMPAIGN, userId="u1")
    assert mock.clock.now() - before == timedelta(seconds=2)

    assert impatient(5).get_recommendations(campaignArn=CAMPAIGN, userId="u1")["itemList"]


def test_a_call_that_times_out_does_not_reach_the_service(mock):
    mock.on("CreateDatasetGroup").delays(61, times=1)

    with pytest.raises(ReadTimeoutError):
        client().create_dataset_group(name="shop")

    assert mock.call("ListDatasetGroups") == {"datasetGroups": []}


def test_botocore_retries_a_call_that_timed_out(mock):
    mock.on("GetRecommendations").recommends("a")
    slow = mock.on("GetRecommendations").delays(3, times=1)

    assert impatient(2, attempts=2).get_recommendations(campaignArn=CAMPAIGN, userId="u1")["itemList"]
    assert slow.call_count == 1


def test_a_client_without_a_read_timeout_waits_for_ever(mock):
    mock.on("GetRecommendations").recommends("a")
    mock.on("GetRecommendations").delays(86_400)

    assert impatient(None).get_recommendations(campaignArn=CAMPAIGN, userId="u1")["itemList"]


def test_a_direct_call_has_the_default_timeout_of_botocore(mock):
    mock.on("ListSchemas").delays(59, times=1).delays(61)

    mock.call("ListSchemas")
    with pytest.raises(ReadTimeoutError):
        mock.call("ListSchemas")

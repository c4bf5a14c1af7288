"""Injected throttling under each retry mode of botocore: no wait takes real time, the rate limiter's included."""

import threading
import time

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.retries.bucket import Clock, TokenBucket

from personalize_mock import mock_personalize

CAMPAIGN = "arn:aws:personalize:us-east-1:123456789012:campaign/c"
REAL_SECONDS = 5


def runtime(mode):
    config = Config(retries={"mode": mode, "max_attempts": 10})
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    return boto3.client("personalize-runtime", region_name="us-east-1", config=config, **keys)


def ask(client):
    return client.get_recommendations(campaignArn=CAMPAIGN, userId="u")["itemList"]


def throttled_calls(mock, client):
    """Return how many simulated seconds twenty calls take, of which the first is throttled five times."""
    mock.on("GetRecommendations").raises("ThrottlingException", times=5).recommends("a")
    real, simulated = time.perf_counter(), mock.clock.timestamp()
    assert [ask(client) for _ in range(20)] == [[{"itemId": "a"}]] * 20
    assert time.perf_counter() - real < REAL_SECONDS
    assert len(mock.calls("GetRecommendations")) == 25
    return mock.clock.timestamp() - simulated


@pytest.mark.parametrize("mode", ["legacy", "standard"])
def test_throttled_calls_take_no_real_time(mode):
    with mock_personalize(clock="2024-05-01") as mock:
        throttled_calls(mock, runtime(mode))


@pytest.mark.parametrize("options", [{"clock": "2024-05-01"}, {}, {"clock": "2024-05-01", "datetime": True}])
def test_the_waits_of_the_rate_limiter_move_the_simulated_clock(options):
    if "datetime" in options:
        pytest.importorskip("time_machine")
    with mock_personalize(**options) as mock:
        assert throttled_calls(mock, runtime("adaptive")) > 10


def test_a_client_that_was_made_before_the_mock_waits_in_simulated_time_too():
    client = runtime("adaptive")
    with mock_personalize(clock="2024-05-01") as mock:
        assert throttled_calls(mock, client) > 10


def test_constant_throttling_ends_in_no_real_time():
    with mock_personalize(clock="2024-05-01") as mock:
        mock.on("GetRecommendations").raises("ThrottlingException")
        real = time.perf_counter()
        with pytest.raises(ClientError, match="Rate exceeded"):
            ask(runtime("adaptive"))
        assert time.perf_counter() - real < REAL_SECONDS
        assert len(mock.calls("GetRecommendations")) == 11  # a call and ten retries


def test_threads_that_share_a_throttled_client_all_get_their_answers():
    pytest.importorskip("time_machine")
    with mock_personalize(clock="2024-05-01", datetime=True) as mock:
        client, answers = runtime("adaptive"), []
        mock.on("GetRecommendations").raises("ThrottlingException", times=3).recommends("a")
        threads = [threading.Thread(target=lambda: answers.append(ask(client))) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=20)
        assert len(answers) == 4


def test_real_sleeps_are_real_waits_of_the_rate_limiter():
    original = TokenBucket.acquire
    with mock_personalize(sleep="real"):
        assert TokenBucket.acquire is original


def test_a_call_that_does_not_block_is_refused_as_without_the_mock():
    with mock_personalize():
        bucket = TokenBucket(max_rate=1, clock=Clock())
        with pytest.raises(Exception, match="Insufficient request capacity"):
            bucket.acquire(block=False)

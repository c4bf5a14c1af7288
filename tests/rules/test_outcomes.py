"""Rules that answer calls: lists, responses, errors of the service, faults of the HTTP client, bare HTTP."""

import time
from datetime import datetime, timezone

import boto3
import pytest
import requests
from botocore import exceptions as botocore_errors
from botocore.config import Config
from botocore.exceptions import ClientError
from builders import client, refusal
from rules.rule_tools import CAMPAIGN, recommended_ids, runtime
from urllib3 import exceptions as urllib3_errors

from personalize_mock import PersonalizeMockError


def retrying(mode="standard"):
    """Return a client that attempts each call three times."""
    return boto3.client("personalize-runtime", config=Config(retries={"mode": mode, "total_max_attempts": 3}))


def test_a_declared_list_is_the_answer_of_a_campaign_that_does_not_exist(mock):
    mock.on("GetRecommendations", userId="u1").recommends("a", "b")

    answer = runtime().get_recommendations(campaignArn=CAMPAIGN, userId="u1")

    assert answer["itemList"] == [{"itemId": "a"}, {"itemId": "b"}]
    assert answer["recommendationId"].startswith("RID-")


def test_entries_may_be_ids_pairs_with_a_score_and_dictionaries(mock):
    mock.on("GetRecommendations").recommends("a", ("b", 0.5), {"itemId": "c", "metadata": {"genre": "drama"}})

    assert runtime().get_recommendations(campaignArn=CAMPAIGN, userId="u1")["itemList"] == [
        {"itemId": "a"},
        {"itemId": "b", "score": 0.5},
        {"itemId": "c", "metadata": {"genre": "drama"}},
    ]


def test_a_declared_list_is_cut_to_the_requested_number(mock):
    mock.on("GetRecommendations").recommends("a", "b", "c")

    assert recommended_ids(numResults=2) == ["a", "b"]


def test_an_empty_list_can_be_declared(mock):
    mock.on("GetRecommendations").recommends()

    assert recommended_ids() == []


def test_rankings_and_actions_can_be_declared_too(mock):
    mock.on("GetPersonalizedRanking").recommends(("b", 0.9), ("a", 0.1))
    mock.on("GetActionRecommendations").recommends(("subscribe", 0.7))

    ranking = runtime().get_personalized_ranking(campaignArn=CAMPAIGN, userId="u1", inputList=["a", "b"])
    actions = runtime().get_action_recommendations(campaignArn=CAMPAIGN, userId="u1")

    assert ranking["personalizedRanking"] == [{"itemId": "b", "score": 0.9}, {"itemId": "a", "score": 0.1}]
    assert actions["actionList"] == [{"actionId": "subscribe", "score": 0.7}]


def test_each_declared_answer_has_a_new_recommendation_id(mock):
    mock.on("GetRecommendations").recommends("a")

    answers = [runtime().get_recommendations(campaignArn=CAMPAIGN, userId="u1") for _ in range(2)]

    assert answers[0]["recommendationId"] != answers[1]["recommendationId"]


def test_a_declared_answer_does_not_excuse_an_invalid_request(mock):
    mock.on("GetRecommendations").recommends("a")

    code, message = refusal(runtime().get_recommendations, campaignArn="films", userId="u1")

    assert code == "ValidationException"
    assert "campaignArn" in message


def test_a_response_can_be_declared_for_any_operation(mock):
    created = datetime(2024, 5, 1, tzinfo=timezone.utc)
    mock.on("DescribeCampaign").returns({"campaign": {"status": "ACTIVE", "creationDateTime": created}})

    for call in (client().describe_campaign, lambda **members: mock.call("DescribeCampaign", **members)):
        assert call(campaignArn=CAMPAIGN)["campaign"] == {"status": "ACTIVE", "creationDateTime": created}


def test_an_empty_response_can_be_declared_for_an_operation_without_output(mock):
    mock.on("PutEvents").returns({})

    event = {"eventType": "Watch", "sentAt": 1}
    client("personalize-events").put_events(trackingId="any", sessionId="s", eventList=[event])


def test_an_error_of_the_service_can_be_declared_by_name(mock):
    mock.on("CreateCampaign").raises("LimitExceededException", "Too many campaigns.")

    request = {"name": "films", "solutionVersionArn": CAMPAIGN.replace("campaign", "solution")}
    assert refusal(client().create_campaign, **request) == ("LimitExceededException", "Too many campaigns.")
    assert refusal(lambda: mock.call("CreateCampaign", **request))[0] == "LimitExceededException"


def test_a_declared_error_is_an_instance_of_the_exception_class_of_its_client(mock):
    mock.on("GetRecommendations").raises("ResourceNotFoundException")

    with pytest.raises(runtime().exceptions.ResourceNotFoundException):
        recommended_ids()


def test_an_error_can_be_declared_by_the_exception_class_of_a_client_or_by_a_client_error(mock):
    mock.on("GetRecommendations").raises(runtime().exceptions.InvalidInputException)
    assert refusal(recommended_ids)[0] == "InvalidInputException"

    error = ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": "Gone."}}, "GetRecommendations")
    mock.on("GetRecommendations").raises(error)
    assert refusal(recommended_ids) == ("ResourceNotFoundException", "Gone.")


def test_a_call_that_a_rule_refuses_changes_nothing(mock):
    mock.on("CreateDatasetGroup").raises("LimitExceededException")

    refusal(client().create_dataset_group, name="shop")

    assert mock.call("ListDatasetGroups") == {"datasetGroups": []}


@pytest.mark.parametrize("mode", ["legacy", "standard"])
def test_botocore_retries_throttling_without_real_pauses(mock, mode):
    throttled = mock.on("GetRecommendations").raises("ThrottlingException", times=2).recommends("a")
    client = retrying(mode)
    before = time.thread_time(), time.perf_counter()

    answer = client.get_recommendations(campaignArn=CAMPAIGN, userId="u1")

    assert answer["ResponseMetadata"]["RetryAttempts"] == 2
    assert throttled.call_count == 3
    assert time.perf_counter() - before[1] < 0.3 + 10 * (time.thread_time() - before[0])


def test_botocore_gives_up_if_the_throttling_does_not_end(mock):
    throttled = mock.on("GetRecommendations").raises("ThrottlingException")

    code, message = refusal(retrying().get_recommendations, campaignArn=CAMPAIGN, userId="u1")

    assert (code, message) == ("ThrottlingException", "Rate exceeded")
    assert throttled.call_count == 3


@pytest.mark.parametrize(
    "error",
    [
        botocore_errors.ReadTimeoutError,
        botocore_errors.ConnectTimeoutError(endpoint_url="https://nowhere"),
        botocore_errors.EndpointConnectionError,
        botocore_errors.ConnectionClosedError,
        botocore_errors.NoCredentialsError,
    ],
)
def test_an_exception_of_botocore_is_raised_as_by_the_http_client(mock, error):
    mock.on("GetRecommendations").raises(error)
    expected = error if isinstance(error, type) else type(error)

    for call in (recommended_ids, lambda: mock.call("GetRecommendations", campaignArn=CAMPAIGN, userId="u1")):
        with pytest.raises(expected):
            call()


@pytest.mark.parametrize(
    ("error", "in_boto3"),
    [
        (urllib3_errors.ReadTimeoutError, botocore_errors.ReadTimeoutError),
        (urllib3_errors.ConnectTimeoutError, botocore_errors.ConnectTimeoutError),
        (urllib3_errors.NewConnectionError, botocore_errors.EndpointConnectionError),
        (urllib3_errors.ProtocolError("cut"), botocore_errors.ConnectionClosedError),
        (urllib3_errors.SSLError("expired"), botocore_errors.SSLError),
        (urllib3_errors.DecodeError, botocore_errors.HTTPClientError),
        (ConnectionResetError, botocore_errors.ConnectionClosedError),
    ],
)
def test_an_exception_of_urllib3_becomes_the_exception_that_boto3_raises(mock, error, in_boto3):
    mock.on("GetRecommendations").raises(error)

    with pytest.raises(in_boto3):
        recommended_ids()


def test_botocore_retries_lost_connections(mock):
    lost = mock.on("GetRecommendations").raises(botocore_errors.ConnectionClosedError, times=1).recommends("a")

    retrying().get_recommendations(campaignArn=CAMPAIGN, userId="u1")

    assert lost.call_count == 2


def test_a_bare_http_status_is_an_error_without_a_document(mock):
    mock.on("GetRecommendations").responds(503)

    assert refusal(recommended_ids) == ("503", "Service Unavailable")
    call = {"campaignArn": CAMPAIGN, "userId": "u1"}
    assert refusal(lambda: mock.call("GetRecommendations", **call)) == ("503", "Service Unavailable")


def test_requests_without_botocore_see_rules(mock):
    mock.on("GetRecommendations").responds(502, "bad gateway").recommends("a")
    url, body = "https://personalize-runtime.us-east-1.amazonaws.com/recommendations", {"campaignArn": CAMPAIGN}

    answers = [requests.post(url, json=body, timeout=5) for _ in range(2)]

    assert (answers[0].status_code, answers[0].text) == (502, "bad gateway")
    assert answers[1].json()["itemList"] == [{"itemId": "a"}]


def test_calls_that_a_rule_answers_are_in_the_journal(mock):
    mock.on("GetRecommendations").recommends("a").raises("ThrottlingException").responds(503).raises(
        botocore_errors.ReadTimeoutError
    )

    recommended_ids()
    for _ in range(2):
        refusal(recommended_ids)
    with pytest.raises(botocore_errors.ReadTimeoutError):
        recommended_ids()

    errors = [call.error for call in mock.journal.calls("GetRecommendations")]
    assert errors == [None, "ThrottlingException", "503", "ReadTimeoutError"]


@pytest.mark.parametrize(
    ("declare", "remedy"),
    [
        (lambda rule: rule.recommends(1), "Write '1'"),
        (lambda rule: rule.recommends(["a"]), r"recommends\(\*entries\)"),
        (lambda rule: rule.recommends({"itemid": "a"}), "Did you mean 'itemId'"),
        (lambda rule: rule.recommends({"score": 0.5}), "has no itemId"),
        (lambda rule: rule.recommends(("a", "high")), "score must be a number, not 'high'"),
        (lambda rule: rule.recommends("a", "a"), "'a' appears twice"),
        (lambda rule: rule.recommends("a" * 257), "less than or equal to 256"),
        (lambda rule: rule.recommends("\ud800"), "contains half a surrogate pair"),
        (lambda rule: rule.returns({"itemlist": []}), "Did you mean 'itemList'"),
        (lambda rule: rule.returns({"itemList": "a"}), "itemList must be a list, not 'a'"),
        (lambda rule: rule.returns(None), "must be a dictionary, not None"),
        (lambda rule: rule.raises("ThrotlingException"), "Did you mean 'ThrottlingException'"),
        (lambda rule: rule.raises("LimitExceededException"), "has no error 'LimitExceededException'"),
        (lambda rule: rule.raises("ReadTimeoutError"), r"botocore\.exceptions\.ReadTimeoutError without quotes"),
        (lambda rule: rule.raises(ValueError), "not an error of the service"),
        (lambda rule: rule.raises(botocore_errors.ReadTimeoutError, "slow"), "Write an exception instance"),
        (lambda rule: rule.responds(200), "not an HTTP status from 300 to 599"),
        (lambda rule: rule.responds("503"), "'503' is not an HTTP status"),
        (lambda rule: rule.delays(-1), "-1 is not a number of seconds"),
    ],
)
def test_a_declaration_that_cannot_be_right_is_refused_at_once(mock, declare, remedy):
    with pytest.raises(PersonalizeMockError, match=remedy):
        declare(mock.on("GetRecommendations"))


def test_only_operations_that_recommend_take_lists(mock):
    with pytest.raises(PersonalizeMockError, match="ListCampaigns returns no recommendations"):
        mock.on("ListCampaigns").recommends("a")

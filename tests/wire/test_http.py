"""HTTP requests without botocore, sent with `requests` through moto, and the bytes of the responses."""

import io
import json
from email.utils import parsedate_to_datetime

import builders
import pytest
import requests
import urllib3

from personalize_mock import MockPersonalize
from personalize_mock.wire import dispatch, http, registry
from personalize_mock.wire.errors import InvalidInputException, SerializationException

CONTROL = "https://personalize.us-east-1.amazonaws.com/"
RUNTIME = "https://personalize-runtime.us-east-1.amazonaws.com"
EVENTS = "https://personalize-events.us-east-1.amazonaws.com"
SIGNED = {
    "Authorization": "AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/20240501/us-east-1/personalize/aws4_request, "
    "SignedHeaders=host, Signature=0"
}
MISSING = "arn:aws:personalize:us-east-1:123456789012:campaign/missing"

pytestmark = pytest.mark.usefixtures("mock")


def post(target: str, body: object = None, *, raw: bytes | None = None) -> requests.Response:
    """Send a request to the control plane."""
    headers = {**SIGNED, "X-Amz-Target": f"AmazonPersonalize.{target}", "Content-Type": "application/x-amz-json-1.1"}
    return requests.post(CONTROL, data=json.dumps(body or {}) if raw is None else raw, headers=headers, timeout=5)


def post_rest(url: str, body: object) -> requests.Response:
    """Send a request to the runtime or to events."""
    headers = {**SIGNED, "Content-Type": "application/json"}
    return requests.post(url, data=json.dumps(body), headers=headers, timeout=5)


def test_a_request_without_botocore_is_answered():
    response = post("CreateDatasetGroup", {"name": "shop", "domain": "ECOMMERCE"})

    assert response.status_code == 200
    assert response.json() == {
        "datasetGroupArn": "arn:aws:personalize:us-east-1:123456789012:dataset-group/shop",
        "domain": "ECOMMERCE",
    }


@pytest.mark.parametrize(
    "wrap",
    [io.BytesIO, io.StringIO, bytearray, lambda body: (body[at : at + 5] for at in range(0, len(body), 5))],
    ids=["file", "text file", "bytearray", "generator"],
)
def test_a_body_may_be_a_file_a_bytearray_or_a_generator(wrap):
    body = '{"name": "größe", "schema": "x"}'
    request = wrap(body if wrap is io.StringIO else body.encode())
    headers = {**SIGNED, "X-Amz-Target": "AmazonPersonalize.CreateSchema"}
    response = urllib3.PoolManager().request("POST", CONTROL, body=request, headers=headers)
    assert response.status == 400
    assert "größe" in json.loads(response.data)["message"]


def test_a_target_that_is_not_utf_8_is_an_unknown_operation():
    headers = {**SIGNED, "X-Amz-Target": b"AmazonPersonalize.\xff\xfe"}
    response = requests.post(CONTROL, data="{}", headers=headers, timeout=5)
    assert response.status_code == 400
    assert response.json()["__type"] == "UnknownOperationException"


def test_half_a_surrogate_pair_in_a_schema_is_refused():
    response = post("CreateSchema", {"name": "schema", "schema": '{"type": "\\ud800"}'})
    assert response.json()["__type"] == "InvalidInputException"
    assert "half of a surrogate pair" in response.json()["message"]


def test_half_a_surrogate_pair_in_a_message_is_replaced(monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: object, **members: object) -> None:
        raise InvalidInputException("no name \ud800")

    monkeypatch.setattr(dispatch, "handler_for", lambda _: refuse)
    assert post("ListSchemas").json() == {"__type": "InvalidInputException", "message": "no name ?"}


def test_a_body_is_compact_json_with_its_length_in_a_header():
    response = post("CreateSchema", {"name": "größe", "schema": "x"})
    assert response.status_code == 400

    response = post("CreateSchema", {"name": "schema", "schema": builders.avro_schema()})

    assert response.content == b'{"schemaArn":"arn:aws:personalize:us-east-1:123456789012:schema/schema"}'
    assert response.headers["content-length"] == str(len(response.content))


def test_the_text_of_a_list_that_writes_itself_is_part_of_the_body(monkeypatch: pytest.MonkeyPatch):
    class Entries(registry.PreShaped):
        def as_json(self) -> str:
            return '[{"itemId":"written by itself"}]'

    answer = {"itemList": Entries(), "recommendationId": 'a "quoted" id'}
    monkeypatch.setattr(dispatch, "handler_for", lambda _: lambda *_, **members: answer)  # noqa: ARG005
    response = post_rest(f"{RUNTIME}/recommendations", {"campaignArn": MISSING})
    expected = '{"itemList":[{"itemId":"written by itself"}],"recommendationId":"a \\"quoted\\" id"}'
    assert response.text == expected


def test_the_control_plane_responds_with_json_1_1_and_security_headers():
    headers = post("ListSchemas").headers

    assert headers["content-type"] == "application/x-amz-json-1.1"
    assert headers["x-frame-options"] == "DENY"
    assert headers["strict-transport-security"].startswith("max-age=")


def test_every_response_has_its_own_id_and_the_simulated_date(mock: MockPersonalize):
    first, second = post("ListSchemas"), post("CreateFilm")

    assert len(first.headers["x-amzn-requestid"]) == len("01234567-89ab-4def-a123-456789abcdef")
    assert first.headers["x-amzn-requestid"] != second.headers["x-amzn-requestid"]
    assert parsedate_to_datetime(first.headers["date"]) == mock.clock.now().replace(microsecond=0)


def test_a_deletion_is_answered_with_an_empty_body(mock: MockPersonalize):
    response = post("DeleteSchema", {"schemaArn": builders.a_schema(mock)})

    assert response.status_code == 200
    assert response.content == b""
    assert response.headers["content-length"] == "0"


def test_an_error_of_the_control_plane_has_its_code_in_the_body():
    response = post("DescribeCampaign", {"campaignArn": MISSING})

    assert response.status_code == 400
    assert response.json() == {
        "__type": "ResourceNotFoundException",
        "message": f"The given campaign does not exist: {MISSING}",
    }
    assert "x-amzn-errortype" not in response.headers


def test_an_error_of_the_runtime_has_its_code_in_a_header():
    response = post_rest(f"{RUNTIME}/recommendations", {"campaignArn": MISSING, "userId": "u1"})

    assert response.status_code == 400
    assert response.headers["x-amzn-errortype"] == "InvalidInputException"
    assert response.headers["content-type"] == "application/json"
    assert response.json() == {"message": f"{MISSING} does not exist or is not active yet."}
    assert "x-frame-options" not in response.headers


def test_a_violated_constraint_of_the_runtime_is_a_validation_exception():
    response = post_rest(f"{RUNTIME}/recommendations", {"campaignArn": "shop"})

    assert response.status_code == 400
    assert response.headers["x-amzn-errortype"] == "ValidationException"


def test_the_runtime_responds_with_plain_json(mock: MockPersonalize):
    campaign = builders.a_campaign(mock)

    response = post_rest(f"{RUNTIME}/recommendations", {"campaignArn": campaign, "userId": "u1", "numResults": 2})

    assert response.headers["content-type"] == "application/json"
    assert list(response.json()) == ["itemList", "recommendationId"]
    assert len(response.json()["itemList"]) == 2


@pytest.mark.parametrize("target", ["CreateFilm", "createSchema", ""])
def test_an_unknown_target_is_an_unknown_operation_exception(target: str):
    response = post(target)

    assert response.status_code == 400
    assert response.json()["__type"] == "UnknownOperationException"
    assert target in response.json()["message"]


def test_the_control_plane_does_not_know_operations_of_the_runtime():
    assert post("GetRecommendations").json()["__type"] == "UnknownOperationException"


@pytest.mark.parametrize(
    "body",
    [
        *(b"{", b"[]", b"7", b'"text"', b"null"),
        *(b'{"maxResults": NaN}', b'{"maxResults": -Infinity}', b"[" * 100_000, b'{"a":' * 100_000),
    ],
    ids=lambda body: body[:20].decode(),
)
def test_a_body_that_is_not_a_json_object_is_a_serialization_exception(body: bytes):
    response = post("ListSchemas", raw=body)

    assert response.status_code == 400
    assert response.json()["__type"] == "SerializationException"


def test_a_body_that_is_not_utf_8_is_a_serialization_exception():
    with pytest.raises(SerializationException):
        http._decode(b"\xff")


def test_an_empty_body_is_a_request_without_members():
    assert post("ListSchemas", raw=b"").json() == {"schemas": []}


def test_null_members_are_ignored():
    response = post("CreateDatasetGroup", {"name": "shop", "domain": None, "tags": None})

    assert response.status_code == 200


@pytest.mark.parametrize("member", ["metricAttribution", "impression", "itemId", "properties"])
def test_null_members_are_ignored_at_any_depth(mock: MockPersonalize, member: str):
    event = {"eventType": "Watch", "sentAt": builders.START, "itemId": "i1", "properties": '{"itemId": "i1"}'}
    response = post_rest(f"{EVENTS}/events", put_events_body(mock, {**event, member: None}))

    assert response.status_code == 200


@pytest.mark.parametrize("value", ["\ud800", "a" * 20_000], ids=["unpaired surrogate", "20 KB"])
def test_unknown_members_are_ignored_at_any_depth(mock: MockPersonalize, value: str):
    event = {"eventType": "Watch", "sentAt": builders.START, "itemId": "i1", "colour": value}

    assert post_rest(f"{EVENTS}/events", put_events_body(mock, event)).status_code == 200


def test_an_unpaired_surrogate_is_rejected_with_its_path(mock: MockPersonalize):
    event = {"eventType": "Watch", "sentAt": builders.START, "itemId": "i\ud800"}
    response = post_rest(f"{EVENTS}/events", put_events_body(mock, event))

    assert response.status_code == 400
    assert response.headers["x-amzn-errortype"] == "SerializationException"
    assert "'eventList.1.member.itemId'" in response.json()["message"]


def put_events_body(mock: MockPersonalize, event: dict[str, object]) -> dict[str, object]:
    """The body of a PutEvents request with one event for an existing tracker."""
    group = builders.a_dataset_group(mock)
    builders.a_dataset(mock, group)
    tracker = mock.call("DescribeEventTracker", eventTrackerArn=builders.an_event_tracker(mock, group))
    return {"trackingId": tracker["eventTracker"]["trackingId"], "sessionId": "s1", "eventList": [event]}


def test_unknown_members_are_ignored():
    assert post("CreateDatasetGroup", {"name": "shop", "colour": "red"}).status_code == 200


def test_a_value_of_the_wrong_type_is_a_serialization_exception():
    response = post("CreateDatasetGroup", {"name": 7})

    assert response.json() == {
        "__type": "SerializationException",
        "message": "Value at 'name' must be of type string.",
    }


def test_an_operation_without_a_handler_is_a_not_implemented_exception(monkeypatch):
    monkeypatch.delitem(registry._HANDLERS, "put_events")
    response = post_rest(
        f"{EVENTS}/events",
        {"trackingId": "t", "sessionId": "s", "eventList": [{"eventType": "Watch", "sentAt": 1_700_000_000}]},
    )

    assert response.status_code == 501
    assert response.headers["x-amzn-errortype"] == "NotImplementedException"
    assert "does not support PutEvents yet" in response.json()["message"]


def test_timestamps_are_rounded_to_milliseconds(mock: MockPersonalize):
    mock.clock.jump_to("2024-05-01T00:00:00.123456Z")
    post("CreateDatasetGroup", {"name": "shop"})

    group = post("ListDatasetGroups").json()["datasetGroups"][0]

    assert group["creationDateTime"] == 1_714_521_600.123
    assert group["lastUpdatedDateTime"] == 1_714_521_600.123


def test_the_region_is_that_of_the_host():
    arns = [
        requests.post(
            f"https://personalize.{region}.amazonaws.com/",
            data='{"name":"shop"}',
            headers={
                "Authorization": SIGNED["Authorization"].replace("us-east-1", region),
                "X-Amz-Target": "AmazonPersonalize.CreateDatasetGroup",
            },
            timeout=5,
        ).json()["datasetGroupArn"]
        for region in ("us-east-1", "eu-west-1")
    ]

    assert [arn.split(":")[3] for arn in arns] == ["us-east-1", "eu-west-1"]

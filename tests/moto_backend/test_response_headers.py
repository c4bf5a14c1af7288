"""Headers of responses as botocore and its event handlers read them."""

import boto3
import builders
from moto.core.models import botocore_stubber

from personalize_mock.moto_backend.response_headers import ResponseHeaders
from personalize_mock.wire.http import LowerCaseHeaders


def test_names_of_headers_match_whatever_their_case():
    headers = ResponseHeaders(LowerCaseHeaders({"date": "today", "content-length": "2"}))
    headers["Content-Type"] = "text/plain"
    del headers["Content-Length"]
    assert "DATE" in headers
    assert "content-length" not in headers
    assert headers["Date"] == headers.get("dAtE") == "today"
    assert dict(headers) == {"date": "today", "content-type": "text/plain"}
    assert headers.copy() == headers


def test_an_event_handler_can_add_a_header_to_a_response(mock):
    client = boto3.client("personalize", region_name="us-east-1")

    def add_header(request, **_):
        response = botocore_stubber("before-send", request)
        response.headers["X-Added"] = "by a test"
        return response

    client.meta.events.register_first("before-send", add_header)
    headers = client.list_schemas()["ResponseMetadata"]["HTTPHeaders"]
    assert headers["x-added"] == "by a test"
    assert headers["content-type"] == "application/x-amz-json-1.1"


def test_responses_of_two_calls_do_not_share_headers(mock):
    client = builders.client("personalize")
    one, other = (client.list_schemas()["ResponseMetadata"] for _ in range(2))
    assert one["HTTPHeaders"]["x-amzn-requestid"] == one["RequestId"] != other["RequestId"]

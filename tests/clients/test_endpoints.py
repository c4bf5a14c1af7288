"""Hosts of the service in all their forms. The mock answers every request to them, and none leaves the process."""

import json
import socket
import subprocess
import sys
import textwrap

import boto3
import pytest
import requests
import urllib3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import EndpointConnectionError
from botocore.loaders import Loader
from builders import client, refusal
from moto import mock_aws
from urllib3.connectionpool import HTTPConnectionPool

from personalize_mock import mock_personalize
from personalize_mock.moto_backend.hosts import HOSTS, region_of

CAMPAIGN = "arn:aws:personalize:us-east-1:123456789012:campaign/none"
CALLS = {
    "personalize": ("list_dataset_groups", {}),
    "personalize-runtime": ("get_recommendations", {"campaignArn": CAMPAIGN}),
    "personalize-events": ("put_items", {"datasetArn": CAMPAIGN, "items": [{"itemId": "i"}]}),
}
LIST = {"X-Amz-Target": "AmazonPersonalize.ListDatasetGroups", "Content-Type": "application/x-amz-json-1.1"}
RAW = {
    "personalize": ("https://personalize.us-east-1.amazonaws.com/", LIST, "{}", 200),
    "personalize-runtime": (
        "https://personalize-runtime.us-east-1.amazonaws.com/recommendations",
        {"Content-Type": "application/json"},
        json.dumps({"campaignArn": CAMPAIGN}),
        400,
    ),
    "personalize-events": (
        "https://personalize-events.us-east-1.amazonaws.com/events",
        {"Content-Type": "application/json"},
        json.dumps({"trackingId": "none", "sessionId": "s", "eventList": [{"eventType": "e", "sentAt": 1}]}),
        400,
    ),
}


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    def refuse(*_):
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)


def signed(url, headers, body, region="us-east-1"):
    request = AWSRequest("POST", url, dict(headers), body)
    SigV4Auth(Credentials("A" * 20, "secret"), "personalize", region).add_auth(request)
    return dict(request.headers.items())


def url_of_call(service, region="us-east-1", **options):
    """Call an operation with client options and return the URL of the request."""
    urls = []
    tested = boto3.client(service, region_name=region, config=Config(**options))
    tested.meta.events.register(f"before-send.{service}", lambda request, **_: urls.append(request.url))
    operation, members = CALLS[service]
    if service == "personalize":
        getattr(tested, operation)(**members)
    else:
        refusal(getattr(tested, operation), **members)
    return urls[0]


@pytest.mark.parametrize("service", CALLS)
@pytest.mark.parametrize("region", ["us-east-1", "cn-north-1"])
@pytest.mark.parametrize("fips", [False, True])
@pytest.mark.parametrize("dual_stack", [False, True])
def test_every_type_of_endpoint_is_mocked(mock, service, region, fips, dual_stack):
    url = url_of_call(service, region, use_fips_endpoint=fips, use_dualstack_endpoint=dual_stack)
    china = region.startswith("cn-")
    domain = ("api.amazonwebservices.com.cn" if china else "api.aws") if dual_stack else "amazonaws.com"
    assert f"//{service}{'-fips' if fips else ''}.{region}.{domain}" in url


def test_all_types_of_endpoint_share_one_state(mock):
    client().create_dataset_group(name="group")
    for options in ({"use_fips_endpoint": True}, {"use_dualstack_endpoint": True}):
        other = boto3.client("personalize", config=Config(**options))
        assert [group["name"] for group in other.list_dataset_groups()["datasetGroups"]] == ["group"]


def test_the_environment_may_select_the_type_of_endpoint(mock, monkeypatch):
    monkeypatch.setenv("AWS_USE_DUALSTACK_ENDPOINT", "true")
    monkeypatch.setenv("AWS_USE_FIPS_ENDPOINT", "true")
    assert boto3.client("personalize").list_schemas()["schemas"] == []


@pytest.mark.parametrize(
    "url", ["https://personalize.us-east-1.amazonaws.com", "http://personalize.us-east-1.api.aws:80"]
)
def test_an_endpoint_may_be_given_as_a_url(mock, url):
    assert client(endpoint_url=url).list_schemas()["schemas"] == []


@pytest.mark.parametrize("service", CALLS)
@pytest.mark.parametrize("zone", ["", "-us-west-2a"])
def test_an_interface_endpoint_of_a_vpc_may_be_given_as_a_url(mock, service, zone):
    url = f"https://vpce-0a1b2c3d-4e5f6a7b{zone}.{service}.us-west-2.vpce.amazonaws.com"
    operation, members = CALLS[service]
    tested = client(service, region="us-east-1", endpoint_url=url)  # the region of the host wins
    west = client(region="us-west-2").create_dataset_group(name="west")["datasetGroupArn"]
    if service == "personalize":
        assert [group["datasetGroupArn"] for group in tested.list_dataset_groups()["datasetGroups"]] == [west]
    else:
        assert refusal(getattr(tested, operation), **members)[0] in {
            "InvalidInputException",
            "ResourceNotFoundException",
        }


@pytest.mark.parametrize("service", CALLS)
@pytest.mark.parametrize(
    "partition", Loader().load_data("partitions")["partitions"], ids=lambda partition: partition["id"]
)
def test_the_hosts_of_every_partition_are_matched(service, partition):
    outputs = partition["outputs"]
    region = next((name for name in partition["regions"] if not name.endswith("-global")), "some-region-1")
    for domain in (outputs["dnsSuffix"], outputs["dualStackDnsSuffix"]):
        for host in (f"{service}.{region}.{domain}", f"{service}-fips.{region}.{domain}"):
            assert region_of(f"https://{host}/") == region, host


@pytest.mark.parametrize(
    "host",
    [
        "personalize.us-east-1.amazonaws.com.example.org",
        "personalize-batch.us-east-1.amazonaws.com",
        "personalize.us-east-1.example.org",
        "my-personalize.us-east-1.amazonaws.com",
        "my.personalize.us-east-1.amazonaws.com",
    ],
)
def test_other_hosts_are_not_matched(host):
    assert region_of(f"https://{host}/") is None


@pytest.mark.parametrize(
    ("region", "allowed"), [("us-iso-east-1", "true"), ("us-gov-west-1", "true"), ("eusc-de-east-1", "true")]
)
def test_a_request_to_a_region_without_the_service_stays_in_the_process(mock, monkeypatch, region, allowed):
    for service in CALLS:
        with pytest.raises(EndpointConnectionError, match=f"no Amazon Personalize in {region}"):
            url_of_call(service, region, retries={"total_max_attempts": 1})
    monkeypatch.setenv("MOTO_ALLOW_NONEXISTENT_REGION", allowed)
    for service in CALLS:
        assert region in url_of_call(service, region)


@pytest.mark.parametrize("variant", ["use_fips_endpoint", "use_dualstack_endpoint"])
def test_a_client_made_before_moto_was_imported_is_mocked_on_every_type_of_endpoint(variant):
    program = f"""
        import boto3, socket, sys
        from botocore.config import Config
        def refuse(*arguments): raise AssertionError("a socket was opened")
        keys = {{"aws_access_key_id": "a", "aws_secret_access_key": "b", "region_name": "us-east-1"}}
        config = Config({variant}=True)
        early = [boto3.client(service, config=config, **keys) for service in {list(CALLS)!r}]
        assert "moto" not in sys.modules
        from personalize_mock import mock_personalize
        with mock_personalize():
            socket.socket.connect = refuse
            early[0].create_dataset_group(name="early")
            codes = []
            for call in (
                lambda: early[1].get_recommendations(campaignArn={CAMPAIGN!r}),
                lambda: early[2].put_items(datasetArn={CAMPAIGN!r}, items=[{{"itemId": "i"}}]),
            ):
                try:
                    call()
                except Exception as error:
                    codes.append(error.response["ResponseMetadata"]["HTTPStatusCode"] in (400, 404))
            print(codes)
    """
    ran = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=False)
    assert ran.stdout.strip() == "[True, True]", ran.stderr


def by_requests(url, headers, body):
    response = requests.post(url, headers=headers, data=body, timeout=1)
    return response.status_code, response.text


def by_urllib3(url, headers, body):
    response = urllib3.PoolManager().request("POST", url, headers=headers, body=body, retries=False)
    return response.status, response.data.decode()


def both_mocks(order):
    """Enter both mocks in an order, and return the stack that exits them."""
    from contextlib import ExitStack

    stack = ExitStack()
    for mock in {"moto first": (mock_aws, mock_personalize), "ours first": (mock_personalize, mock_aws)}[order]:
        stack.enter_context(mock())
    return stack


@pytest.mark.parametrize("order", ["moto first", "ours first"])
@pytest.mark.parametrize("send", [by_requests, by_urllib3])
@pytest.mark.parametrize("service", RAW)
def test_a_request_without_botocore_is_mocked(order, send, service):
    url, headers, body, status = RAW[service]
    with both_mocks(order):
        client().create_dataset_group(name="group")
        actual, text = send(url, signed(url, headers, body), body)
        assert actual == status
        assert "group" in text if status == 200 else set(json.loads(text)) == {"message"}


@pytest.mark.parametrize("send", [by_requests, by_urllib3])
def test_a_dual_stack_request_without_botocore_reaches_its_region(mock, send):
    url = "https://personalize-fips.eu-west-1.api.aws/"
    client(region="eu-west-1").create_dataset_group(name="ireland")
    assert "ireland" in send(url, signed(url, LIST, "{}", "eu-west-1"), "{}")[1]
    assert "ireland" in send(url, LIST, b"{}")[1]


@pytest.mark.parametrize("send", [by_requests, by_urllib3])
def test_a_request_without_botocore_for_an_unknown_path_is_mocked_too(mock, send):
    status, _ = send("https://personalize-runtime.us-east-1.amazonaws.com/coffee", {}, "{}")
    assert status in {400, 404}


@pytest.mark.parametrize("send", [by_requests, by_urllib3])
def test_a_request_without_botocore_obeys_passthrough(send):
    url, headers, body, _ = RAW["personalize"]
    passthrough = {"core": {"passthrough": {"services": ["personalize"]}}}
    with mock_aws(config=passthrough), mock_personalize(), pytest.raises(Exception) as raised:  # noqa: PT011  # each library has its own
        send(url, headers, body)
    assert "a socket was opened" in str(raised.value) or "resolve" in str(raised.value)


def test_requests_to_other_services_are_left_to_moto(mock):
    boto3.client("s3").create_bucket(Bucket="some-bucket")
    boto3.client("s3").put_object(Bucket="some-bucket", Key="key", Body=b"here")
    url = boto3.client("s3").generate_presigned_url("get_object", Params={"Bucket": "some-bucket", "Key": "key"})
    assert requests.get(url, timeout=1).text == "here"


def registered():
    from moto.core.models import responses_mock

    return [
        (response.method, response.url.pattern, response.callback) for response in responses_mock._registry.registered
    ]


def test_stopping_restores_requests_and_urllib3():
    urlopen = HTTPConnectionPool.urlopen
    with mock_aws():
        before = registered()
        with mock_personalize():
            assert len(registered()) > len(before)
            assert HTTPConnectionPool.urlopen is not urlopen
        assert registered() == before
        assert HTTPConnectionPool.urlopen is urlopen


def test_a_mock_aws_that_outlives_the_mock_has_none_of_our_hosts():
    ours, motos = mock_personalize(), mock_aws()
    ours.start()
    motos.start()
    try:
        ours.stop()
        assert HOSTS.pattern not in {pattern for _, pattern, _ in registered()}
    finally:
        motos.stop()


def test_a_second_mock_inside_the_same_mock_aws_works_like_the_first():
    url, headers, body, _ = RAW["personalize"]
    with mock_aws():
        for name in ("first", "second"):
            with mock_personalize():
                client().create_dataset_group(name=name)
                _, text = by_requests(url, headers, body)
                assert [group["name"] for group in json.loads(text)["datasetGroups"]] == [name]
        with pytest.raises(NotImplementedError, match="list_dataset_groups"):  # the message of moto
            by_requests(url, headers, body)

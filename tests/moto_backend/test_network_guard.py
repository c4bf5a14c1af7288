"""No request to a Personalize host leaves the process, whatever client sends it."""

import asyncio
import contextlib
import http.client
import socket
import ssl
import threading
import urllib.error
import urllib.request

import boto3
import pytest
import requests
import urllib3
from moto import mock_aws

from personalize_mock import mock_personalize

HOST = "personalize.us-east-1.amazonaws.com"
RUNTIME = "personalize-runtime.us-east-1.amazonaws.com"
LIST = {"data": "{}", "headers": {"X-Amz-Target": "AmazonPersonalize.ListSchemas"}}
SENTENCE = "tried to reach {host} while a mock of Amazon Personalize is active.*Use boto3, requests or urllib3"


def refused(client, host=HOST):
    return pytest.raises(OSError, match=f"{client} " + SENTENCE.format(host=host))


@pytest.fixture
def proxy():
    """A server that keeps what it receives, and its address."""
    received, server = [], socket.create_server(("127.0.0.1", 0))
    server.settimeout(5)

    def serve():
        with contextlib.suppress(OSError):
            while True:
                connection, _ = server.accept()
                with connection:
                    connection.settimeout(5)
                    received.append(connection.recv(4096))

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.getsockname()[1]}", received
    server.close()


@pytest.mark.parametrize("host", [HOST, f"{HOST}.", RUNTIME, "PERSONALIZE-events.eu-west-1.amazonaws.com"])
@mock_personalize
def test_http_client_gets_a_connection_error_that_names_the_host(host):
    for connection in (http.client.HTTPSConnection(host), http.client.HTTPConnection(host)):
        with refused("http.client", host):
            connection.request("POST", "/")


@mock_personalize
def test_urllib_request_gets_a_url_error():
    with pytest.raises(urllib.error.URLError, match="urllib.request " + SENTENCE.format(host=HOST)):
        urllib.request.urlopen(f"https://{HOST}/")


@mock_personalize
def test_a_bare_connection_of_urllib3_gets_a_connection_error():
    with pytest.raises(urllib3.exceptions.NewConnectionError, match="urllib3 " + SENTENCE.format(host=HOST)):
        urllib3.connection.HTTPSConnection(HOST).request("POST", "/")


@mock_personalize
def test_asyncio_gets_a_connection_error():
    with refused("asyncio"):
        asyncio.run(asyncio.open_connection(HOST, 443))


@mock_personalize
def test_a_socket_gets_a_connection_error():
    for look_up in (socket.gethostbyname, socket.gethostbyname_ex):
        with refused("socket"):
            look_up(HOST)
    with socket.socket() as raw, refused("socket"):
        raw.connect((HOST, 443))


@mock_personalize
def test_a_client_with_a_resolver_of_its_own_gets_a_connection_error():
    context, (ours, theirs) = ssl.create_default_context(), socket.socketpair()
    with ours, theirs:
        with pytest.raises(OSError, match=f"tried to reach {HOST}"):
            context.wrap_socket(ours, server_hostname=HOST)
        with pytest.raises(OSError, match=f"tried to reach {HOST}"):
            context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname=HOST)
        with pytest.raises(OSError, match=f"tried to reach {HOST}"):
            ours.sendall(f"POST / HTTP/1.1\r\nAccept: */*\r\nHost: {HOST}\r\n\r\n".encode())
        with pytest.raises(OSError, match=f"tried to reach {HOST}"):
            ours.sendall(b"\x05\x01\x00\x03\x23" + HOST.encode() + b"\x01\xbb")
        theirs.setblocking(False)  # noqa: FBT003  # the signature of `socket`
        with pytest.raises(BlockingIOError):
            theirs.recv(1)


@pytest.mark.parametrize("scheme", ["http", "https"])
@mock_personalize
def test_no_request_reaches_a_proxy(scheme, proxy):
    address, received = proxy
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({scheme: address}))
    with pytest.raises(urllib.error.URLError, match=f"tried to reach {HOST}"):
        opener.open(f"{scheme}://{HOST}/")
    answer = urllib3.ProxyManager(address).request("POST", f"{scheme}://{HOST}/", body="{}", headers=LIST["headers"])
    assert answer.data == b'{"schemas":[]}'
    assert requests.post(f"{scheme}://{HOST}/", proxies={scheme: address}, timeout=5, **LIST).json() == {"schemas": []}
    assert all(HOST.encode() not in data for data in received)


@mock_personalize
def test_boto3_requests_and_urllib3_are_answered_at_a_host_with_a_trailing_dot():
    url = f"https://{HOST}./"
    assert requests.post(url, timeout=5, **LIST).json() == {"schemas": []}
    assert urllib3.PoolManager().request("POST", url, body="{}", headers=LIST["headers"]).data == b'{"schemas":[]}'
    assert boto3.client("personalize", "us-east-1", endpoint_url=url).list_schemas()["schemas"] == []


def test_other_hosts_are_reached(proxy):
    address, received = proxy
    port = int(address.rpartition(":")[2])
    with mock_personalize():
        connection = http.client.HTTPConnection("localhost", port)
        connection.request("POST", "/personalize", body=f"Host: {HOST}")
        with contextlib.suppress(http.client.HTTPException, OSError):
            connection.getresponse()
    assert received[0].startswith(b"POST /personalize")


def test_a_service_that_is_passed_through_is_looked_up():
    asked = []

    def look_up(host, *_, **__):
        asked.append(host)
        raise socket.gaierror(socket.EAI_NONAME, "no network in this test")

    before, socket.getaddrinfo = socket.getaddrinfo, look_up
    try:
        for passthrough in ({"services": ["personalize"]}, {"urls": [rf"https://{HOST}/"]}):
            with mock_aws(config={"core": {"passthrough": passthrough}}), mock_personalize():
                with pytest.raises(OSError, match="no network"):
                    http.client.HTTPSConnection(HOST).request("POST", "/")
                with pytest.raises(requests.ConnectionError, match="no network"):
                    requests.post(f"https://{HOST}/", timeout=5, **LIST)
    finally:
        socket.getaddrinfo = before
    assert asked == [HOST] * 4


@mock_personalize
def test_httpx_gets_a_connect_error(proxy):
    httpx = pytest.importorskip("httpx")
    for client in (httpx.Client(), httpx.Client(proxy=proxy[0])):
        with pytest.raises(httpx.ConnectError, match=f"httpx tried to reach {HOST}"):
            client.post(f"https://{HOST}/")


@mock_personalize
def test_aiohttp_gets_a_connection_error():
    aiohttp = pytest.importorskip("aiohttp")

    async def post():
        async with aiohttp.ClientSession() as session:
            await session.post(f"https://{HOST}/")

    with pytest.raises(aiohttp.ClientConnectionError, match=f"tried to reach {HOST}"):
        asyncio.run(post())

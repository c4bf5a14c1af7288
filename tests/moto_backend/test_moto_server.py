"""Tests of moto's own server in the process of a mock, before and after it."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
from builders import avro_schema
from moto.moto_server.threaded_moto_server import ThreadedMotoServer
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from server.http_requests import send

from personalize_mock import mock_personalize

JSON = "application/x-amz-json-1.1"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Return the URL of a server of moto that runs during all tests of this module."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield f"http://127.0.0.1:{server._server.port}"  # older versions of moto have no get_host_and_port
    server.stop()


def call(url: str, operation: str, body: dict | None = None) -> tuple[int, object]:
    authorization = "AWS4-HMAC-SHA256 Credential=key/20240501/us-east-1/personalize/aws4_request, Signature=s"
    target = f"AmazonPersonalize.{operation}"
    return send(url, "POST", "/", body or {}, X_Amz_Target=target, Content_Type=JSON, Authorization=authorization)


def test_a_server_outlives_mocks_and_moto_answers_between_them(url: str):
    before = call(url, "ListSchemas")
    with mock_personalize():
        first = call(url, "CreateDatasetGroup", {"name": "films"})
    between = call(url, "ListSchemas")
    with mock_personalize():
        second = call(url, "ListDatasetGroups")
        runtime = send(url, "POST", "/recommendations", {}, Content_Type="application/json")
    after = call(url, "ListSchemas")

    assert before == between == after == (200, {"schemas": []})
    assert first[0] == 200
    assert second == (200, {"datasetGroups": []})
    assert runtime[0] == 400


def test_the_server_and_clients_in_the_process_share_resources(url: str):
    with mock_personalize() as mock:
        mock.call("CreateSchema", name="events", schema=avro_schema())
        (schema,) = call(url, "ListSchemas")[1]["schemas"]

    assert schema["name"] == "events"


def test_the_control_endpoints_answer_while_a_mock_is_active(url: str):
    with mock_personalize(clock="2024-05-01") as mock:
        status, clock = send(url, "POST", "/moto-api/personalize/clock/jump", {"hours": 6})
        assert (status, clock["now"]) == (200, mock.clock.now().isoformat())


def test_a_reset_of_moto_resets_the_mock(url: str):
    with mock_personalize() as mock:
        mock.call("CreateDatasetGroup", name="films")
        send(url, "POST", "/moto-api/reset")
        assert mock.call("ListDatasetGroups")["datasetGroups"] == []


def test_the_class_of_the_server_is_restored_when_the_mock_ends():
    before = DomainDispatcherApplication.get_application
    with mock_personalize():
        assert DomainDispatcherApplication.get_application is not before
    assert DomainDispatcherApplication.get_application is before


def test_a_server_that_is_imported_during_a_mock_is_patched_and_the_import_hook_is_removed():
    program = """
import sys
from personalize_mock import mock_personalize
hooks = lambda: [finder for finder in sys.meta_path if "personalize_mock" in type(finder).__module__]
for _ in range(2):
    with mock_personalize():
        pass
    assert not hooks()
with mock_personalize() as mock:
    assert "flask" not in sys.modules
    from moto.server import DomainDispatcherApplication as Server
    patched = Server.get_application
assert not hooks() and Server.get_application is not patched
with mock_personalize():
    assert Server.get_application is not patched and "personalize_mock" in Server.get_application.__module__
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_path_of_bytes_is_passed_on_to_moto():
    with mock_personalize():
        application = DomainDispatcherApplication(create_backend_app).get_application(
            {"HTTP_HOST": "s3.amazonaws.com", "PATH_INFO": "/a-bucket/てすと".encode()}
        )
        assert application.service == "s3"

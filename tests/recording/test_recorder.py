import io
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import boto3
import pytest
from botocore import UNSIGNED
from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import ClientError, ReadTimeoutError
from builders import client, refusal
from recording.recordings import entries

from personalize_mock import PersonalizeMockError, PersonalizeMockWarning
from personalize_mock.recording import record
from personalize_mock.recording.reader import read_recording


@pytest.fixture
def http_server():
    """Return the URL of a server that answers each call as the real service answers ListSchemas."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["content-length"]))
            body = b'{"schemas": [{"name": "clicks", "creationDateTime": 1.7E9}]}'
            self.send_response_only(200)
            for name, value in {"date": "Wed, 01 May 2024 09:00:07 GMT", "content-length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def real_client(url):
    config = Config(signature_version=UNSIGNED, retries={"total_max_attempts": 1})
    return boto3.client("personalize", "us-east-1", config=config, endpoint_url=url)


def test_a_call_becomes_a_line_with_time_parameters_and_answer(mock):
    with record(file := io.StringIO()):
        client().create_dataset_group(name="shop")
    [line] = entries(file.getvalue())
    seconds = line.pop("seconds")

    arn = "arn:aws:personalize:us-east-1:123456789012:dataset-group/shop"
    assert line == {
        "time": "2024-05-01T00:00:00Z",
        "service": "personalize",
        "operation": "CreateDatasetGroup",
        "region": "us-east-1",
        "parameters": {"name": "shop"},
        "answer": {"datasetGroupArn": arn},
    }
    assert 0 < seconds < 60


def test_the_first_line_has_the_format_and_the_last_one_the_number_of_calls(mock):
    with record(file := io.StringIO()):
        client().list_schemas()
    first, _, last = map(json.loads, file.getvalue().splitlines())

    assert (first["format"], first["version"]) == ("personalize_mock recording", 1)
    assert re.search(r"botocore \d+\.\d+", first["written_by"])
    assert last["calls"] == 1


def test_an_error_is_recorded_with_code_message_and_status(mock):
    arn = "arn:aws:personalize:us-east-1:123456789012:campaign/no"
    with record(file := io.StringIO()):
        code, message = refusal(client().describe_campaign, campaignArn=arn)

    assert entries(file.getvalue())[0]["error"] == {"code": code, "message": message, "status": 400}


def test_a_call_without_an_answer_is_recorded_with_the_name_of_the_exception(mock):
    mock.on("ListSchemas").raises(ReadTimeoutError)
    with record(file := io.StringIO()), pytest.raises(ReadTimeoutError):
        client().list_schemas()

    error = entries(file.getvalue())[0]["error"]
    assert (error["code"], error["status"]) == ("ReadTimeoutError", None)


def test_retries_are_counted(mock):
    mock.on("ListSchemas").raises("ThrottlingException", times=2).returns({"schemas": []})
    retrying = boto3.client("personalize", config=Config(retries={"total_max_attempts": 3, "mode": "standard"}))
    with record(file := io.StringIO()):
        retrying.list_schemas()

    [line] = entries(file.getvalue())
    assert (line["retries"], line["answer"]) == (2, {"schemas": []})


def test_a_client_outside_of_a_mock_is_recorded_with_the_time_of_the_service(http_server):
    with record(file := io.StringIO()):
        answer = real_client(http_server).list_schemas()
    [line] = entries(file.getvalue())

    assert line["time"] == "2024-05-01T09:00:07Z"
    assert line["answer"] == {"schemas": [{"name": "clicks", "creationDateTime": 1.7e9}]}
    assert answer["schemas"][0]["name"] == "clicks"


def test_calls_of_all_three_services_are_recorded_and_no_others(mock):
    mock.on("GetRecommendations").recommends("alien")
    mock.on("PutEvents").returns({})
    with record(file := io.StringIO()):
        client().list_schemas()
        client("personalize-runtime").get_recommendations(userId="ada")
        client("personalize-events").put_events(trackingId="t", sessionId="s", eventList=[an_event()])
        boto3.client("s3").list_buckets()

    assert [line["service"] for line in entries(file.getvalue())] == [
        "personalize",
        "personalize-runtime",
        "personalize-events",
    ]


def an_event():
    return {"eventType": "Watch", "sentAt": 1_714_521_600}


def test_only_the_given_clients_are_recorded(mock):
    other = boto3.client("personalize")
    with record(file := io.StringIO(), clients=[client()]):
        client().list_schemas()
        other.list_solutions()

    assert [line["operation"] for line in entries(file.getvalue())] == ["ListSchemas"]


def test_a_client_that_is_created_meanwhile_is_recorded(mock):
    with record(file := io.StringIO()):
        boto3.client("personalize").list_schemas()

    assert len(entries(file.getvalue())) == 1


def test_nothing_is_left_after_the_end(mock):
    method = BaseClient._make_api_call
    with record(file := io.StringIO()):
        client().list_schemas()
        assert BaseClient._make_api_call is not method
    text = file.getvalue()
    client().list_schemas()

    assert BaseClient._make_api_call is method
    assert file.getvalue() == text


def test_two_recorders_may_overlap(mock):
    first, second = record(one := io.StringIO()), record(two := io.StringIO())
    first.start()
    client().list_schemas()
    second.start()
    client().list_solutions()
    first.stop()
    client().list_campaigns()
    second.stop()

    assert [line["operation"] for line in entries(one.getvalue())] == ["ListSchemas", "ListSolutions"]
    assert [line["operation"] for line in entries(two.getvalue())] == ["ListSolutions", "ListCampaigns"]


def test_a_recorder_decorates_a_function(mock):
    @record(file := io.StringIO())
    def program():
        client().list_schemas()

    program()

    assert len(entries(file.getvalue())) == 1


def test_each_line_is_written_at_once(mock, tmp_path):
    path = tmp_path / "calls.jsonl"
    with record(path):
        client().list_schemas()
        assert len(path.read_text().splitlines()) == 2


def test_lines_of_parallel_threads_are_complete(mock):
    with record(file := io.StringIO()):
        threads = [threading.Thread(target=list_schemas_ten_times) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert len(read_recording(io.StringIO(file.getvalue()))) == 80


def list_schemas_ten_times():
    for _ in range(10):
        client().list_schemas()


def test_an_existing_file_is_not_overwritten(tmp_path):
    path = tmp_path / "calls.jsonl"
    path.write_text("precious")

    with pytest.raises(PersonalizeMockError, match="the file exists"):
        record(path).start()
    assert path.read_text() == "precious"


def test_a_file_in_a_missing_folder_is_refused(tmp_path):
    with pytest.raises(PersonalizeMockError, match="cannot be written: No such file"):
        record(tmp_path / "no" / "calls.jsonl").start()


def test_a_running_recorder_is_not_started_again(mock):
    with record(io.StringIO()) as recorder, pytest.raises(PersonalizeMockError, match="already running"):
        recorder.start()


def test_the_call_goes_on_if_its_line_cannot_be_written(mock):
    class Full(io.StringIO):
        def write(self, text):
            if "ListSchemas" in text:
                raise OSError("No space left on device")
            return super().write(text)

    with record(file := Full()):
        client().list_solutions()
        with pytest.warns(
            PersonalizeMockWarning, match="ends after 1 calls, because its file cannot be written: No space left"
        ):
            assert client().list_schemas()["schemas"] == []
        client().list_campaigns()

    assert len(file.getvalue().splitlines()) == 2


def test_a_request_that_botocore_refuses_is_not_recorded(mock):
    with record(file := io.StringIO()), pytest.raises(Exception, match="Missing required parameter"):
        client().create_schema()

    assert entries(file.getvalue()) == []


def test_account_ids_and_roles_are_replaced_in_the_whole_call(mock):
    caller = boto3.client("sts").assume_role(
        RoleArn="arn:aws:iam::987654321098:role/any", RoleSessionName="jane@example.com"
    )["Credentials"]
    other = boto3.client(
        "personalize",
        aws_access_key_id=caller["AccessKeyId"],
        aws_secret_access_key=caller["SecretAccessKey"],
        aws_session_token=caller["SessionToken"],
    )
    with record(file := io.StringIO()):
        request = {
            "name": "shop-987654321098",
            "roleArn": "arn:aws:iam::987654321098:role/service/Secret-Role",
            "kmsKeyArn": "arn:aws:kms:us-east-1:987654321098:key/my-key",
        }
        arn = other.create_dataset_group(**request)["datasetGroupArn"]
        with pytest.raises(ClientError):
            other.create_dataset_group(**request)

    text = file.getvalue()
    assert "987654321098" in arn
    for private in ("987654321098", "Secret", "my-key", *caller.values()):
        assert str(private) not in text
    assert text.count("dataset-group/shop-000000000001") == 2
    assert text.count("arn:aws:iam::000000000001:role/role-1") == 2

"""Tests of mocks that run in a server, with clients of the process that are redirected to it."""

import inspect
import os
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

import boto3
import pytest
from botocore.endpoint import Endpoint
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError
from builders import client

from personalize_mock import MockPersonalize, PersonalizeMockError, current_mock, mock_personalize
from personalize_mock.exceptions import UnusedRuleError
from personalize_mock.remote.mock import RemoteMock
from personalize_mock.server.server import Server

FILMS = [("ada", "alien"), ("ada", "brazil"), ("bob", "alien")]
NOWHERE = "arn:aws:personalize:us-east-1:123456789012:campaign/none"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server(port=0, clock="2024-05-01") as server:
        yield server


@pytest.fixture
def remote(server: Server) -> Iterator[RemoteMock]:
    """Return an active mock in the server, without resources."""
    with mock_personalize(server=server.url) as mock:
        mock.reset()
        yield mock


def parameters(owner: type, name: str) -> list[str]:
    method = inspect.getattr_static(owner, name)
    return [] if isinstance(method, property) else list(inspect.signature(getattr(owner, name)).parameters)


def test_it_has_the_methods_of_a_mock_in_the_process(remote: RemoteMock):
    ours, theirs = ({name for name in dir(each) if name[0] != "_"} for each in (remote, MockPersonalize()))

    assert theirs == ours
    for name in ("call", "calls", "on", "wait", "explain", "snapshot", "restore", "checkpoint", "reset", "report"):
        assert parameters(RemoteMock, name) == parameters(MockPersonalize, name)


def test_clients_of_the_process_reach_the_server(remote: RemoteMock, server: Server):
    films = remote.load(interactions=FILMS, name="films")
    answer = client("personalize-runtime").get_recommendations(campaignArn=films.campaign_arn, userId="bob")

    assert films.recommend("bob", n=1) == [answer["itemList"][0]["itemId"]]
    assert server.mock.call("DescribeCampaign", campaignArn=films.campaign_arn)["campaign"]["status"] == "ACTIVE"
    assert films.solution_arn.endswith("/films")


def test_clients_that_exist_before_the_start_are_redirected_and_released_at_the_end(server: Server):
    before, variables = Endpoint.prepare_request, dict(os.environ)
    personalize = client()
    with mock_personalize(server=server.url) as mock:
        mock.reset()
        personalize.create_dataset_group(name="films")
        assert [each["name"] for each in mock.call("ListDatasetGroups")["datasetGroups"]] == ["films"]
    assert Endpoint.prepare_request is before
    assert dict(os.environ) == variables


def test_buckets_in_the_host_name_reach_the_server(remote: RemoteMock):
    s3 = client("s3")
    s3.create_bucket(Bucket="my-films")
    s3.put_object(Bucket="my-films", Key="2024/events.csv", Body=b"USER_ID,ITEM_ID\nada,alien\nbob,alien\n")

    assert s3.get_object(Bucket="my-films", Key="2024/events.csv")["ContentLength"] > 0
    assert remote.load(interactions="s3://my-films/2024/events.csv", name="films").recommend("ada") == ["alien"]


def test_an_endpoint_of_your_own_is_not_redirected(remote: RemoteMock):
    own = boto3.client("sqs", endpoint_url="http://127.0.0.1:9", region_name="us-east-1")

    with pytest.raises(Exception, match="Could not connect to the endpoint URL"):
        own.list_queues()


def test_the_clock_of_the_server_moves_and_stops(remote: RemoteMock):
    before = remote.clock.now()
    remote.clock.jump(hours=6)
    remote.clock.rate = 60

    with remote.clock.freeze() as clock:
        assert clock.rate == 0
    assert remote.clock.rate == 60
    assert (remote.clock.now() - before).total_seconds() >= 6 * 3600
    remote.clock.rate = 0
    remote.clock.jump_to("2030-01-01")
    assert remote.clock.timestamp() == datetime(2030, 1, 1, tzinfo=timezone.utc).timestamp()
    with pytest.raises(PersonalizeMockError, match="cannot go backwards"):
        remote.clock.jump_to(datetime(2029, 1, 1, tzinfo=timezone.utc))


def test_wait_moves_the_clock_until_a_resource_is_active(remote: RemoteMock):
    arn = remote.call("CreateDatasetGroup", name="films")["datasetGroupArn"]

    assert remote.clock.upcoming()[0].arn == arn
    assert remote.wait(arn) == "ACTIVE"


def test_rules_apply_to_clients_and_end_with_the_mock(server: Server):
    runtime = client("personalize-runtime")
    with mock_personalize(server=server.url) as mock:
        mock.reset()
        rule = mock.on("GetRecommendations", userId="ada").recommends("alien", ("brazil", 0.5), times=1)
        rule.raises("ThrottlingException", times=1).raises(ReadTimeoutError)
        items = runtime.get_recommendations(campaignArn=NOWHERE, userId="ada")["itemList"]
        for error in (ClientError, ConnectionClosedError):
            with pytest.raises(error):
                runtime.get_recommendations(campaignArn=NOWHERE, userId="ada")
        assert (rule.called, rule.call_count, rule.calls[0].params["userId"]) == (True, 3, "ada")
    assert items == [{"itemId": "alien"}, {"itemId": "brazil", "score": 0.5}]
    with mock_personalize(server=server.url), pytest.raises(ClientError, match="does not exist"):
        runtime.get_recommendations(campaignArn=NOWHERE, userId="ada")


def test_a_rule_that_holds_a_resource_can_be_released(remote: RemoteMock):
    held = remote.on("CreateDatasetGroup").holds("CREATE PENDING")
    arn = remote.call("CreateDatasetGroup", name="films")["datasetGroupArn"]
    remote.clock.jump(days=1)
    pending = remote.call("DescribeDatasetGroup", datasetGroupArn=arn)["datasetGroup"]["status"]
    held.release()

    assert (pending, remote.wait(arn)) == ("CREATE PENDING", "ACTIVE")


def test_a_rule_that_was_never_applied_fails_the_test_and_names_its_line(server: Server):
    with (
        pytest.raises(UnusedRuleError, match=rf"{Path(__file__).name}:\d+"),
        mock_personalize(server=server.url) as mock,
    ):
        mock.on("ListSchemas").returns({"schemas": []})


def test_a_wrong_rule_is_refused_and_leaves_nothing(remote: RemoteMock):
    with pytest.raises(PersonalizeMockError, match="Did you mean 'GetRecommendations'"):
        remote.on("GetRecommendation")
    with pytest.raises(PersonalizeMockError, match="userId is a function, which cannot be sent"):
        remote.on("GetRecommendations", userId=str.isupper)
    with pytest.raises(PersonalizeMockError, match="has no error 'Throttled'"):
        remote.on("GetRecommendations").raises("Throttled")


def test_calls_of_all_clients_are_listed_with_the_assertions_of_a_mock_in_the_process(remote: RemoteMock):
    client().list_schemas(maxResults=5)

    remote.calls("ListSchemas", maxResults=lambda number: number > 4).assert_called_once_with(maxResults=5)
    with pytest.raises(AssertionError, match="DeleteSchema was not called"):
        remote.calls("DeleteSchema").assert_called()


def test_snapshots_and_checkpoints_restore_the_server(remote: RemoteMock):
    empty = remote.snapshot()
    with remote.checkpoint():
        remote.call("CreateDatasetGroup", name="films")
    inside = remote.call("ListDatasetGroups")["datasetGroups"]
    remote.call("CreateDatasetGroup", name="films")
    remote.restore(empty)

    assert inside == remote.call("ListDatasetGroups")["datasetGroups"] == []
    with pytest.raises(PersonalizeMockError, match="not a snapshot of this server"):
        remote.restore("1")


def test_an_exception_in_a_checkpoint_restores_the_server_too(remote: RemoteMock):
    def fail() -> None:
        with remote.checkpoint():
            remote.call("CreateDatasetGroup", name="films")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert remote.call("ListDatasetGroups")["datasetGroups"] == []


def test_an_answer_is_explained(remote: RemoteMock):
    films = remote.load(name="films")
    best = films.recommend("ada", n=1)[0]

    assert remote.explain(remote.calls("GetRecommendations").last.recommendation_id)[best].position == 1


def test_a_report_of_the_server_is_written_here(remote: RemoteMock, tmp_path: Path):
    remote.call("CreateDatasetGroup", name="films")
    path = remote.report(tmp_path / "report.html", title="Films")

    text = path.read_text(encoding="utf-8")
    assert "<title>Films</title>" in text
    assert "CreateDatasetGroup" in text


def test_files_and_times_are_sent_as_text(remote: RemoteMock, tmp_path: Path):
    path = tmp_path / "items.csv"
    path.write_text("ITEM_ID,GENRES\nalien,Horror\nbrazil,Satire", encoding="utf-8")
    rows = [(*ids, datetime(2024, 4, day, tzinfo=timezone.utc)) for day, ids in enumerate(FILMS, 1)]
    films = remote.load(interactions=rows, items=path, name="films")

    assert films.dataset_arns["items"]
    with pytest.raises(PersonalizeMockError, match="there is no such file"):
        remote.load(interactions="nowhere.csv")
    with pytest.raises(PersonalizeMockError, match="a value cannot be sent to the server"):
        remote.load(interactions=[("ada", object())])


def test_errors_of_the_service_are_raised_as_by_boto3(remote: RemoteMock):
    with pytest.raises(ClientError, match=r"\(ResourceNotFoundException\) when calling the DescribeCampaign"):
        remote.call("DescribeCampaign", campaignArn=NOWHERE)


def test_it_decorates_functions_and_is_the_current_mock(server: Server):
    @mock_personalize(server=server.url)
    def test() -> object:
        return current_mock()

    assert isinstance(test(), RemoteMock)


def test_the_journal_can_be_read_after_the_end(server: Server):
    mock = mock_personalize(server=server.url).start()
    mock.reset()
    mock.call("ListSchemas")
    mock.stop()
    server.mock.call("ListSchemas")

    assert [call.operation for call in mock.journal.calls()] == ["ListSchemas"]
    with pytest.raises(PersonalizeMockError, match="This mock is not active"):
        mock.stop()


def test_a_mock_in_the_process_does_not_start_inside_it(remote: RemoteMock):
    with pytest.raises(PersonalizeMockError, match="is active, and boto3 clients send their calls to it"):
        mock_personalize().start()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"server": "127.0.0.1:5000"}, "server='127.0.0.1:5000': not a URL"),
        ({"server": "http://127.0.0.1:5000", "seed": 1}, "seed=1 has no effect with server="),
    ],
)
def test_wrong_options_are_refused(options: dict, message: str):
    with pytest.raises(PersonalizeMockError, match=message):
        mock_personalize(**options)


def test_a_server_that_does_not_answer_is_named_and_nothing_is_patched():
    before = Endpoint.prepare_request

    with pytest.raises(PersonalizeMockError, match="the server does not answer"):
        mock_personalize(server="http://127.0.0.1:9").start()
    assert Endpoint.prepare_request is before

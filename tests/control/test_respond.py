"""Tests of the control endpoints, which are called without HTTP."""

import json
from typing import Any

import pytest
from builders import a_schema, avro_schema

from personalize_mock import MockPersonalize
from personalize_mock.control.endpoint import ENDPOINTS
from personalize_mock.control.respond import respond

DEMO = "arn:aws:personalize:us-east-1:123456789012:campaign/demo"


def send(mock: MockPersonalize, request: str, body: Any = None) -> tuple[int, Any]:
    """Send a request such as "POST /clock/jump" and return the status and the JSON of the response."""
    method, _, target = request.partition(" ")
    path, _, query = target.partition("?")
    sent = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    status, headers, answer = respond(mock._simulation(), method, path, query, sent)
    assert headers["content-length"] == str(len(answer))
    return status, json.loads(answer)


def error(mock: MockPersonalize, request: str, body: Any = None) -> str:
    """Send a request that is refused with status 400 and return the message."""
    status, answer = send(mock, request, body)
    assert status == 400, answer
    return answer["error"]["message"]


def test_the_root_lists_all_endpoints_and_the_options(mock: MockPersonalize):
    status, answer = send(mock, "GET /")
    (wait,) = [endpoint for endpoint in answer["endpoints"] if endpoint["path"] == "/wait"]

    assert (status, wait["method"], wait["members"]) == (200, "POST", ["arn"])
    assert answer["options"]["clock"] == "2024-05-01T00:00:00Z"


def test_every_endpoint_has_a_summary_of_one_line():
    assert [endpoint.path for endpoint in ENDPOINTS if not endpoint.summary.endswith(".")] == []


def test_health_answers_while_a_call_is_running(mock: MockPersonalize):
    assert send(mock, "GET /health") == (200, {"status": "ok", "timestamp": mock.clock.timestamp()})


def test_an_unknown_path_is_refused_with_the_list_of_paths(mock: MockPersonalize):
    status, answer = send(mock, "GET /clok")

    assert status == 404
    assert "/moto-api/personalize/clock" in answer["error"]["paths"]


def test_a_wrong_method_is_refused_with_the_right_ones(mock: MockPersonalize):
    status, answer = send(mock, "DELETE /clock")

    assert status == 405
    assert (
        answer["error"]["message"] == "/moto-api/personalize/clock does not support the method DELETE. Use GET or POST."
    )


@pytest.mark.parametrize(
    ("request_line", "body", "message"),
    [
        ("POST /clock/jump", b"{", "The body of the request is not JSON"),
        ("POST /clock/jump", [1], "The body of the request is [1], not a JSON object. Send an object, such as"),
        ("POST /clock/jump", {}, "jump() needs a duration"),
        ("POST /clock/jump", {"hour": 1}, "POST /clock/jump: there is no member 'hour'. Did you mean 'hours'?"),
        ("POST /clock/jump", {"hours": True}, "POST /clock/jump: the member 'hours' must be a number, not True."),
        ("POST /clock/jump_to", {"instant": "soon"}, "'soon' is not a point in time"),
        ("POST /clock", {"rate": -1}, "the rate must be a number, 0 or more"),
        ("POST /clock", {}, 'POST /clock needs "rate" or "autojump"'),
        ("POST /wait", {}, "POST /wait: the member 'arn' is missing"),
        ("POST /wait", {"arn": 5}, "POST /wait: the member 'arn' must be a string, not 5."),
        ("POST /call", {"operation": "CreateSchem"}, "Did you mean 'CreateSchema'?"),
        ("POST /call", {"operation": "ListSchemas", "account": "1"}, "an account is a string of twelve digits"),
        ("GET /calls?operation=CreateSchem", None, "Did you mean 'CreateSchema'?"),
        ("GET /calls?operaton=CreateSchema", None, "Did you mean 'operation'?"),
        ("POST /load", {"interactions": "/etc/passwd"}, "The server does not read files by their paths."),
        ("POST /load", {"interactions": [["ada"]]}, "interactions, row 1"),
        (
            "POST /snapshots/7/restore",
            None,
            "There is no snapshot '7' on the server. The ids of its snapshots are: none.",
        ),
        ("GET /rules/7", None, "There is no rule '7'. No rules are declared."),
        (
            "POST /rules",
            {"operation": "ListSchemas", "outcomes": [{}]},
            "{} does not say what the rule does. Send an object",
        ),
        ("POST /rules", {"operation": "ListSchemas", "outcomes": ["x"]}, "'x' does not say what the rule does"),
        (
            "POST /rules",
            {"operation": "ListSchemas", "outcomes": [{"responds": 503, "tmes": 1}]},
            "Did you mean 'times'?",
        ),
        ("POST /rules", {"operation": "GetRecommendations", "outcomes": [{"recommends": "a"}]}, "'a' is not a list"),
        ("POST /explain", {"recommendation_id": "none"}, "none"),
    ],
)
def test_wrong_members_are_refused_with_a_sentence(mock: MockPersonalize, request_line: str, body: Any, message: str):
    assert message in error(mock, request_line, body)


def test_a_refused_rule_leaves_no_rule(mock: MockPersonalize):
    error(mock, "POST /rules", {"operation": "ListSchemas", "outcomes": [{"responds": 503}, {"responds": 1}]})

    assert send(mock, "GET /rules") == (200, {"rules": []})


def test_an_error_of_the_service_has_its_code(mock: MockPersonalize):
    members = {"operation": "DescribeCampaign", "params": {"campaignArn": DEMO}}
    status, answer = send(mock, "POST /call", members)

    assert (status, answer["error"]["type"]) == (400, "ClientError")
    assert answer["error"]["code"] == "ResourceNotFoundException"


def test_a_failure_of_the_mock_is_an_answer_without_a_traceback(mock: MockPersonalize, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(type(mock.clock), "peek", lambda _: 1 / 0)
    status, answer = send(mock, "GET /health")

    assert status == 500
    assert answer == {
        "error": {"type": "ZeroDivisionError", "message": "The mock failed with an internal error: division by zero"}
    }


def test_the_clock_is_shown_changed_and_stopped(mock: MockPersonalize):
    arn = mock.call("CreateDatasetGroup", name="films")["datasetGroupArn"]
    _, clock = send(mock, "GET /clock")
    _, changed = send(mock, "POST /clock", {"rate": 60, "autojump": False})
    _, stopped = send(mock, "POST /clock/freeze")

    assert (clock["now"], clock["rate"], clock["autojump"]) == ("2024-05-01T00:00:00+00:00", 0, True)
    assert clock["upcoming"][0]["arn"] == arn
    assert (changed["rate"], changed["autojump"], stopped["rate"]) == (60, False, 0)


def test_a_jump_runs_what_becomes_due(mock: MockPersonalize):
    arn = mock.call("CreateDatasetGroup", name="films")["datasetGroupArn"]
    send(mock, "POST /clock/jump", {"days": 1, "hours": 1})
    send(mock, "POST /clock/jump_to", {"instant": "2024-05-03"})

    assert mock.clock.now().isoformat() == "2024-05-03T00:00:00+00:00"
    assert mock.call("DescribeDatasetGroup", datasetGroupArn=arn)["datasetGroup"]["status"] == "ACTIVE"


def test_a_resource_is_waited_for(mock: MockPersonalize):
    arn = mock.call("CreateDatasetGroup", name="films")["datasetGroupArn"]

    assert send(mock, "POST /wait", {"arn": arn}) == (200, {"status": "ACTIVE"})


def test_an_operation_is_called_in_an_account_and_a_region(mock: MockPersonalize):
    place = {"account": "111122223333", "region": "eu-west-1"}
    params = {"name": "events", "schema": avro_schema()}
    _, answer = send(mock, "POST /call", {"operation": "CreateSchema", "params": params, **place})

    assert answer == {"schemaArn": "arn:aws:personalize:eu-west-1:111122223333:schema/events"}


def test_calls_and_the_journal_are_listed(mock: MockPersonalize):
    a_schema(mock)
    _, by_operation = send(mock, "GET /calls?operation=CreateSchema")
    _, by_member = send(mock, "POST /calls", {"operation": "CreateSchema", "members": {"name": "other"}})
    _, journal = send(mock, "GET /journal")

    assert [call["operation"] for call in by_operation["calls"]] == ["CreateSchema"]
    assert by_member == {"calls": []}
    assert journal["records"][0]["type"] == "Call"


def test_data_is_loaded_and_described(mock: MockPersonalize):
    rows = [["ada", "alien"], ["ada", "brazil"], ["bob", "alien"]]
    _, films = send(mock, "POST /load", {"interactions": rows, "name": "films"})
    _, demo = send(mock, "POST /load", {})

    assert films["campaign_arn"].endswith(":campaign/films")
    assert films["recipes"] == {"solution": "aws-user-personalization-v2"}
    assert demo["campaign_arn"] == DEMO


def test_a_rule_is_declared_shown_and_removed(mock: MockPersonalize):
    outcomes = [{"recommends": ["a", ["b", 0.5]], "times": 1}, {"raises": "ThrottlingException", "message": "Slower"}]
    members = {"operation": "GetRecommendations", "members": {"userId": "ada"}, "outcomes": outcomes}
    _, rule = send(mock, "POST /rules", members)
    answer = mock.call("GetRecommendations", campaignArn=DEMO, userId="ada")
    _, shown = send(mock, f"GET /rules/{rule['id']}")
    send(mock, f"DELETE /rules/{rule['id']}")

    assert [item["itemId"] for item in answer["itemList"]] == ["a", "b"]
    assert (shown["called"], shown["call_count"]) == (True, 1)
    assert send(mock, "GET /rules") == (200, {"rules": []})


def test_rules_of_an_owner_end_with_an_error_if_one_was_never_applied(mock: MockPersonalize):
    send(mock, "POST /rules", {"operation": "ListSchemas", "owner": "test 1"})
    send(mock, "POST /rules", {"operation": "ListRecipes", "owner": "test 2"})
    message = error(mock, "POST /rules/end", {"owner": "test 1"})
    _, left = send(mock, "GET /rules")
    send(mock, "DELETE /rules/2")

    assert "mock.on('ListSchemas') was never applied" in message
    assert [rule["operation"] for rule in left["rules"]] == ["ListRecipes"]


def test_a_held_resource_is_released(mock: MockPersonalize):
    outcomes = [{"holds": "CREATE PENDING"}]
    _, rule = send(mock, "POST /rules", {"operation": "CreateDatasetGroup", "outcomes": outcomes})
    arn = mock.call("CreateDatasetGroup", name="films")["datasetGroupArn"]
    held = error(mock, "POST /wait", {"arn": arn})
    send(mock, f"POST /rules/{rule['id']}/release")

    assert "hold" in held
    assert send(mock, "POST /wait", {"arn": arn})[1] == {"status": "ACTIVE"}


def test_snapshots_are_kept_restored_and_dropped(mock: MockPersonalize):
    _, empty = send(mock, "POST /snapshots")
    mock.call("CreateDatasetGroup", name="films")
    _, second = send(mock, "POST /snapshots")
    send(mock, f"POST /snapshots/{empty['id']}/restore")
    send(mock, f"DELETE /snapshots/{second['id']}")

    assert mock.call("ListDatasetGroups")["datasetGroups"] == []
    assert list(send(mock, "GET /snapshots")[1]["snapshots"]) == [empty["id"]]


def test_a_reset_drops_resources_and_rules(mock: MockPersonalize):
    mock.call("CreateDatasetGroup", name="films")
    send(mock, "POST /rules", {"operation": "ListSchemas"})
    send(mock, "POST /reset")

    assert mock.call("ListDatasetGroups")["datasetGroups"] == []
    assert send(mock, "GET /rules") == (200, {"rules": []})


def test_an_answer_is_explained(mock: MockPersonalize):
    answer = mock.load().recommend("ada", n=2)
    identifier = mock.calls("GetRecommendations").last.recommendation_id
    _, explanation = send(mock, "POST /explain", {"recommendation_id": identifier})

    assert [item["item_id"] for item in explanation["items"]] == answer

"""mock.calls: the calls that a test asks for, and the assertions about them."""

import pytest
from botocore.exceptions import ClientError
from builders import client

from personalize_mock import PersonalizeMockError, mock_personalize


@pytest.fixture
def schemas(mock):
    """Call ListSchemas with maxResults 5 and 7, and ListFilters with maxResults 5."""
    mock.call("ListSchemas", maxResults=5)
    mock.call("ListSchemas", maxResults=7)
    mock.call("ListFilters", maxResults=5)
    return mock


def test_calls_are_listed_oldest_first(schemas):
    calls = schemas.calls("ListSchemas")

    assert isinstance(schemas.calls("ListSchemas"), list)
    assert [call.params["maxResults"] for call in calls] == [5, 7]
    assert (calls.call_count, calls.called, calls.first, calls.last) == (2, True, calls[0], calls[1])


def test_calls_are_chosen_by_their_members(schemas):
    assert len(schemas.calls("ListSchemas", maxResults=7)) == 1
    assert len(schemas.calls("ListSchemas", maxResults=lambda number: number > 4)) == 2
    assert len(schemas.calls("ListSchemas", nextToken=None)) == 2
    assert schemas.calls("ListSchemas", maxResults=6) == []
    assert not schemas.calls("ListSchemas", maxResults=6).called


def test_without_a_name_the_calls_of_all_operations_are_listed(schemas):
    assert [call.operation for call in schemas.calls()] == ["ListSchemas", "ListSchemas", "ListFilters"]


def test_calls_of_clients_count_also_if_they_fail(mock):
    with pytest.raises(ClientError):
        client().describe_schema(schemaArn="arn:aws:personalize:us-east-1:123456789012:schema/none")

    assert mock.calls("DescribeSchema").last.error == "ResourceNotFoundException"
    assert "does not exist" in mock.calls("DescribeSchema").last.error_message


def test_calls_of_mock_load_do_not_count_and_later_ones_do(mock):
    films = mock.load(interactions=[("ada", "alien"), ("bob", "alien"), ("bob", "brazil")])
    assert mock.calls() == []

    films.recommend("ada")
    mock.calls("GetRecommendations", userId="ada").assert_called_once()


def test_the_list_does_not_grow_later(schemas):
    calls = schemas.calls("ListSchemas")
    schemas.call("ListSchemas")

    assert len(calls) == 2


@pytest.mark.parametrize(
    ("operation", "members", "remedy"),
    [
        ("PutEvent", {}, "no operation 'PutEvent'. Did you mean 'PutEvents'"),
        ("PutEvents", {"userID": "u1"}, "there is no member 'userID'. Did you mean 'userId'"),
        ("PutEvents", {"userId": 1}, "userId must be a string, not 1. Write '1'"),
        (None, {"userId": "u1"}, "the operation is missing"),
    ],
)
def test_what_can_never_match_is_refused(mock, operation, members, remedy):
    with pytest.raises(PersonalizeMockError, match=remedy):
        mock.calls(operation, **members)


def test_assertions_that_hold_say_nothing(schemas):
    schemas.calls("ListSchemas").assert_called()
    schemas.calls("ListSchemas").assert_call_count(2)
    schemas.calls("ListFilters").assert_called_once()
    schemas.calls("ListFilters").assert_called_once_with(maxResults=5)
    schemas.calls("ListSchemas").assert_called_with(maxResults=7)
    schemas.calls("ListSchemas").assert_any_call(maxResults=5)
    schemas.calls("ListSchemas", maxResults=6).assert_not_called()
    schemas.calls("CreateSchema").assert_call_count(0)


@pytest.mark.parametrize(
    ("assertion", "members", "message"),
    [
        (
            "assert_not_called",
            {},
            r"ListSchemas was called 2 times, but should not have been called:\n  - 2024-05-01 00:",
        ),
        ("assert_called_once", {}, r"ListSchemas was called 2 times, not once:\n.*maxResults=5\)\n.*maxResults=7\)"),
        ("assert_called_with", {"maxResults": 5}, r"ListSchemas\(maxResults=5\) is not the latest.*is 7, not 5\."),
        ("assert_called_once_with", {"maxResults": 5}, "2 times, not once"),
        ("assert_any_call", {"maxResults": 6}, r"ListSchemas\(maxResults=6\) was not called. The calls were:\n"),
    ],
)
def test_an_assertion_that_fails_shows_the_calls(schemas, assertion, members, message):
    with pytest.raises(AssertionError, match=message):
        getattr(schemas.calls("ListSchemas"), assertion)(**members)


@pytest.mark.parametrize(
    "look",
    [
        lambda calls: calls.assert_called(),
        lambda calls: calls.assert_called_once(),
        lambda calls: calls.assert_called_with(maxResults=6),
        lambda calls: calls.assert_any_call(maxResults=6),
        lambda calls: calls.assert_call_count(3),
        lambda calls: calls.last,
        lambda calls: calls.first,
    ],
)
def test_a_missing_call_is_explained_by_the_others_of_its_operation(schemas, look):
    with pytest.raises(
        AssertionError, match=r"(?s)ListSchemas\(maxResults=6\) was not called\. .*is 5, not 6\n.*is 7, not"
    ):
        look(schemas.calls("ListSchemas", maxResults=6))


def test_a_missing_call_is_explained_by_the_calls_of_other_operations(schemas):
    with pytest.raises(AssertionError, match=r"Calls that were made: ListSchemas \(2\), ListFilters \(1\)\."):
        schemas.calls("CreateSchema").assert_called()


def test_only_the_latest_calls_are_shown(mock):
    for _ in range(12):
        mock.call("ListSchemas")

    with pytest.raises(AssertionError, match=r"12 times, not once:\n  - \(2 earlier calls\)(\n  - 2024[^\n]*){10}$"):
        mock.calls("ListSchemas").assert_called_once()


def test_unknown_members_in_an_assertion_are_refused(schemas):
    with pytest.raises(PersonalizeMockError, match=r"no member 'maxResult'\. Did you mean 'maxResults'"):
        schemas.calls("ListSchemas").assert_called_with(maxResult=5)


def test_calls_can_be_read_after_the_mock_has_ended():
    with mock_personalize() as mock:
        mock.call("ListSchemas")

    mock.calls("ListSchemas").assert_called_once()

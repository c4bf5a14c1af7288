"""Rules of a mock: their order, their counts and their end."""

import moto
import moto.backends
import pytest
from builders import client
from rules.rule_tools import recommended_ids

from personalize_mock import PersonalizeMockError, active, mock_personalize
from personalize_mock.rules.rule_book import book_of


def test_the_newest_rule_wins(mock):
    mock.on("GetRecommendations", optional=True).recommends("older")
    mock.on("GetRecommendations").recommends("newer")

    assert recommended_ids() == ["newer"]


def test_calls_that_no_rule_takes_go_to_the_service(mock):
    mock.on("CreateDatasetGroup", name="taken").raises("ResourceAlreadyExistsException", times=1)

    assert mock.call("CreateDatasetGroup", name="free")["datasetGroupArn"]
    with pytest.raises(client().exceptions.ResourceAlreadyExistsException):
        client().create_dataset_group(name="taken")
    client().create_dataset_group(name="taken")


def test_a_rule_knows_the_calls_that_it_took(mock):
    rule = mock.on("GetRecommendations", userId="u1").recommends("a")
    mock.on("GetRecommendations", userId="u2").recommends("b")

    assert (rule.called, rule.call_count, rule.calls) == (False, 0, [])
    recommended_ids("u2")
    recommended_ids("u1")

    assert (rule.called, rule.call_count) == (True, 1)
    assert rule.calls == mock.journal.calls()[-1:]


def test_a_rule_without_an_outcome_counts_calls_of_the_service(mock):
    seen = mock.on("CreateDatasetGroup")

    client().create_dataset_group(name="shop")

    assert [call.params["name"] for call in seen.calls] == ["shop"]
    assert len(mock.call("ListDatasetGroups")["datasetGroups"]) == 1


def test_a_rule_shows_its_declaration(mock):
    rule = mock.on("GetRecommendations", optional=True, userId=str.isdigit).raises("ThrottlingException", times=2)

    assert repr(rule) == ("mock.on('GetRecommendations', userId=str.isdigit).raises('ThrottlingException', times=2)")


def test_rules_of_a_mock_end_with_it():
    with mock_personalize() as mock:
        mock.on("ListSchemas").returns({"schemas": []})
        mock.call("ListSchemas")
    with mock_personalize() as mock:
        assert mock.call("CreateDatasetGroup", name="shop")
        mock.call("ListSchemas")


def test_rules_of_a_nested_mock_end_with_it_and_those_of_the_outer_one_stay():
    with mock_personalize() as outer:
        outer.on("GetRecommendations").recommends("outer")
        with mock_personalize() as inner:
            inner.on("GetRecommendations").recommends("inner")
            assert recommended_ids() == ["inner"]
        assert recommended_ids() == ["outer"]


def test_a_rule_for_all_operations_is_refused_with_the_remedy(mock):
    with pytest.raises(PersonalizeMockError, match="a rule is for one operation"):
        mock.on("*")


def test_rules_need_an_active_mock():
    with pytest.raises(PersonalizeMockError, match="No mock is active"):
        mock_personalize().on("GetRecommendations")


def test_a_state_of_the_rules_can_be_restored(mock):
    rule = mock.on("GetRecommendations").recommends("a", times=2).recommends("b")
    recommended_ids()
    book = book_of(active.active_run().simulation)
    state = book.state()
    newer = mock.on("GetRecommendations").recommends("newer", times=1)
    assert [recommended_ids() for _ in range(3)] == [["newer"], ["a"], ["b"]]

    book.restore(state)

    assert rule.call_count == 1
    assert [recommended_ids() for _ in range(2)] == [["a"], ["b"]]
    assert newer.call_count == 1


def test_a_reset_of_moto_drops_rules():
    with mock_personalize() as mock:
        mock.on("ListSchemas").raises("ThrottlingException")
        moto.backends.get_backend("personalize").clear()
        mock.call("ListSchemas")


def test_moto_started_inside_keeps_rules(mock):
    with moto.mock_aws():
        mock.on("GetRecommendations").recommends("a")
        with moto.mock_aws():
            assert recommended_ids() == ["a"]
    assert recommended_ids() == ["a"]


def test_an_interrupted_call_is_undone_under_rules_too(mock):
    mock.on("CreateDatasetGroup").holds("CREATE PENDING", after=1)

    def interrupt(name):
        if name == "interrupted":
            raise KeyboardInterrupt
        return True

    mock.on("CreateDatasetGroup", name=interrupt)
    with pytest.raises(KeyboardInterrupt):
        mock.call("CreateDatasetGroup", name="interrupted")
    for name in ("one", "two"):
        mock.call("CreateDatasetGroup", name=name)
    mock.clock.jump(600)

    groups = mock.call("ListDatasetGroups")["datasetGroups"]
    assert {group["name"]: group["status"] for group in groups} == {"one": "ACTIVE", "two": "CREATE PENDING"}

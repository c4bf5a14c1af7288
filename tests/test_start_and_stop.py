"""Starts and stops that belong together, handles after their end, and cells of notebooks that are run again."""

import gc
import threading
from concurrent.futures import ThreadPoolExecutor

import boto3
import pytest

from personalize_mock import PersonalizeMockError, PersonalizeMockWarning, active, mock_personalize

CELL = compile("mock = mock_personalize(seed=1)\nmock.start()", "<cell>", "exec")
SHORT_CELL = compile("mock = mock_personalize().start()", "<cell>", "exec")


def a_schema(mock, name="s"):
    schema = (
        '{"type": "record", "name": "Interactions", "fields": [{"name": "USER_ID", "type": "string"}, '
        '{"name": "ITEM_ID", "type": "string"}, {"name": "TIMESTAMP", "type": "long"}]}'
    )
    return mock.call("CreateSchema", name=name, schema=schema)["schemaArn"]


def schemas(mock):
    return [schema["name"] for schema in mock.call("ListSchemas")["schemas"]]


@pytest.fixture
def notebook():
    """The namespace of a notebook."""
    namespace = {"mock_personalize": mock_personalize}
    yield namespace
    for run in active.runs():
        for start in run.starts:
            active.end(start)


def test_start_returns_the_handle():
    mock = mock_personalize()
    try:
        assert mock.start() is mock
    finally:
        mock.stop()


def test_stop_ends_only_the_mock_that_it_was_called_on():
    first, second = mock_personalize().start(), mock_personalize().start()
    a_schema(second)
    first.stop()
    assert schemas(second) == ["s"]
    with pytest.raises(PersonalizeMockError, match=r"This mock is not active.*Another mock is active"):
        first.stop()
    second.stop()
    assert active.current_run() is None


def test_a_mock_that_was_never_started_cannot_stop_another_one():
    with mock_personalize() as mock:
        with pytest.raises(PersonalizeMockError, match=r"Another mock is active\. Call stop"):
            mock_personalize().stop()
        assert schemas(mock) == []


def test_a_mock_that_is_started_twice_is_stopped_twice():
    mock = mock_personalize()
    mock.start()
    mock.start()
    mock.stop()
    assert schemas(mock) == []
    mock.stop()
    with pytest.raises(PersonalizeMockError, match="No mock is active, so there is nothing to stop"):
        mock.stop()


def test_calls_of_clients_can_be_read_after_the_end():
    with mock_personalize() as mock:
        boto3.client("personalize", region_name="us-east-1").list_schemas()

    mock.calls("ListSchemas").assert_called_once()


def test_a_handle_shows_the_journal_of_its_run_after_its_end():
    with mock_personalize() as outer:
        with mock_personalize() as inner:
            a_schema(inner)
        assert [call.operation for call in inner.journal.calls()] == ["CreateSchema"]
        schemas(outer)
    assert [call.operation for call in inner.journal.calls()] == ["CreateSchema", "ListSchemas"]
    assert outer.journal is inner.journal
    with pytest.raises(PersonalizeMockError, match="No mock is active"):
        outer.clock  # noqa: B018  # reading it is the test


def test_a_handle_shows_its_latest_run_while_another_one_is_active():
    mock = mock_personalize()
    for name in ("first", "second"):
        with mock:
            a_schema(mock, name)
    with mock_personalize() as other:
        schemas(other)
        assert [call.params["name"] for call in mock.journal.calls()] == ["second"]


@pytest.mark.parametrize("cell", [CELL, SHORT_CELL], ids=["two lines", "one line"])
def test_a_cell_that_is_run_again_restarts_the_mock_and_says_so(notebook, cell):
    exec(cell, notebook)  # noqa: S102  # as a notebook does
    first = notebook["mock"]
    a_schema(first)
    with pytest.warns(PersonalizeMockWarning, match="still active. It has been stopped") as caught:
        exec(cell, notebook)  # noqa: S102  # as above
    assert caught[0].filename == "<cell>"
    assert schemas(notebook["mock"]) == []
    notebook["mock"].stop()
    assert active.current_run() is None
    assert [call.operation for call in first.journal.calls()] == ["CreateSchema"]


def test_a_cell_that_was_edited_restarts_the_mock_with_its_new_options(notebook):
    exec(CELL, notebook)  # noqa: S102  # as a notebook does
    with pytest.warns(PersonalizeMockWarning, match="has been stopped"):
        exec("mock = mock_personalize(seed=2).start()", notebook)  # noqa: S102  # as above
    assert active.active_run().simulation.options.seed == 2


def test_a_mock_whose_handle_is_lost_is_ended_by_the_next_start_of_the_same_notebook(notebook):
    exec(CELL, notebook)  # noqa: S102  # as a notebook does
    del notebook["mock"]
    gc.collect()
    with pytest.warns(PersonalizeMockWarning, match="has been stopped"):
        exec("other = mock_personalize(seed=2).start()", notebook)  # noqa: S102  # as above


def test_a_cell_that_starts_a_mock_again_after_it_was_stopped_does_not_warn(notebook, recwarn):
    for _ in range(2):
        exec(CELL, notebook)  # noqa: S102  # as a notebook does
        notebook["mock"].stop()
    assert not recwarn.list


def test_another_name_or_another_notebook_shares_the_simulation(notebook, recwarn):
    exec(CELL, notebook)  # noqa: S102  # as a notebook does
    exec("other = mock_personalize().start()", notebook)  # noqa: S102  # as above
    exec(CELL, {"mock_personalize": mock_personalize})  # noqa: S102  # as above
    assert len(active.active_run().starts) == 3
    assert not recwarn.list


def test_a_function_that_starts_a_mock_twice_shares_the_simulation(notebook, recwarn):
    exec("def start():\n  global mock\n  mock = mock_personalize().start()\n", notebook)  # noqa: S102  # as above
    notebook["start"]()
    a_schema(notebook["mock"])
    notebook["start"]()
    assert schemas(notebook["mock"]) == ["s"]
    assert not recwarn.list


def test_a_decorated_function_in_two_threads_at_once_ends_with_the_last():
    both = threading.Barrier(2)
    mock = mock_personalize()

    @mock
    def run(_):
        both.wait(60)
        return schemas(mock)

    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(run, range(2))) == [[], []]
    assert active.current_run() is None

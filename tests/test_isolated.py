"""Isolated mocks: a simulation of their own inside an active mock, which gets everything back untouched."""

import threading
import time
from datetime import datetime, timedelta, timezone
from queue import Queue

import boto3
import pytest
from test_interrupts import Interrupt, InterruptAt, process_state
from test_start_and_stop import a_schema, schemas

from personalize_mock import PersonalizeMockError, active, mock_personalize

CAMPAIGN = "arn:aws:personalize:us-east-1:123456789012:campaign/c"


def client():
    return boto3.client("personalize", region_name="us-east-1")


def names():
    return [schema["name"] for schema in client().list_schemas()["schemas"]]


def state(mock):
    """Return what the owner of a mock can see of it, without changing it."""
    simulation = active.starts_of(mock)[-1][0].simulation
    resources = [resource for store in simulation.stores() for resource in store.resources()]
    return resources, mock.clock.now(), mock.clock.upcoming(), mock.journal, len(mock.journal), simulation.requests


@pytest.fixture
def outer():
    with mock_personalize(clock="2024-05-01", seed=1, autojump=False) as mock:
        mock.call("CreateDatasetGroup", name="outer")
        a_schema(mock, "outer")
        yield mock


def test_an_isolated_mock_starts_without_resources_and_leaves_none(outer):
    before = state(outer)
    with mock_personalize(isolated=True, clock="2030-01-01") as inner:
        assert names() == []
        a_schema(inner, "inner")
        inner.call("CreateDatasetGroup", name="inner")
        inner.clock.jump(86_400)
        assert names() == ["inner"]
    assert state(outer) == before
    assert names() == ["outer"]


def test_the_handle_of_the_outer_mock_keeps_its_own_simulation_in_the_block(outer):
    with mock_personalize(isolated=True) as inner:
        assert inner.clock is not outer.clock
        assert inner.journal is not outer.journal
        assert schemas(outer) == ["outer"]
        assert schemas(inner) == []
    assert [call.operation for call in inner.journal.calls()] == ["ListSchemas"]


def test_an_isolated_mock_has_its_own_options(outer):
    with mock_personalize(isolated=True, seed=2) as inner:
        assert inner.clock.autojump
        ids = inner.call("CreateDatasetGroup", name="outer"), active.active_run().simulation.digest("id")
    assert ids[1] != active.active_run().simulation.digest("id")
    assert not outer.clock.autojump


@pytest.mark.parametrize("outer_is_active", [True, False])
def test_an_isolated_mock_works_with_and_without_an_outer_one(outer_is_active):
    def use():
        with mock_personalize(isolated=True) as mock:
            a_schema(mock)
            assert names() == ["s"]

    if outer_is_active:
        with mock_personalize():
            use()
    else:
        use()
    assert active.current_run() is None


def test_a_mock_inside_an_isolated_one_shares_its_simulation(outer):
    with mock_personalize(isolated=True, seed=2) as isolated, mock_personalize(seed=2) as inner:
        a_schema(inner, "inner")
        assert inner.journal is isolated.journal
        with mock_personalize(isolated=True):
            assert names() == []
        assert names() == ["inner"]
    assert names() == ["outer"]


def test_options_for_the_whole_process_cannot_differ(outer):
    with pytest.raises(PersonalizeMockError, match="is active, and sleep applies to the whole process"):
        mock_personalize(isolated=True, sleep="real").start()
    assert names() == ["outer"]


def test_other_options_suggest_an_isolated_mock(outer):
    with pytest.raises(PersonalizeMockError, match=r"seed=2: .*or write isolated=True here"):
        mock_personalize(seed=2).start()


def test_a_virtual_sleep_moves_the_clock_of_the_simulation_that_the_thread_uses(outer):
    names()
    before = outer.clock.now()
    with mock_personalize(isolated=True, clock="2030-01-01") as inner:
        names()
        time.sleep(3600)
        assert inner.clock.now().hour == 1
    assert outer.clock.now() == before
    time.sleep(60)
    assert (outer.clock.now() - before).total_seconds() == 60


def test_a_thread_that_was_running_before_stays_with_the_outer_mock(outer):
    questions, answers = Queue(), Queue()

    def work():
        while questions.get() is not None:
            answers.put(names())

    def ask():
        questions.put("?")
        return answers.get(timeout=20)

    worker = threading.Thread(target=work)
    worker.start()
    try:
        with mock_personalize(isolated=True) as inner:
            a_schema(inner, "inner")
            assert ask() == ["outer"]
            assert names() == ["inner"]
        assert ask() == ["outer"]
    finally:
        questions.put(None)
        worker.join(20)


def test_a_thread_that_is_started_later_uses_the_isolated_mock(outer):
    seen = []
    with mock_personalize(isolated=True) as inner:
        a_schema(inner, "inner")
        thread = threading.Thread(target=lambda: seen.append(names()))
        thread.start()
        thread.join(20)
    assert seen == [["inner"]]


def test_isolated_mocks_of_two_threads_do_not_see_each_other(outer):
    barrier, seen = threading.Barrier(2), {}
    mock = mock_personalize(isolated=True)

    @mock
    def run(name):
        a_schema(mock, name)
        barrier.wait(20)
        seen[name] = names()
        barrier.wait(20)

    threads = [threading.Thread(target=run, args=(name,)) for name in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert seen == {"a": ["a"], "b": ["b"]}
    assert names() == ["outer"]


def test_mocks_may_end_in_any_order():
    outer, inner = mock_personalize().start(), mock_personalize(isolated=True).start()
    a_schema(inner, "inner")
    outer.stop()
    assert names() == ["inner"]
    inner.stop()
    assert active.current_run() is None


def test_an_exception_in_the_block_gives_the_outer_mock_back(outer):
    with pytest.raises(ZeroDivisionError), mock_personalize(isolated=True):
        1 / 0  # noqa: B018  # the exception is the test
    assert names() == ["outer"]


def test_an_isolated_mock_interrupted_at_any_line_of_its_start_or_end_gives_the_outer_mock_back(outer):
    before, patched = state(outer), process_state()
    line = 1
    while True:
        interrupt = InterruptAt(line)
        mock = mock_personalize(isolated=True, clock="2024-05-01")
        try:
            with interrupt:
                mock.__enter__()
                mock.__exit__(None, None, None)
        except Interrupt:
            if active.starts_of(mock):
                mock.stop()
        assert state(outer) == before, line
        assert process_state() == patched
        assert active.current_simulation() is active.starts_of(outer)[0][0].simulation
        if not interrupt.has_raised:
            break
        line += 1
    assert line > 30


def test_metrics_in_cloudwatch_are_those_of_the_simulation_in_use():
    def requests(mock):
        """Return how many calls CloudWatch has counted, before and after one call."""
        counts = [total("GetRecommendations")]
        mock.on("GetRecommendations").recommends("a")
        mock.call("GetRecommendations", campaignArn=CAMPAIGN, userId="u")
        return [*counts, total("GetRecommendations")]

    with mock_personalize() as outer:
        assert requests(outer) == [0, 1]
        with mock_personalize(isolated=True) as inner:
            assert requests(inner) == [0, 1]
        assert requests(outer) == [1, 2]


def total(metric):
    now = datetime.now(timezone.utc)
    statistics = boto3.client("cloudwatch", region_name="us-east-1").get_metric_statistics(
        Namespace="AWS/Personalize",
        MetricName=metric,
        Dimensions=[{"Name": "CampaignArn", "Value": CAMPAIGN}],
        StartTime=now - timedelta(hours=1),
        EndTime=now + timedelta(hours=1),
        Period=7200,
        Statistics=["Sum"],
    )
    return sum(datapoint["Sum"] for datapoint in statistics["Datapoints"])


def test_a_rule_of_the_outer_mock_does_not_apply_in_the_block(outer):
    rule = outer.on("ListSchemas").returns({"schemas": []})
    with mock_personalize(isolated=True) as inner:
        a_schema(inner, "inner")
        assert names() == ["inner"]
    assert not rule.called
    assert names() == []

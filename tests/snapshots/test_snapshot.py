"""Snapshots, restores and checkpoints of a mock."""

import threading
from time import perf_counter

import builders
import numpy as np
import pytest
from builders import (
    a_campaign,
    a_dataset,
    a_dataset_group,
    a_group_with_data,
    a_metric_attribution,
    a_schema,
    a_solution,
    a_solution_version,
    an_event_tracker,
)
from contract.world import World, minimal_request

from personalize_mock import PersonalizeMockError, active, mock_personalize
from personalize_mock.data.tables import Numbers, Strings, Table
from personalize_mock.exceptions import UnusedRuleError
from personalize_mock.resources.datasets import Dataset
from personalize_mock.snapshots import snapshot as snapshots
from personalize_mock.wire import direct
from personalize_mock.wire.dispatch import dispatch

OPTIONS = {"clock": "2024-05-01", "autojump": False, "minimum_interactions": 0}
WEEK = 7 * 86_400


@pytest.fixture
def mock():
    with mock_personalize(**OPTIONS) as mock:
        yield mock


@pytest.fixture(scope="module")
def session_world():
    """A snapshot of a world whose mock has ended, and the world."""
    with mock_personalize(**OPTIONS) as mock:
        world = World(mock)
        group = world.arns["datasetGroupArn"]
        mock.on("ListRecipes").returns({"recipes": []})
        mock.call("ListRecipes")
        return mock.snapshot(), world, group


def fail_after(_):
    raise ZeroDivisionError


def group_names(mock):
    return [group["name"] for group in mock.call("ListDatasetGroups")["datasetGroups"]]


def future(mock, world):
    """Return what happens next: answers, times and events of calls and jumps after a restore."""
    tracker = mock.call("DescribeEventTracker", eventTrackerArn=world.arns["eventTrackerArn"])["eventTracker"]
    mock.call("CreateSolutionVersion", solutionArn=world.arns["solutionArn"])
    mock.clock.jump(WEEK)
    event = {"eventType": "New", "sentAt": mock.clock.timestamp(), "itemId": "i1"}
    mock.call("PutEvents", trackingId=tracker["trackingId"], userId="u1", sessionId="s", eventList=[event])
    mock.call("DeleteCampaign", campaignArn=world.action_campaign)
    mock.clock.jump(3 * WEEK)
    answers = [
        mock.call("GetRecommendations", campaignArn=world.arns["campaignArn"], userId="u1"),
        mock.call("ListSolutionVersions"),
        mock.call("ListCampaigns"),
        mock.call("CreateSchema", name="new", schema=builders.avro_schema()),
    ]
    return answers, mock.clock.now(), mock.clock.upcoming(), list(mock.journal.transitions())


def test_a_restore_brings_back_resources_clock_events_and_journal(mock):
    a_dataset_group(mock, "kept")
    mock.call("CreateDatasetGroup", name="pending")
    state = mock.snapshot()
    before = mock.clock.now(), mock.clock.upcoming(), list(mock.journal), mock.journal.calls()

    mock.clock.jump(WEEK)
    mock.call("DeleteDatasetGroup", datasetGroupArn=f"{builders_arn('dataset-group/kept')}")
    a_schema(mock)
    mock.clock.autojump, mock.clock.rate = True, 5
    mock.restore(state)

    assert (mock.clock.now(), mock.clock.upcoming(), list(mock.journal), mock.journal.calls()) == before
    assert (mock.clock.autojump, mock.clock.rate) == (False, 0)
    assert group_names(mock) == ["kept", "pending"]
    assert mock.call("ListSchemas")["schemas"] == []


def builders_arn(path):
    return f"arn:aws:personalize:us-east-1:{builders.ACCOUNT}:{path}"


def test_a_snapshot_can_be_restored_in_later_mocks_any_number_of_times_with_equal_futures(session_world):
    state, world, _ = session_world
    futures = []
    for _ in range(2):
        with mock_personalize(**OPTIONS, sleep="real") as mock:
            mock.restore(state)
            futures.append(future(mock, world))
            mock.restore(state)
            futures.append(future(mock, world))
    assert futures[1:] == futures[:1] * 3


def test_a_restored_world_accepts_each_operation_as_the_original_does(session_world):
    state, world, _ = session_world
    with mock_personalize(**OPTIONS) as mock:
        mock.restore(state)
        before = state.clock.instant
        for operation in ("UpdateCampaign", "CreateBatchInferenceJob", "PutItems", "DeleteSolution", "UpdateDataset"):
            copy = object.__new__(World)
            vars(copy).update(vars(world), mock=mock, call=mock.call)
            mock.call(operation, **minimal_request_without_s3(copy, operation))
        assert state.clock.instant == before


def minimal_request_without_s3(world, operation):
    builders.client("s3").create_bucket(Bucket=builders.BUCKET) if not buckets() else None
    builders.put_object("", "batch/in.json")
    return minimal_request(world, operation)


def buckets():
    return builders.client("s3").list_buckets()["Buckets"]


def test_calls_of_the_mock_that_the_snapshot_comes_from_are_not_calls_of_this_mock(session_world):
    state, _, group = session_world
    with mock_personalize(**OPTIONS) as mock:
        mock.restore(state)
        assert mock.journal.calls() == []
        mock.call("DescribeDatasetGroup", datasetGroupArn=group)
        assert [call.operation for call in mock.journal.calls()] == ["DescribeDatasetGroup"]
        assert len(mock.journal.calls(loading=True)) > 30


def test_a_snapshot_does_not_change_with_the_mock_or_with_what_was_restored_from_it(mock):
    group = a_group_with_data(mock, "shop", "Interactions", "Items")
    attribution = a_metric_attribution(mock, group)
    state = mock.snapshot()
    frozen = snapshots.copied(state.stores[builders.ACCOUNT, "us-east-1"].resources)
    for _ in range(2):
        mock.call(
            "UpdateMetricAttribution",
            metricAttributionArn=attribution,
            addMetrics=[{"eventType": "Buy", "metricName": "buys", "expression": "SAMPLECOUNT()"}],
        )
        mock.call("TagResource", resourceArn=group, tags=[{"tagKey": "team", "tagValue": "films"}])
        a_solution_version(mock, a_solution(mock, group, "aws-popularity-count"))
        mock.clock.jump(WEEK)
        assert state.stores[builders.ACCOUNT, "us-east-1"].resources == frozen
        mock.restore(state)


def test_polls_before_a_snapshot_count_after_a_restore_and_later_ones_do_not(mock):
    mock.clock.autojump = True
    arn = mock.call("CreateDatasetGroup", name="a")["datasetGroupArn"]

    def poll() -> str:
        return mock.call("DescribeDatasetGroup", datasetGroupArn=arn)["datasetGroup"]["status"]

    before = mock.snapshot()
    poll()
    once = mock.snapshot()
    assert poll() == "CREATE IN_PROGRESS"

    mock.restore(before)
    assert poll() == "CREATE PENDING"
    mock.restore(once)
    assert poll() == "CREATE IN_PROGRESS"


def test_event_types_of_a_later_future_are_unknown_after_a_restore(mock):
    group = a_group_with_data(mock, "shop")
    tracker = an_event_tracker(mock, group)
    tracking = mock.call("DescribeEventTracker", eventTrackerArn=tracker)["eventTracker"]["trackingId"]

    def put(event_type):
        event = {"eventType": event_type, "sentAt": 0, "itemId": "i1"}
        mock.call("PutEvents", trackingId=tracking, userId="u", sessionId="s", eventList=[event])

    put("First")
    state = mock.snapshot()
    put("Later")
    mock.restore(state)
    store = active.active_run().simulation.store(builders.ACCOUNT, "us-east-1")
    (dataset,) = store.all(Dataset).values()
    assert dataset.contents.event_types == {"Watch", "First"}
    put("Other")
    assert dataset.contents.event_types == {"Watch", "First", "Other"}


def test_models_and_tables_are_shared(mock):
    campaign = a_campaign(mock)
    state = mock.snapshot()

    def shared():
        store = active.active_run().simulation.store(builders.ACCOUNT, "us-east-1")
        return [
            value
            for resource in store.resources()
            for name, value in vars(resource).items()
            if name in ("fitted_model", "_contents") and value is not None
        ]

    before = shared()
    assert len(before) >= 2
    mock.restore(state)
    assert all(old is new for old, new in zip(before, shared(), strict=True))
    assert mock.call("GetRecommendations", campaignArn=campaign, userId="u1")["itemList"]


def test_a_checkpoint_undoes_its_block_even_if_it_raises(mock):
    a_dataset_group(mock, "kept")
    before = mock.clock.now(), len(mock.journal)
    with pytest.raises(ZeroDivisionError), mock.checkpoint() as state:
        fail_after(a_dataset_group(mock, "dropped"))
    assert group_names(mock) == ["kept"]
    assert mock.clock.now() == before[0]
    assert len(mock.journal) == before[1] + 1
    assert repr(state) == f"<Snapshot at {before[0].isoformat(timespec='seconds')}: 1 DatasetGroup>"


def test_a_snapshot_shows_the_resources_of_all_regions(mock):
    for region in ("us-east-1", "eu-west-1"):
        mock.call("CreateDatasetGroup", name="films", region=region)

    assert repr(mock.snapshot()).endswith(": 2 DatasetGroup>")


def test_checkpoints_can_be_nested(mock):
    with mock.checkpoint():
        a_dataset_group(mock, "outer")
        with mock.checkpoint():
            a_dataset_group(mock, "inner")
            assert group_names(mock) == ["outer", "inner"]
        assert group_names(mock) == ["outer"]
    assert group_names(mock) == []


def test_objects_in_s3_stay(mock):
    builders.put_object("before", "a.txt")
    with mock.checkpoint():
        builders.put_object("changed", "a.txt")
    body = builders.client("s3").get_object(Bucket=builders.BUCKET, Key="a.txt")["Body"]
    assert body.read() == b"changed"


def test_rules_are_part_of_the_state(mock):
    kept = mock.on("ListSchemas").raises("InternalServerError", times=1)
    with mock.checkpoint():
        with pytest.raises(Exception, match="InternalServerError"):
            mock.call("ListSchemas")
        assert mock.call("ListSchemas") == {"schemas": []}
        mock.on("ListRecipes").returns({"recipes": []})
        assert mock.call("ListRecipes") == {"recipes": []}
        assert kept.call_count == 1
    assert kept.call_count == 0
    assert mock.call("ListRecipes")["recipes"] != []
    with pytest.raises(Exception, match="InternalServerError"):
        mock.call("ListSchemas")


def test_a_rule_that_nothing_used_in_a_checkpoint_is_an_error(mock):
    with pytest.raises(UnusedRuleError, match="ListRecipes"), mock.checkpoint():
        mock.on("ListRecipes").returns({"recipes": [{"recipeArn": a_dataset_group(mock, "dropped")}]})
    assert group_names(mock) == []


def test_rules_restored_in_another_mock_are_copies(mock):
    rule = mock.on("ListRecipes", optional=True).returns({"recipes": []})
    state = mock.snapshot()
    with mock_personalize(isolated=True, **OPTIONS) as inner:
        inner.restore(state)
        assert inner.call("ListRecipes") == {"recipes": []}
    assert not rule.called


def test_a_rule_that_holds_a_resource_releases_it_after_a_restore(mock):
    held = mock.on("CreateDatasetGroup").holds("CREATE PENDING")
    arn = mock.call("CreateDatasetGroup", name="held")["datasetGroupArn"]
    state = mock.snapshot()
    held.release()
    mock.clock.jump(WEEK)
    mock.restore(state)
    mock.clock.jump(WEEK)
    assert mock.call("DescribeDatasetGroup", datasetGroupArn=arn)["datasetGroup"]["status"] == "CREATE PENDING"
    held.release()
    mock.clock.jump(WEEK)
    assert mock.call("DescribeDatasetGroup", datasetGroupArn=arn)["datasetGroup"]["status"] == "ACTIVE"


def test_an_isolated_mock_can_restore_the_state_of_the_outer_one_without_touching_it(mock):
    a_dataset_group(mock, "shop")
    state, before = mock.snapshot(), (mock.clock.now(), len(mock.journal))
    with mock_personalize(isolated=True, **OPTIONS) as inner:
        inner.restore(state)
        a_dataset_group(inner, "inner")
        assert group_names(inner) == ["shop", "inner"]
    assert (mock.clock.now(), len(mock.journal)) == before
    assert group_names(mock) == ["shop"]


@pytest.mark.parametrize(
    "options", [{"seed": 1}, {"strict": False}, {"quotas": {"schemas": 3}}, {"durations": {"solution": 3}}]
)
def test_other_options_that_the_state_depends_on_are_an_error_that_says_what_to_write(options):
    with mock_personalize(**options) as mock:
        state = mock.snapshot()
    (name,) = options
    with (
        mock_personalize(autojump=False) as mock,
        pytest.raises(PersonalizeMockError, match=f"taken with {name}=.*Write mock_personalize\\({name}="),
    ):
        mock.restore(state)


@pytest.mark.parametrize("wrong", [None, "state.zip", {}])
def test_restoring_something_else_is_an_error_that_says_what_to_write(mock, wrong):
    with pytest.raises(PersonalizeMockError, match=r"not a snapshot\. Write state = mock\.snapshot\(\)"):
        mock.restore(wrong)


def test_a_snapshot_during_a_call_is_an_error(mock):
    mock.on("ListSchemas", optional=True, maxResults=lambda _: mock.snapshot()).returns({"schemas": []})
    mock_error = pytest.raises(PersonalizeMockError, match="while a call to Personalize is running")
    with mock_error, mock.checkpoint():
        mock.call("ListSchemas", maxResults=1)


def test_a_snapshot_waits_for_calls_of_other_threads(mock):
    threads = [threading.Thread(target=a_schema, args=(mock,), kwargs={"name": f"s{i}"}) for i in range(4)]
    for thread in threads:
        thread.start()
    states = [mock.snapshot() for _ in range(5)]
    for thread in threads:
        thread.join()
    counts = [len(state.records) for state in states]
    assert counts == sorted(counts)


@pytest.mark.parametrize("replaces", ["restore", "reset"])
def test_a_call_that_waited_while_the_state_was_replaced_is_made_in_the_new_state(mock, monkeypatch, replaces):
    state = mock.snapshot()
    replace = {"restore": lambda: mock.restore(state), "reset": active.current_run().simulation.reset}[replaces]
    a_dataset_group(mock, "dropped")

    def dispatch_later(store, operation, params):
        monkeypatch.undo()
        replace()  # as another thread does it before the call gets the lock
        return dispatch(store, operation, params)

    monkeypatch.setattr(direct, "dispatch", dispatch_later)
    a_dataset_group(mock, "kept")

    assert group_names(mock) == ["kept"]
    assert [due.arn for due in mock.clock.upcoming()] == []


@pytest.mark.parametrize("interrupted", ["_restore_interceptor", "_replace_state", "set_state"])
def test_an_interrupted_restore_is_complete(mock, monkeypatch, interrupted):
    a_dataset_group(mock, "kept")
    state = mock.snapshot()
    a_dataset_group(mock, "dropped")
    original, calls = getattr(snapshots, interrupted), []

    def interrupt_once(*arguments):
        calls.append(interrupted)
        if len(calls) == 1:
            raise KeyboardInterrupt
        return original(*arguments)

    monkeypatch.setattr(snapshots, interrupted, interrupt_once)
    with pytest.raises(KeyboardInterrupt):
        mock.restore(state)
    assert group_names(mock) == ["kept"]
    assert mock.clock.timestamp() == state.clock.instant


def test_a_restore_takes_no_longer_with_a_million_interactions(mock):
    dataset = a_dataset(mock, a_dataset_group(mock))
    store = active.active_run().simulation.store(builders.ACCOUNT, "us-east-1")
    rows, random = 1_000_000, np.random.default_rng(0)
    ids = tuple(str(number) for number in range(1000))
    columns = {
        "USER_ID": Strings(codes=random.integers(0, 1000, rows).astype(np.int32), values=ids),
        "ITEM_ID": Strings(codes=random.integers(0, 1000, rows).astype(np.int32), values=ids),
        "TIMESTAMP": Numbers(values=np.arange(rows)),
    }
    resource = store.resource(dataset)
    resource.contents = resource.contents.with_import(Table(columns=columns, rows=rows))
    assert resource.contents.row_count == rows
    state = mock.snapshot()
    seconds = []
    for _ in range(5):
        start = perf_counter()
        mock.restore(state)
        seconds.append(perf_counter() - start)
    assert min(seconds) < 0.01

"""Simulated time: the clock, its queue, and what makes it move."""

from datetime import date, datetime, timedelta, timezone

import boto3
import pytest
from freezegun import freeze_time

from personalize_mock import PersonalizeMockError, mock_personalize
from personalize_mock.clock import SimulatedClock

START = "2024-05-01T00:00:00Z"
MIDNIGHT = datetime(2024, 5, 1, tzinfo=timezone.utc)


def a_clock(fired=None, **options):
    return SimulatedClock(start=START, fire=(fired if fired is not None else []).append, **options)


def schedule(clock, delay, arn="arn"):
    return clock.schedule(delay, arn=arn, action="stage", name="create", stage=1)


def personalize():
    return boto3.client("personalize", region_name="us-east-1")


def a_group(name="group"):
    arn = personalize().create_dataset_group(name=name)["datasetGroupArn"]
    return lambda: personalize().describe_dataset_group(datasetGroupArn=arn)["datasetGroup"]


def test_a_clock_with_a_start_stands_still_until_it_is_moved():
    clock = a_clock()
    assert clock.now() == clock.now() == MIDNIGHT
    clock.jump(90)
    clock.jump(timedelta(hours=1))
    assert clock.now() == MIDNIGHT + timedelta(hours=1, seconds=90)


@pytest.mark.parametrize("start", [START, "2024-05-01", MIDNIGHT, MIDNIGHT.replace(tzinfo=None), 1714521600])
def test_an_instant_may_be_written_in_many_ways(start):
    assert SimulatedClock(start=start, fire=print).now() == MIDNIGHT


def test_time_never_goes_backwards():
    clock = a_clock()
    with pytest.raises(PersonalizeMockError, match="never goes backwards"):
        clock.jump_to("2024-04-30")
    with pytest.raises(PersonalizeMockError, match="never goes backwards"):
        clock.jump(-1)
    with pytest.raises(PersonalizeMockError, match="rate of 0 or more"):
        clock.rate = -1


@pytest.mark.parametrize("seconds", [float("inf"), float("nan"), 1e12])
def test_time_does_not_leave_the_calendar(seconds):
    clock = a_clock()
    schedule(clock, 60)
    for jump in (clock.jump, clock.jump_to):
        with pytest.raises(PersonalizeMockError, match="leaves the calendar"):
            jump(seconds)
    assert clock.now() == MIDNIGHT
    assert len(clock.upcoming()) == 1


@pytest.mark.parametrize("step", ["1h", None, date(2024, 5, 2)])
def test_a_jump_that_is_no_jump_says_what_to_write(step):
    with pytest.raises(PersonalizeMockError, match="takes seconds or a timedelta"):
        a_clock().jump(step)
    with pytest.raises(PersonalizeMockError, match=r"ISO 8601 text.*datetime\(2024, 5, 1\)"):
        a_clock().jump_to(step)


@pytest.mark.parametrize("rate", [float("inf"), float("nan"), "fast"])
def test_time_runs_at_a_finite_rate(rate):
    with pytest.raises(PersonalizeMockError, match="rate of 0 or more"):
        a_clock().rate = rate


def test_a_clock_without_a_start_runs_with_the_wall():
    with freeze_time("2024-05-01", tick=False) as frozen:
        clock = SimulatedClock(fire=print)
        frozen.tick(10)
        assert clock.now() == MIDNIGHT + timedelta(seconds=10)
        clock.jump(60)
        frozen.tick(10)
        assert clock.now() == MIDNIGHT + timedelta(seconds=80)


def test_the_rate_says_how_fast_time_runs_from_now_on():
    with freeze_time("2024-05-01", tick=False) as frozen:
        clock = SimulatedClock(fire=print)
        clock.rate = 60
        frozen.tick(2)
        assert clock.now() == MIDNIGHT + timedelta(minutes=2)
        clock.rate = 0
        frozen.tick(2)
        assert clock.now() == MIDNIGHT + timedelta(minutes=2)


def test_a_wall_clock_that_is_set_back_does_not_take_time_with_it():
    with freeze_time("2024-05-01 12:00", tick=False) as frozen:
        clock = SimulatedClock(fire=print)
        noon = clock.now()
        frozen.move_to("2024-05-01 11:00")
        assert clock.now() == noon


def test_due_events_run_in_order_each_at_its_own_instant():
    seen = []
    clock = SimulatedClock(start=START, fire=lambda due: seen.append((due.arn, clock.timestamp() - begin)))
    begin = clock.timestamp()
    for arn, delay in (("late", 30), ("early", 10), ("tie", 30)):
        schedule(clock, delay, arn)
    clock.jump(20)
    assert seen == [("early", 10)]
    clock.jump(20)
    assert seen == [("early", 10), ("late", 30), ("tie", 30)]
    assert clock.timestamp() - begin == 40


def test_an_event_may_schedule_another_that_is_due_in_the_same_jump():
    seen = []

    def fire(due):
        seen.append(clock.timestamp() - begin)
        if len(seen) < 3:
            schedule(clock, 10)

    clock = SimulatedClock(start=START, fire=fire)
    begin = clock.timestamp()
    schedule(clock, 10)
    clock.jump(100)
    assert seen == [10, 20, 30]


def test_what_is_scheduled_can_be_read():
    clock = a_clock()
    schedule(clock, 60, "second")
    schedule(clock, 30, "first")
    assert [(due.arn, due.at - clock.timestamp()) for due in clock.upcoming()] == [("first", 30), ("second", 60)]


@pytest.mark.parametrize("options", [{}, {"clock": START}])
def test_a_loop_without_sleep_sees_every_status_in_three_polls(options):
    with mock_personalize(**options):
        describe = a_group()
        assert [describe()["status"] for _ in range(4)] == [
            "CREATE PENDING",
            "CREATE IN_PROGRESS",
            "ACTIVE",
            "ACTIVE",
        ]


def test_polling_a_list_moves_time_as_well():
    with mock_personalize(clock=START):
        a_group()
        seen = [personalize().list_dataset_groups()["datasetGroups"][0]["status"] for _ in range(3)]
        assert seen == ["CREATE PENDING", "CREATE IN_PROGRESS", "ACTIVE"]


def test_without_autojump_only_time_moves_a_status():
    with mock_personalize(clock=START, autojump=False) as mock:
        describe = a_group()
        assert [describe()["status"] for _ in range(3)] == ["CREATE PENDING"] * 3
        mock.clock.jump(60)
        assert describe()["status"] == "ACTIVE"


def test_a_status_changes_at_its_own_instant_however_late_somebody_looks():
    with mock_personalize(clock=START, durations={"dataset-group": 30}) as mock:
        describe = a_group()
        mock.clock.jump(3600)
        assert describe()["lastUpdatedDateTime"] == MIDNIGHT + timedelta(seconds=30)


def test_looking_at_one_resource_does_not_hurry_another_past_its_time():
    with mock_personalize(clock=START, durations={"dataset-group": 1000}) as mock:
        first = a_group("first")
        mock.clock.jump(500)
        second = a_group("second")
        while first()["status"] != "ACTIVE":
            pass
        assert mock.clock.now() == MIDNIGHT + timedelta(seconds=1000)
        assert second()["status"] == "CREATE IN_PROGRESS"


def test_freezegun_fixes_creation_dates():
    with freeze_time("2024-05-01"), mock_personalize():
        assert a_group()()["creationDateTime"] == MIDNIGHT


def test_moto_state_manager_immediate_takes_no_time():
    from moto.moto_api import state_manager

    state_manager.set_transition("personalize::dataset-group", {"progression": "immediate"})
    try:
        with mock_personalize():
            assert a_group()()["status"] == "ACTIVE"
    finally:
        state_manager.unset_transition("personalize::dataset-group")


def test_moto_state_manager_manual_counts_polls_and_nothing_else():
    from moto.moto_api import state_manager

    state_manager.set_transition("personalize::dataset-group", {"progression": "manual", "times": 2})
    try:
        with mock_personalize() as mock:
            describe = a_group()
            mock.clock.jump(86400)
            seen = [describe()["status"] for _ in range(4)]
            assert seen == ["CREATE PENDING", "CREATE IN_PROGRESS", "CREATE IN_PROGRESS", "ACTIVE"]
    finally:
        state_manager.unset_transition("personalize::dataset-group")


def test_moto_state_manager_time_gives_each_stage_its_seconds():
    from moto.moto_api import state_manager

    state_manager.set_transition("personalize::dataset-group", {"progression": "time", "seconds": 100})
    try:
        with mock_personalize(clock=START, autojump=False) as mock:
            describe, seen = a_group(), []
            for _ in range(3):
                seen.append(describe()["status"])
                mock.clock.jump(100)
            assert seen == ["CREATE PENDING", "CREATE IN_PROGRESS", "ACTIVE"]
    finally:
        state_manager.unset_transition("personalize::dataset-group")


def test_a_solution_can_be_given_a_duration_so_that_waiting_code_can_be_tested():
    with mock_personalize(clock=START, durations={"solution": 60}) as mock:
        describe = a_group()
        mock.clock.jump(60)
        recipe = "arn:aws:personalize:::recipe/aws-user-personalization"
        arn = personalize().create_solution(
            name="solution", datasetGroupArn=describe()["datasetGroupArn"], recipeArn=recipe
        )["solutionArn"]
        with pytest.raises(personalize().exceptions.ResourceInUseException):
            personalize().create_solution_version(solutionArn=arn)
        mock.clock.jump(60)
        assert personalize().describe_solution(solutionArn=arn)["solution"]["status"] == "ACTIVE"

"""Tests of the simulated clock, its queue, and how polls and moto's state manager move it."""

from datetime import date, datetime, timedelta, timezone

import boto3
import pytest
from freezegun import freeze_time

from personalize_mock import PersonalizeMockError, mock_personalize
from personalize_mock.timing.clock import SimulatedClock

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


def test_a_clock_with_a_start_stands_still_until_a_jump():
    clock = a_clock()
    assert clock.now() == clock.now() == MIDNIGHT
    clock.jump(90)
    clock.jump(timedelta(hours=1))
    assert clock.now() == MIDNIGHT + timedelta(hours=1, seconds=90)


@pytest.mark.parametrize("start", [START, "2024-05-01", MIDNIGHT, MIDNIGHT.replace(tzinfo=None), 1714521600])
def test_an_instant_can_be_text_a_datetime_or_epoch_seconds(start):
    assert SimulatedClock(start=start, fire=print).now() == MIDNIGHT


def test_time_cannot_go_backwards():
    clock = a_clock()
    with pytest.raises(PersonalizeMockError, match="cannot go backwards"):
        clock.jump_to("2024-04-30")
    with pytest.raises(PersonalizeMockError, match="cannot go backwards"):
        clock.jump(-1)
    with pytest.raises(PersonalizeMockError, match="0 or more"):
        clock.rate = -1


@pytest.mark.parametrize("seconds", [float("inf"), float("nan"), 1e12])
def test_time_cannot_go_beyond_the_year_9999(seconds):
    clock = a_clock()
    schedule(clock, 60)
    for jump in (clock.jump, clock.jump_to):
        with pytest.raises(PersonalizeMockError, match="beyond the year 9999"):
            jump(seconds)
    assert clock.now() == MIDNIGHT
    assert len(clock.upcoming()) == 1


@pytest.mark.parametrize("step", ["1h", None, date(2024, 5, 2)])
def test_an_invalid_jump_reports_the_valid_ones(step):
    with pytest.raises(PersonalizeMockError, match="Write seconds, a timedelta or units"):
        a_clock().jump(step)
    with pytest.raises(PersonalizeMockError, match=r"ISO 8601 string.*datetime\(2024, 5, 1\)"):
        a_clock().jump_to(step)


@pytest.mark.parametrize(
    ("units", "seconds"),
    [
        ({"hours": 6}, 21_600),
        ({"days": 1, "minutes": 1}, 86_460),
        ({"seconds": 30}, 30),
        ({"weeks": 0.5}, 302_400),
        ({"seconds": timedelta(minutes=1), "hours": 1}, 3660),
    ],
)
def test_a_jump_may_be_written_in_units(units, seconds):
    clock = a_clock()
    clock.jump(**units)
    assert (clock.now() - MIDNIGHT).total_seconds() == seconds


@pytest.mark.parametrize("units", [{"hours": "6"}, {"days": None}, {"minutes": True}, {}])
def test_an_invalid_jump_in_units_reports_a_valid_one(units):
    with pytest.raises(PersonalizeMockError, match=r"jump\(hours=6\)"):
        a_clock().jump(**units)


@pytest.mark.parametrize("units", [{"hours": -1}, {"weeks": 10**400}, {"weeks": 1e308, "days": -1e308}])
def test_a_jump_in_units_has_the_limits_of_a_jump_in_seconds(units):
    with pytest.raises(PersonalizeMockError, match=r"cannot go backwards|beyond the year 9999"):
        a_clock().jump(**units)


def test_a_frozen_clock_stands_still_until_a_jump_or_the_end_of_the_block():
    with freeze_time("2024-05-01", tick=False) as wall:
        clock = SimulatedClock(fire=print)
        with clock.freeze():
            wall.tick(60)
            assert clock.now() == MIDNIGHT
            clock.jump(hours=1)
        wall.tick(5)
        assert clock.now() == MIDNIGHT + timedelta(hours=1, seconds=5)
        clock.freeze()
        wall.tick(60)
        assert clock.now() == MIDNIGHT + timedelta(hours=1, seconds=5)


@pytest.mark.parametrize("rate", [float("inf"), float("nan"), "fast", 1e308, 10**400, True])
def test_the_rate_must_be_a_number_up_to_a_billion(rate):
    clock = a_clock()
    with pytest.raises(PersonalizeMockError, match=r"0 or more and at most 1e\+09"):
        clock.rate = rate
    assert clock.rate == 0


@pytest.mark.parametrize("seconds", [10**400, timedelta.max])
def test_a_jump_of_any_size_beyond_the_year_9999_is_refused(seconds):
    clock = a_clock()
    with pytest.raises(PersonalizeMockError, match="beyond the year 9999"):
        clock.jump(seconds)
    assert clock.now() == MIDNIGHT


def test_time_stops_at_the_end_of_the_year_9999():
    with freeze_time("2024-05-01", tick=False) as frozen:
        clock = SimulatedClock(fire=print)
        clock.rate = 1e9
        frozen.tick(3600)
        assert clock.now().year == 9999


def test_the_journal_is_in_order_of_time_at_a_high_rate():
    with mock_personalize(durations={"dataset-group": 60}) as mock:
        mock.clock.rate = 100_000
        for number in range(5):
            mock.call("CreateDatasetGroup", name=f"group-{number}")
            mock.call("ListDatasetGroups")
        times = [record.at for record in mock.journal]
        assert times == sorted(times)
        assert len(mock.journal.transitions()) > 5


def test_an_interrupted_jump_stops_at_the_event_which_runs_again():
    fired, interruptions = [], iter([KeyboardInterrupt, None])

    def fire(due):
        error = next(interruptions) if due.arn == "second" else None
        schedule(clock, 50, "follower")
        if error:
            raise error
        fired.append(due.arn)

    clock = SimulatedClock(start=START, fire=fire)
    schedule(clock, 10, "first")
    schedule(clock, 20, "second")
    with pytest.raises(KeyboardInterrupt):
        clock.jump(30)
    assert fired == ["first"]
    assert clock.now() == MIDNIGHT + timedelta(seconds=20)
    assert [due.arn for due in clock.upcoming()] == ["second", "follower"]
    clock.catch_up()
    assert fired == ["first", "second"]
    assert [(due.arn, due.tie) for due in clock.upcoming()] == [("follower", 3), ("follower", 4)]


def test_a_clock_without_a_start_runs_with_wall_time():
    with freeze_time("2024-05-01", tick=False) as frozen:
        clock = SimulatedClock(fire=print)
        frozen.tick(10)
        assert clock.now() == MIDNIGHT + timedelta(seconds=10)
        clock.jump(60)
        frozen.tick(10)
        assert clock.now() == MIDNIGHT + timedelta(seconds=80)


def test_a_new_rate_applies_from_now_on():
    with freeze_time("2024-05-01", tick=False) as frozen:
        clock = SimulatedClock(fire=print)
        clock.rate = 60
        frozen.tick(2)
        assert clock.now() == MIDNIGHT + timedelta(minutes=2)
        clock.rate = 0
        frozen.tick(2)
        assert clock.now() == MIDNIGHT + timedelta(minutes=2)


def test_setting_back_wall_time_does_not_set_back_the_clock():
    with freeze_time("2024-05-01 12:00", tick=False) as frozen:
        clock = SimulatedClock(fire=print)
        noon = clock.now()
        frozen.move_to("2024-05-01 11:00")
        assert clock.now() == noon


def test_due_events_run_in_order_each_at_its_own_time():
    fired = []
    clock = SimulatedClock(start=START, fire=lambda due: fired.append((due.arn, clock.timestamp() - begin)))
    begin = clock.timestamp()
    for arn, delay in (("late", 30), ("early", 10), ("tie", 30)):
        schedule(clock, delay, arn)
    clock.jump(20)
    assert fired == [("early", 10)]
    clock.jump(20)
    assert fired == [("early", 10), ("late", 30), ("tie", 30)]
    assert clock.timestamp() - begin == 40


def test_an_event_can_schedule_another_one_within_the_same_jump():
    times = []

    def fire(due):
        times.append(clock.timestamp() - begin)
        if len(times) < 3:
            schedule(clock, 10)

    clock = SimulatedClock(start=START, fire=fire)
    begin = clock.timestamp()
    schedule(clock, 10)
    clock.jump(100)
    assert times == [10, 20, 30]


def test_scheduled_events_can_be_read():
    clock = a_clock()
    schedule(clock, 60, "second")
    schedule(clock, 30, "first")
    assert [(due.arn, due.at - clock.timestamp()) for due in clock.upcoming()] == [("first", 30), ("second", 60)]


@pytest.mark.parametrize("options", [{}, {"clock": START}])
def test_a_loop_without_a_sleep_sees_every_status_in_three_polls(options):
    with mock_personalize(**options):
        describe = a_group()
        assert [describe()["status"] for _ in range(4)] == [
            "CREATE PENDING",
            "CREATE IN_PROGRESS",
            "ACTIVE",
            "ACTIVE",
        ]


def test_polling_a_list_moves_the_clock():
    with mock_personalize(clock=START):
        a_group()
        statuses = [personalize().list_dataset_groups()["datasetGroups"][0]["status"] for _ in range(3)]
        assert statuses == ["CREATE PENDING", "CREATE IN_PROGRESS", "ACTIVE"]


def test_without_autojump_polls_do_not_move_the_clock():
    with mock_personalize(clock=START, autojump=False) as mock:
        describe = a_group()
        assert [describe()["status"] for _ in range(3)] == ["CREATE PENDING"] * 3
        mock.clock.jump(60)
        assert describe()["status"] == "ACTIVE"


def test_a_status_changes_at_its_own_time_even_if_it_is_read_later():
    with mock_personalize(clock=START, durations={"dataset-group": 30}) as mock:
        describe = a_group()
        mock.clock.jump(3600)
        assert describe()["lastUpdatedDateTime"] == MIDNIGHT + timedelta(seconds=30)


def test_polling_one_resource_does_not_move_another_ahead_of_its_time():
    with mock_personalize(clock=START, durations={"dataset-group": 1000}) as mock:
        first = a_group("first")
        mock.clock.jump(500)
        second = a_group("second")
        while first()["status"] != "ACTIVE":
            pass
        assert mock.clock.now() == MIDNIGHT + timedelta(seconds=1000)
        assert second()["status"] == "CREATE IN_PROGRESS"


def test_freezegun_sets_creation_dates():
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


def test_moto_state_manager_manual_counts_polls_only():
    from moto.moto_api import state_manager

    state_manager.set_transition("personalize::dataset-group", {"progression": "manual", "times": 2})
    try:
        with mock_personalize() as mock:
            describe = a_group()
            mock.clock.jump(86400)
            statuses = [describe()["status"] for _ in range(4)]
            assert statuses == ["CREATE PENDING", "CREATE IN_PROGRESS", "CREATE IN_PROGRESS", "ACTIVE"]
    finally:
        state_manager.unset_transition("personalize::dataset-group")


def test_moto_state_manager_time_gives_each_stage_its_seconds():
    from moto.moto_api import state_manager

    state_manager.set_transition("personalize::dataset-group", {"progression": "time", "seconds": 100})
    try:
        with mock_personalize(clock=START, autojump=False) as mock:
            describe, statuses = a_group(), []
            for _ in range(3):
                statuses.append(describe()["status"])
                mock.clock.jump(100)
            assert statuses == ["CREATE PENDING", "CREATE IN_PROGRESS", "ACTIVE"]
    finally:
        state_manager.unset_transition("personalize::dataset-group")


def test_a_solution_can_be_given_a_duration():
    with mock_personalize(clock=START, durations={"solution": 60}) as mock:
        describe = a_group()
        mock.clock.jump(60)
        recipe = "arn:aws:personalize:::recipe/aws-semantic-similarity"  # needs no interactions
        arn = personalize().create_solution(
            name="solution", datasetGroupArn=describe()["datasetGroupArn"], recipeArn=recipe
        )["solutionArn"]
        with pytest.raises(personalize().exceptions.ResourceInUseException):
            personalize().create_solution_version(solutionArn=arn)
        mock.clock.jump(60)
        assert personalize().describe_solution(solutionArn=arn)["solution"]["status"] == "ACTIVE"

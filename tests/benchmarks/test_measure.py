"""Timing of the benchmarks, and verdicts about their results."""

import json
from itertools import count
from types import SimpleNamespace

import pytest
from benchmark_modules import load

measure = load("measure")


def ticking_clock(*durations):
    """Return a clock that is read before and after each of some tasks."""
    times, now = [], 0.0
    for duration in durations:
        times += [now, now + duration]
        now += duration
    return iter(times).__next__


def test_a_result_at_its_target_passes():
    result = measure.Result(name="call", measured=0.15, floor=0.1, ratio=1.5, target=1.5)

    assert result.passes is True
    assert result.verdict == "PASS"


def test_a_result_above_its_target_names_the_distance():
    result = measure.Result(name="call", measured=0.18, floor=0.1, ratio=1.8, target=1.5)

    assert result.passes is False
    assert result.verdict == "1.20 x the target"


def test_a_result_without_a_floor_is_judged_by_its_value():
    result = measure.Result(name="import", measured=0.06, target=0.05)

    assert result.judged == 0.06
    assert result.verdict == "1.20 x the target"


def test_a_result_without_a_target_has_no_verdict():
    result = measure.Result(name="call", measured=0.2, floor=0.1, ratio=2.0)

    assert result.passes is None
    assert result.verdict == ""


def test_the_time_of_a_task_is_the_median_of_its_calls():
    clock = ticking_clock(1.0, 9.0, 2.0)

    assert measure.seconds(lambda: None, calls=3, clock=clock) == 2.0


def test_tasks_alternate_and_every_second_round_is_reversed():
    order = []
    measure.alternate({"a": lambda: order.append("a"), "b": lambda: order.append("b")}, rounds=7)

    assert "".join(order) == "abba" * 4


def test_the_first_round_is_not_counted():
    numbers = count()

    assert measure.alternate({"a": lambda: next(numbers)}, rounds=7) == {"a": [1, 2, 3, 4, 5, 6, 7]}


def test_a_median_of_fewer_than_seven_rounds_is_refused():
    with pytest.raises(ValueError, match="rounds=6: a median needs at least 7 rounds"):
        measure.alternate({"a": lambda: 0}, rounds=6)


def test_each_task_is_called_several_times_per_round():
    calls = SimpleNamespace(first=0, second=0)
    tasks = {name: lambda name=name: setattr(calls, name, getattr(calls, name) + 1) for name in ("first", "second")}

    taken = measure.times(tasks, calls=3, rounds=7)

    assert (calls.first, calls.second) == (24, 24)
    assert {name: len(times) for name, times in taken.items()} == {"first": 7, "second": 7}


def test_the_ratio_is_the_median_of_the_ratios_of_the_rounds():
    result = measure.against("call", [2.0, 30.0, 4.0], [1.0, 10.0, 1.0], target=3.0)

    assert (result.measured, result.floor, result.ratio) == (4.0, 1.0, 3.0)
    assert result.passes


def test_an_allowance_is_left_out_of_the_ratio_only():
    result = measure.against("training", [0.11], [0.08], target=1.25, allowance=0.01)

    assert result.measured == 0.11
    assert result.ratio == pytest.approx(1.25)


def test_a_result_is_a_row_of_json():
    row = json.loads(json.dumps(measure.as_row(measure.against("peak", [300], [200], target=1.1, unit="B"))))

    assert row == {
        "name": "peak",
        "measured": 300,
        "floor": 200,
        "ratio": 1.5,
        "target": 1.1,
        "unit": "B",
        "passes": False,
    }

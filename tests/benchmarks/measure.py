"""Timing and results shared by the benchmarks.

A benchmark is a module with a docstring that explains its floors, a constant `TARGETS`, and a function `results` that
yields a `Result` for each quantity. The docstring is printed in the report, so it is written for its reader.
"""

import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

ROUNDS = 9

Clock = Callable[[], float]
Task = Callable[[], object]
Sample = TypeVar("Sample")

process_time: Clock = time.process_time  # CPU time of all threads, which other processes disturb less than wall time
wall_time: Clock = time.perf_counter  # for work that another process does meanwhile


def children_time() -> float:
    """Return the CPU seconds of all child processes that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A measured quantity.

    Attributes:
        name: What was measured.
        measured: Its median over all rounds, in `unit`.
        floor: The median of the work that cannot be avoided, in `unit`; None if there is no floor.
        ratio: The median of the ratios to the floor of the same round; None if there is no floor.
        target: The largest ratio that passes, or without a floor the largest value that passes. None if the quantity is
            only shown for information.
        unit: "s" for seconds or "B" for bytes.
    """

    name: str
    measured: float
    floor: float | None = None
    ratio: float | None = None
    target: float | None = None
    unit: str = "s"

    @property
    def judged(self) -> float:
        """The number that is compared with the target."""
        return self.measured if self.ratio is None else self.ratio

    @property
    def passes(self) -> bool | None:
        """Whether the target is met; None without a target."""
        return None if self.target is None else self.judged <= self.target

    @property
    def verdict(self) -> str:
        """PASS, or the distance such as "1.20 x the target"; empty without a target."""
        if self.target is None:
            return ""
        return "PASS" if self.passes else f"{self.judged / self.target:.2f} x the target"


def seconds(task: Task, *, calls: int = 1, clock: Clock = process_time) -> float:
    """Return the median time of `calls` runs of `task`, in seconds."""
    times = []
    for _ in range(calls):
        before = clock()
        task()
        times.append(clock() - before)
    return statistics.median(times)


def in_new_process(module: str, call: str) -> str:
    """Evaluate a call such as `whole()` to a function of a benchmark in a new process, and return what it prints."""
    command = [sys.executable, "-c", f"import {module}; {module}.{call}"]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parent).stdout


def alternate(samples: Mapping[str, Callable[[], Sample]], *, rounds: int = ROUNDS) -> dict[str, list[Sample]]:
    """Take each sample once per round, and return the samples of all rounds by name.

    Every second round runs in reverse order. A first round is not counted, because it fills caches.

    Args:
        samples: Functions that measure something and return a number or several, by name.
        rounds: Number of counted rounds, at least seven.
    """
    if rounds < 7:
        raise ValueError(f"rounds={rounds}: a median needs at least 7 rounds")
    taken: dict[str, list[Sample]] = {name: [] for name in samples}
    for number in range(rounds + 1):
        for name in reversed(samples) if number % 2 else samples:
            taken[name].append(samples[name]())
    return {name: values[1:] for name, values in taken.items()}


def times(
    tasks: Mapping[str, Task], *, calls: int = 1, rounds: int = ROUNDS, clock: Clock = process_time
) -> dict[str, list[float]]:
    """Run each task `calls` times per round, alternately, and return its median seconds per call in each round."""
    return alternate(
        {name: partial(seconds, task, calls=calls, clock=clock) for name, task in tasks.items()}, rounds=rounds
    )


def against(
    name: str,
    measured: Sequence[float],
    floors: Sequence[float],
    *,
    target: float | None = None,
    allowance: float = 0.0,
    unit: str = "s",
) -> Result:
    """Return the result of a comparison with a floor.

    Args:
        name: What was measured.
        measured: One number per round.
        floors: The floor of the same rounds.
        target: The largest ratio that passes.
        allowance: A constant that the ratio leaves out: (measured - allowance) / floor.
        unit: "s" for seconds or "B" for bytes.
    """
    return Result(
        name=name,
        measured=statistics.median(measured),
        floor=statistics.median(floors),
        ratio=statistics.median((own - allowance) / floor for own, floor in zip(measured, floors, strict=True)),
        target=target,
        unit=unit,
    )


def alone(name: str, measured: Sequence[float], *, target: float | None = None, unit: str = "s") -> Result:
    """Return the result of a quantity without a floor.

    Args:
        name: What was measured.
        measured: One number per round.
        target: The largest value that passes, in `unit`.
        unit: "s" for seconds or "B" for bytes.
    """
    return Result(name=name, measured=statistics.median(measured), target=target, unit=unit)


def as_row(result: Result) -> dict[str, Any]:
    """Return a result as an object of the JSON report."""
    return {name: getattr(result, name) for name in (*Result.__slots__, "passes")}

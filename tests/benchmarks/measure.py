"""Timing and reporting shared by the benchmarks."""

import statistics
import time
from collections.abc import Callable, Mapping


def seconds(task: Callable[[], object], *, times: int = 1) -> float:
    """Return the median wall time of `times` runs of `task`, in seconds."""
    runs = []
    for _ in range(times):
        before = time.perf_counter()
        task()
        runs.append(time.perf_counter() - before)
    return statistics.median(runs)


def report(title: str, rounds: list[Mapping[str, float]], *, floor: str) -> None:
    """Print each contender's median time and its median ratio to the floor of the same round."""
    print(f"\n{title}  ({len(rounds)} alternating rounds)")
    for name in rounds[0]:
        milliseconds = 1000 * statistics.median(times[name] for times in rounds)
        ratio = statistics.median(times[name] / times[floor] for times in rounds)
        print(f"  {name:<52} {milliseconds:9.3f} ms   {ratio:6.2f} x")

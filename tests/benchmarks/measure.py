"""What the benchmarks share: alternating runs, medians, and a table of ratios."""

import statistics
import time
from collections.abc import Callable, Mapping


def seconds(work: Callable[[], object], *, times: int = 1) -> float:
    """Wall seconds that `work` takes, the median of `times` runs."""
    runs = []
    for _ in range(times):
        before = time.perf_counter()
        work()
        runs.append(time.perf_counter() - before)
    return statistics.median(runs)


def report(title: str, rounds: list[Mapping[str, float]], *, floor: str) -> None:
    """Prints for each contender its median time and the median of its ratios to the floor of the same round."""
    print(f"\n{title}  ({len(rounds)} alternating rounds)")
    for name in rounds[0]:
        milliseconds = 1000 * statistics.median(each[name] for each in rounds)
        ratio = statistics.median(each[name] / each[floor] for each in rounds)
        print(f"  {name:<52} {milliseconds:9.3f} ms   {ratio:6.2f} x")

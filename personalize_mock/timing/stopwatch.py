"""Measurement of real time, for log messages. No virtual sleep or jump counts."""

from time import perf_counter


class Stopwatch:
    """Stopwatch that starts when it is created."""

    def __init__(self) -> None:
        self._start = perf_counter()

    def seconds(self) -> float:
        """Return the real seconds since the start."""
        return perf_counter() - self._start

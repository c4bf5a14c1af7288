"""Measurement of real time for log messages. Time that passes only on the simulated clock is not counted."""

from time import perf_counter


class Stopwatch:
    """Stopwatch that starts when it is created."""

    def __init__(self) -> None:
        self._start = perf_counter()

    def seconds(self) -> float:
        """Return the number of real seconds since the stopwatch was created."""
        return perf_counter() - self._start

"""Simulated time as a function of wall time.

simulated time = base + rate * (wall time - wall time at the base)
"""

from collections.abc import Callable

from personalize_mock.timing.instants import LAST_INSTANT, Instant, epoch_seconds, wall_time


class Pace:
    """Simulated time, which runs at a multiple of the speed of wall time, or stands still, and can jump forward.

    It never goes backwards, except by `restore`.

    Args:
        start: The initial time. The rate is then 0. If it is None, time starts at the wall time, with a rate of 1.

    Attributes:
        rate: Simulated seconds per second of wall time. Call `rebase` before you change it.
        last: The latest simulated time that was read or set, in epoch seconds.
        jumped: The total length of all jumps, in seconds.
        wall: Function that returns the wall time in epoch seconds.
    """

    def __init__(self, start: Instant | None) -> None:
        self.wall: Callable[[], float] = wall_time
        now = self.wall()
        self._base = (now if start is None else epoch_seconds(start)), now
        self.rate = 1.0 if start is None else 0.0
        self.last = self._base[0]
        self.jumped = 0.0

    def read(self) -> float:
        """Return the simulated time in epoch seconds.

        If wall time has gone backwards, for example because freezegun has started or stopped, simulated time goes on
        from the latest instant.
        """
        wall = self.wall()
        now = self._at(wall)
        if now < self.last:
            self._base = self.last, wall
        elif now > self.last:
            self.last = now
        return self.last

    def peek(self) -> float:
        """Return the simulated time in epoch seconds. This changes nothing, so it needs no lock."""
        return max(self.last, self._at(self.wall()))

    def rebase(self, instant: float) -> None:
        """Set the simulated time. It continues from there at the current rate.

        Args:
            instant: The time in epoch seconds, which must not be earlier than `last`.
        """
        wall = self.wall()
        self.jumped += max(0.0, instant - self._at(wall))
        self._base = instant, wall
        self.last = max(self.last, instant)

    def restore(self, instant: float, rate: float) -> None:
        """Set the simulated time and the rate at which it continues.

        Args:
            instant: The time in epoch seconds. Unlike in `rebase`, it may be earlier than `last`.
            rate: Simulated seconds per second of wall time.
        """
        self._base = instant, self.wall()
        self.last, self.rate = instant, rate

    def follow(self, wall: Callable[[], float]) -> None:
        """Use another function to read the wall time from now on.

        The simulated time does not jump. It continues at the same rate, even if the new function returns another time.

        Args:
            wall: Function that returns the wall time in epoch seconds.
        """
        now = self.read()
        self.wall = wall
        self._base = now, wall()

    def _at(self, wall: float) -> float:
        base, wall_base = self._base
        return min(base + self.rate * (wall - wall_base), LAST_INSTANT)

"""Client for the simulated clock of a mock that runs in a server."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from personalize_mock.remote.connection import Connection
from personalize_mock.timing.event_queue import Due
from personalize_mock.timing.instants import Instant, epoch_seconds, total_seconds
from personalize_mock.timing.stopped_clock import StoppedClock


class RemoteClock:
    """The simulated clock of a mock in a server, with the methods that `SimulatedClock` has for tests.

    Args:
        connection: The connection to the server.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def now(self) -> datetime:
        """Return the simulated time as an aware datetime in UTC."""
        return datetime.fromisoformat(self._state()["now"])

    def timestamp(self) -> float:
        """Return the simulated time in epoch seconds, rounded to milliseconds."""
        return float(self._state()["timestamp"])

    @property
    def rate(self) -> float:
        """Simulated seconds per real second. At 0, the clock moves only by jumps and Describe calls."""
        return float(self._state()["rate"])

    @rate.setter
    def rate(self, rate: float) -> None:
        self._connection.post("/clock", rate=rate)

    @property
    def autojump(self) -> bool:
        """Whether repeated Describe calls for a pending resource move the clock to its next status change."""
        return bool(self._state()["autojump"])

    @autojump.setter
    def autojump(self, autojump: bool) -> None:
        self._connection.post("/clock", autojump=autojump)

    def freeze(self) -> "StoppedClock[RemoteClock]":
        """Stop the clock, and return a context manager that restores the earlier rate at the end of its block."""
        stopped = StoppedClock(self, self.rate)
        self._connection.post("/clock/freeze")
        return stopped

    def jump(
        self,
        seconds: float | timedelta | None = None,
        *,
        minutes: float = 0,
        hours: float = 0,
        days: float = 0,
        weeks: float = 0,
    ) -> None:
        """Move the clock forward, and run the events that become due.

        Args:
            seconds: Seconds to add, or a timedelta.
            minutes: Minutes to add, as in `jump(minutes=30)`.
            hours: Hours to add, as in `jump(hours=6)`.
            days: Days to add.
            weeks: Weeks to add.
        """
        units = {"minutes": minutes, "hours": hours, "days": days, "weeks": weeks}
        self._connection.post("/clock/jump", seconds=total_seconds(seconds, units))

    def jump_to(self, instant: Instant) -> None:
        """Move the clock forward to an instant, and run the events that become due.

        Args:
            instant: A datetime, an ISO 8601 string or epoch seconds, in UTC unless it has an offset.
        """
        self._connection.post("/clock/jump_to", instant=epoch_seconds(instant))

    def upcoming(self) -> tuple[Due, ...]:
        """Return the scheduled events of the simulation, such as status changes, earliest first."""
        return tuple(Due(**due) for due in self._state()["upcoming"])

    def _state(self) -> Mapping[str, Any]:
        state: Mapping[str, Any] = self._connection.get("/clock")
        return state

"""Context manager for a clock that `SimulatedClock.freeze` has stopped."""

from typing import Generic, Protocol, TypeVar


class HasRate(Protocol):
    """A clock whose rate can be read and set."""

    rate: float


C = TypeVar("C", bound=HasRate)


class StoppedClock(Generic[C]):
    """Context manager that restores the rate of a stopped clock at the end of its block.

    Args:
        clock: The clock, which has already been stopped.
        rate: The rate to restore.
    """

    def __init__(self, clock: C, rate: float) -> None:
        self._clock, self._rate = clock, rate

    def __enter__(self) -> C:
        return self._clock

    def __exit__(self, *_: object) -> None:
        self._clock.rate = self._rate

"""Access to the clock and the log of a mock."""

from typing import TYPE_CHECKING

from personalize_mock import active

if TYPE_CHECKING:
    from personalize_mock.journal import Journal
    from personalize_mock.simulation import Simulation
    from personalize_mock.timing.clock import SimulatedClock


class SimulationAccess:
    """Base class of mocks that provides the attributes `clock` and `journal`."""

    def __init__(self) -> None:
        self._latest_simulation: Simulation | None = None  # the one of the latest start, active or not

    @property
    def clock(self) -> "SimulatedClock":
        """The simulated clock.

        `clock.now()` is an aware datetime in UTC. `clock.jump(hours=6)` and `clock.jump_to(instant)` move time forward
        and run everything that becomes due: models finish training, jobs complete, schedules fire. `clock.rate` is the
        number of simulated seconds per real second, and `clock.freeze()` sets it to 0. `clock.autojump` says whether
        polling without a sleep moves the clock.

        Raises:
            PersonalizeMockError: No mock is active.
        """
        return self._simulation().clock

    @property
    def journal(self) -> "Journal":
        """The log of API calls and status changes so far. Read it with `journal.calls()` and `journal.transitions()`.

        After the mock has stopped, the log remains readable.

        Raises:
            PersonalizeMockError: This mock has never been started, and no other mock is active.
        """
        return self._readable_simulation().journal

    def _simulation(self) -> "Simulation":
        """Return the simulation of this mock, or the one that the current thread uses if this mock is not active.

        Raises:
            PersonalizeMockError: No mock is active.
        """
        starts = active.starts_of(self)
        return starts[-1][0].simulation if starts else active.active_run().simulation

    def _readable_simulation(self) -> "Simulation":
        """Return the simulation whose log this mock shows. A mock that is not active shows the log of its latest run.

        Raises:
            PersonalizeMockError: This mock has never been started, and no other mock is active.
        """
        if active.starts_of(self) or self._latest_simulation is None:
            return self._simulation()
        return self._latest_simulation

"""Start of a simulation with all that it replaces in the process.

Importing this module imports all operations, which registers their handlers.
"""

from typing import TYPE_CHECKING

from personalize_mock import events, resources  # noqa: F401  # importing them registers handlers
from personalize_mock.batch import job_runners  # noqa: F401  # importing it registers the work of batch jobs
from personalize_mock.cleanup import Cleanup
from personalize_mock.exceptions import PersonalizeMockError
from personalize_mock.patched_time import VirtualTime
from personalize_mock.resources.core import lifecycle
from personalize_mock.runtime import operations  # noqa: F401  # importing it registers handlers
from personalize_mock.simulation import Options, Simulation

if TYPE_CHECKING:
    from personalize_mock.moto_backend.environment import MotoEnvironment
    from personalize_mock.moto_backend.patcher import MotoPatcher


class Run:
    """The simulation that the outermost mock has started.

    Attributes:
        simulation: The simulation.
        cleanup: Undoes the start.
        depth: Number of mocks that share the simulation.
    """

    def __init__(self, simulation: Simulation, cleanup: Cleanup) -> None:
        self.simulation = simulation
        self.cleanup = cleanup
        self.depth = 1


def begin(options: Options, cleanup: Cleanup) -> Run:
    """Start a simulation. The cleanup also undoes a start that has failed.

    Raises:
        PersonalizeMockError: The installed version of moto is not supported.
    """
    patcher, environment = _moto()
    simulation = Simulation(options, environment, lifecycle.fire)
    patcher.install(simulation, cleanup)
    if options.sleep == "virtual":
        time = VirtualTime(simulation.clock, options.sleep_modules)
        simulation.on_call = time.record_call
        time.start(cleanup)
    return Run(simulation, cleanup)


def _moto() -> "tuple[MotoPatcher, MotoEnvironment]":
    try:
        from personalize_mock.moto_backend.environment import MotoEnvironment
        from personalize_mock.moto_backend.patcher import MotoPatcher

        return MotoPatcher(), MotoEnvironment()
    except (ImportError, AttributeError) as error:
        raise PersonalizeMockError(
            f"personalize_mock does not support the installed version of moto ({error}). Install a version that it was "
            "tested with: moto 5.0.0 to 5.2.5."
        ) from error

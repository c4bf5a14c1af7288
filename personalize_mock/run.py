"""Start of a simulation, including the patches of moto and of the `time` module.

Importing this module imports the modules of all operations, which registers the handlers of the operations.
"""

from typing import TYPE_CHECKING

from personalize_mock import events, resources  # noqa: F401  # importing them registers handlers
from personalize_mock.batch import job_runners  # noqa: F401  # importing it registers the work of batch jobs
from personalize_mock.cleanup import Cleanup
from personalize_mock.exceptions import PersonalizeMockError
from personalize_mock.resources.core import lifecycle
from personalize_mock.runtime import operations  # noqa: F401  # importing it registers handlers
from personalize_mock.simulation import Options, Simulation
from personalize_mock.timing.patched_time import VirtualTime

if TYPE_CHECKING:
    from personalize_mock.moto_backend.environment import MotoEnvironment
    from personalize_mock.moto_backend.patcher import MotoPatcher


class Run:
    """A running simulation, which the outermost mock has started and nested mocks share.

    Attributes:
        simulation: The simulation.
        cleanup: Steps that undo all patches when the outermost mock stops.
        depth: Number of active mocks that share the simulation.
    """

    def __init__(self, simulation: Simulation, cleanup: Cleanup) -> None:
        self.simulation = simulation
        self.cleanup = cleanup
        self.depth = 1

    def end_rules(self, owner: object | None) -> Exception | None:
        """End the rules that a mock has declared, or all rules if `owner` is None. Return an error if one is unused."""
        if self.simulation.interceptor is None:
            return None
        from personalize_mock.rules.rule_book import end_rules

        return end_rules(self.simulation, owner)


def begin(options: Options, cleanup: Cleanup) -> Run:
    """Start a simulation and patch moto and, unless `sleep` is "real", the `time` module.

    Args:
        options: The options of the outermost mock.
        cleanup: Receives the steps that undo the patches. If the start fails, the caller must run them.

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

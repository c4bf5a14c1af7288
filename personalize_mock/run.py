"""Creation of simulations for mocks, and the patches of moto and of the `time` module.

Importing this module imports the modules of all operations, which registers the handlers of the operations. It imports
them by their full names, because pytester removes modules from `sys.modules` but not from the attributes of packages.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import personalize_mock.events  # importing it registers handlers
import personalize_mock.resources  # noqa: F401  # importing it registers handlers
from personalize_mock import child_processes
from personalize_mock.batch import job_runners  # noqa: F401  # importing it registers the work of batch jobs
from personalize_mock.cleanup import Cleanup
from personalize_mock.exceptions import PersonalizeMockError
from personalize_mock.hooks import Service
from personalize_mock.resources.core import lifecycle
from personalize_mock.runtime import operations  # noqa: F401  # importing it registers handlers
from personalize_mock.simulation import Options, Simulation
from personalize_mock.timing.clock import SimulatedClock
from personalize_mock.timing.foreign_time import ForeignTime
from personalize_mock.timing.patched_time import PatchedTime
from personalize_mock.timing.virtual_time import VirtualTime
from personalize_mock.wire.http import Response

if TYPE_CHECKING:
    from personalize_mock.moto_backend.environment import MotoEnvironment
    from personalize_mock.moto_backend.patcher import MotoPatcher

# Options about what is patched in the whole process. A simulation beside another one has the same.
PROCESS_WIDE = ("sleep", "datetime")


def first_simulation(options: Options) -> "tuple[Simulation, MotoPatcher]":
    """Create a simulation with the options of the outermost mock, and the object that patches moto for it.

    Raises:
        PersonalizeMockError: The installed version of moto is not supported.
    """
    patcher, environment = _moto()
    return Simulation(options, environment, lifecycle.fire), patcher


def simulation_beside(other: Simulation, options: Options) -> Simulation:
    """Create a simulation that runs beside another one of the same process.

    The two share one lock, because `undo_log.LOG` can undo only one call at a time.

    Args:
        other: The simulation that is already running.
        options: The options of the new simulation. Those that apply to the whole process, `sleep` and `datetime`, are
            taken from the other simulation instead.
    """
    options = replace(options, **{name: getattr(other.options, name) for name in PROCESS_WIDE})
    simulation = Simulation(options, other.environment, lifecycle.fire)
    simulation.clock.lock = other.clock.lock
    simulation.on_call = other.on_call
    simulation.clock.pace.follow(other.clock.pace.wall)
    return simulation


def install(
    patcher: "MotoPatcher", simulation: Simulation, current: Callable[[], Simulation | None], patches: Cleanup
) -> None:
    """Patch moto and, depending on the options `sleep` and `datetime`, the functions that sleep or return the time.

    Args:
        patcher: The object that patches moto, as returned by `first_simulation`.
        simulation: The only simulation so far. Its options determine the patches.
        current: Function that returns the simulation that the current thread uses, or None.
        patches: Receives the steps that undo the patches. If this function fails, the caller must run them.
    """

    def current_clock() -> SimulatedClock:
        return (current() or simulation).clock

    patcher.install(current, respond_to_control, patches)
    child_processes.install(patches)
    if simulation.options.datetime:
        from personalize_mock.timing.patched_datetime import PatchedDatetime

        PatchedDatetime(current_clock).start(patches)
    foreign = ForeignTime(current_clock)
    virtual = VirtualTime(current_clock, all_services=simulation.options.datetime)

    def on_call(*, service: Service) -> None:
        foreign.check()
        virtual.record_call(service=service)

    simulation.on_call = on_call
    if simulation.options.sleep == "virtual":
        from personalize_mock.moto_backend import rate_limiter

        PatchedTime(virtual).start(patches)
        rate_limiter.install(virtual, patches)


def respond_to_control(simulation: Simulation, method: str, path: str, query: str, body: bytes) -> Response:
    """Answer an HTTP request that controls the mock in a server. `control.respond.respond` explains the parameters."""
    from personalize_mock.control.respond import respond

    return respond(simulation, method, path, query, body)


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

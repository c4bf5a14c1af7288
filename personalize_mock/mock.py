"""The mock as its users hold it: one object that is decorator, context manager, `start`/`stop` and handle.

All mocks of a process share one simulation, as moto's do: the outermost one makes and ends it, inner ones join it. The
outermost also starts moto, so S3, IAM, STS and the rest of the same test are moto's.
"""

from collections.abc import Mapping
from threading import RLock
from typing import TYPE_CHECKING, Any, TypeVar, overload

from personalize_mock.exceptions import PersonalizeMockError

if TYPE_CHECKING:
    from datetime import datetime
    from types import TracebackType

    from typing_extensions import Self

    from personalize_mock.clock import SimulatedClock
    from personalize_mock.journal import Journal
    from personalize_mock.moto_backend.patcher import MotoPatcher
    from personalize_mock.patched_time import VirtualTime
    from personalize_mock.simulation import Options, Simulation

T = TypeVar("T")

NOT_ACTIVE = (
    "No mock is active. Use the handle inside `with mock_personalize() as mock:`, inside a function decorated with "
    "the mock, or between `mock.start()` and `mock.stop()`."
)


class _Run:
    """What the outermost mock has started; no dataclass, which would triple the time that our import takes."""

    def __init__(self, simulation: "Simulation", patcher: "MotoPatcher", time: "VirtualTime | None") -> None:
        self.simulation = simulation
        self.patcher = patcher
        self.time = time
        self.depth = 1


_lock = RLock()
_run: _Run | None = None


class MockPersonalize:
    """A mock of Amazon Personalize; `mock_personalize` makes it and documents the options.

    Raises:
        PersonalizeMockError: an option is unknown, wrong, contradicts another or would do nothing.
    """

    def __init__(self, **options: Any) -> None:
        self._given = options
        self._options = _options(options)

    def __call__(self, decorated: T) -> T:
        """Decorates a function, coroutine function, generator, asynchronous generator or class."""
        from personalize_mock.decorators import decorate

        return decorate(self, decorated)

    def __enter__(self) -> "Self":
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: "TracebackType | None",
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Starts the mock, or joins the one that is active.

        Raises:
            PersonalizeMockError: an active mock has other options, or moto is not one that we know.
        """
        with _lock:
            if _run is None:
                _begin(self._options)
            else:
                self._check_joinable(_run.simulation.options)
                _run.depth += 1

    def stop(self) -> None:
        """Leaves the mock; the outermost one ends the simulation and restores all that was replaced.

        Raises:
            PersonalizeMockError: it was not started.
        """
        with _lock:
            run = _active()
            run.depth -= 1
            if run.depth == 0:
                _end(run)

    @property
    def clock(self) -> "SimulatedClock":
        """Simulated time: `now()`, `jump(seconds)`, `jump_to(instant)`, `rate`, `autojump`."""
        return _active().simulation.clock

    @property
    def journal(self) -> "Journal":
        """What happened so far: `calls()` and `transitions()`."""
        return _active().simulation.journal

    def call(
        self, operation: str, *, account: str = "123456789012", region: str = "us-east-1", **params: Any
    ) -> dict[str, Any]:
        """Calls an operation without a client.

        Args:
            operation: its name in the API, `"CreateSchema"`.
            account: the account that calls.
            region: the region that is called.
            **params: members of the request.

        Returns:
            What boto3 would return, without ResponseMetadata.

        Raises:
            botocore.exceptions.ClientError: the service refuses.
            PersonalizeMockError: there is no such operation, or it has no such member.
        """
        from personalize_mock.wire.direct import call

        return call(_active().simulation.store(account, region), operation, params)

    def _check_joinable(self, active: "Options") -> None:
        for name in self._given:
            if getattr(self._options, name) != getattr(active, name):
                raise PersonalizeMockError(
                    f"A mock with {name}={getattr(active, name)!r} is active already, and mocks inside it share its "
                    f"simulation. Give {name}= to the outermost mock only, or end that one first."
                )


@overload
def mock_personalize(decorated: T, /) -> T: ...
@overload
def mock_personalize(
    *,
    seed: int = ...,
    strict: bool = ...,
    sleep: str = ...,
    clock: "datetime | str | float | None" = ...,
    autojump: bool = ...,
    minimum_interactions: int = ...,
    durations: Mapping[str, float] = ...,
    quotas: Mapping[str, int] = ...,
    sleep_modules: tuple[str, ...] = ...,
    check_permissions: bool = ...,
) -> MockPersonalize: ...
def mock_personalize(decorated: Any = None, /, **options: Any) -> Any:
    """Mocks Amazon Personalize, as a decorator with or without options, as a context manager, or by `start` and `stop`.

    Args:
        decorated: what is decorated, when used without options.
        **options: as follows.

            seed: where ids and models come from; same seed and same calls, same answers. Default 0.
            strict: False accepts schemas that the service would refuse, drops all minimums of data and ignores context
                that the Interactions schema lacks.
            sleep: `"virtual"` (default) lets sleeps of a second or more in threads that call Personalize move the
                simulated clock instead; `"real"` leaves `time.sleep` alone.
            clock: the first instant (ISO text, datetime or epoch seconds); time then stands but for jumps and
                virtual sleeps. Default: time starts at wall time and runs with it.
            autojump: False keeps polls without sleep from moving the clock.
            minimum_interactions: what a training and an import of interactions need, 1000 on the service; the 25
                users with two interactions shrink in proportion.
            durations: seconds that resources take, by kind (`{"solution": 60, "solution-version": 10}`).
            quotas: limits by name (`{"campaigns_per_group": 10}`).
            sleep_modules: names of modules that did `from time import sleep`.
            check_permissions: True refuses locations in S3 that the role's policies (as IAM has them in moto) or the
                bucket's policy do not let the service use, and metric attributions whose role may not put metrics.
                Default False: any role of the account will do.
    """
    mock = MockPersonalize(**options)
    return mock if decorated is None else mock(decorated)


def _options(given: Mapping[str, Any]) -> "Options":
    from dataclasses import fields

    from personalize_mock.options import check
    from personalize_mock.simulation import Options

    known = [field.name for field in fields(Options)]
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise PersonalizeMockError(f"mock_personalize has no option {unknown[0]!r}; write one of {', '.join(known)}.")
    options = Options(**given)
    check(options)
    return options


def _active() -> _Run:
    if _run is None:
        raise PersonalizeMockError(NOT_ACTIVE)
    return _run


def _begin(options: "Options") -> None:
    global _run  # noqa: PLW0603  # what is mocked is process-wide, and so is this
    from personalize_mock import events, resources  # noqa: F401  # importing them fills the operation table
    from personalize_mock.batch import job_runners  # noqa: F401  # importing it tells batch jobs who does their work
    from personalize_mock.patched_time import VirtualTime
    from personalize_mock.resources.core import lifecycle
    from personalize_mock.runtime import operations  # noqa: F401  # importing them fills the operation table
    from personalize_mock.simulation import Simulation

    patcher, environment = _moto()
    simulation = Simulation(options, environment, lifecycle.fire)
    time = VirtualTime(simulation.clock, options.sleep_modules) if options.sleep == "virtual" else None
    if time:
        simulation.on_call = time.seen
    patcher.install(simulation)
    if time:
        time.start()
    _run = _Run(simulation, patcher, time)


def _end(run: _Run) -> None:
    global _run  # noqa: PLW0603  # as in _begin
    _run = None
    if run.time:
        run.time.stop()
    run.patcher.uninstall()


def _moto() -> tuple[Any, Any]:
    try:
        from personalize_mock.moto_backend.environment import MotoEnvironment
        from personalize_mock.moto_backend.patcher import MotoPatcher

        return MotoPatcher(), MotoEnvironment()
    except (ImportError, AttributeError) as error:
        raise PersonalizeMockError(
            f"This moto is not one that personalize_mock knows ({error}). It was tested with moto 5.0.0 to 5.2.5; "
            "install one of these."
        ) from error

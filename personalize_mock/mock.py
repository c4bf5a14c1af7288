"""The mock of Amazon Personalize. It is a decorator and a context manager, and has the methods `start` and `stop`.

All mocks of a process share one simulation, as moto's mocks share their state. The outermost mock starts and ends the
simulation, and nested mocks join it. The outermost mock also starts moto, so S3, IAM, STS and all other services that
moto supports are mocked as well.
"""

import sys
from collections.abc import Mapping
from threading import current_thread
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast, overload
from weakref import ref

from personalize_mock import active
from personalize_mock.exceptions import PersonalizeMockError
from personalize_mock.handle import Handle
from personalize_mock.option_defaults import shows_options
from personalize_mock.restarts import place_of

if TYPE_CHECKING:
    from datetime import datetime
    from types import TracebackType

    from typing_extensions import Self

    from personalize_mock.names import DurationName, QuotaName
    from personalize_mock.remote.mock import RemoteMock
    from personalize_mock.simulation import Options, Simulation

T = TypeVar("T")
ALREADY_STOPPED = "No mock is active, so there is nothing to stop."
NOT_STARTED = (
    "This mock is not active, so there is nothing to stop. Another mock is active. Call stop() on the object on "
    "which you called start()."
)
WITH_SERVER = (
    "Cannot start a mock in this process: {mock} is active, and boto3 clients send their calls to it. Call its stop() "
    "method first."
)


class MockPersonalize(Handle):
    """A mock of Amazon Personalize. While it is active, it gives access to the simulated clock and the log of calls.

    Call `mock_personalize` to create one. Use it as a decorator, as a context manager or with `start` and `stop`, any
    number of times. Each time it starts without resources, unless it joins a mock that is already active.
    """

    def __init__(self, **options: Any) -> None:
        from personalize_mock.options import parse

        super().__init__()
        self._given = options
        self._options = parse(options)

    @classmethod
    def _joined(cls, simulation: "Simulation") -> "Self":
        """Return a new mock that controls a running simulation, in place of a mock that was garbage-collected.

        Python collects a started mock if no variable refers to it.
        """
        mock = cls()
        mock._latest_simulation = simulation
        return mock

    def __call__(self, decorated: T) -> T:
        """Decorate a class or a function. Coroutine functions and generator functions are supported, too.

        The mock is active while the function runs. For classes, see `personalize_mock.decorators`.
        """
        from personalize_mock.decorators import decorate

        return decorate(self, decorated)

    def __enter__(self) -> "Self":
        start = active.Start(ref(self))
        try:
            self._begin(start)
            return self  # noqa: TRY300  # an interrupt of this line must stop the mock too
        except BaseException:
            active.end(start)
            raise

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: "TracebackType | None",
    ) -> None:
        unused = self._stop()
        if unused is not None and exc_type is None:
            raise unused

    def start(self) -> "Self":
        """Start the mock, and return its handle. If another mock is already active, share its simulation.

        If a notebook cell that starts a mock is run again, the mock of the earlier run is stopped, with a warning. This
        applies to all module-level code that starts a mock again and assigns it to the same name.

        Raises:
            PersonalizeMockError: The active mock has other options, or the installed version of moto is not supported.
        """
        place = place_of(sys._getframe(1), self)  # noqa: SLF001  # there is no public way to get the caller
        start = active.Start(ref(self), place)
        try:
            self._begin(start)
            return self  # noqa: TRY300  # as in __enter__
        except BaseException:
            active.end(start)
            raise

    def stop(self) -> None:
        """Stop the mock. If no other mock shares the simulation, end the simulation and undo all patches.

        A mock that was started several times must be stopped as often. Other mocks stay active.

        Raises:
            PersonalizeMockError: This mock is not active, or a rule of this mock was not used (see `on`).
        """
        unused = self._stop()
        if unused is not None:
            raise unused

    def _stop(self) -> Exception | None:
        """Stop the mock. Return an error if one of its rules was never applied, or None."""
        with active.lock:
            starts = active.starts_of(self)
            if not starts:
                raise PersonalizeMockError(NOT_STARTED if active.current_run() else ALREADY_STOPPED)
            run, start = starts[-1]
            try:
                return run.end_rules(None if len(run.starts) == 1 else self)
            finally:
                active.end(start)

    def _begin(self, start: active.Start) -> None:
        with active.lock:
            if active.remotes():
                raise PersonalizeMockError(WITH_SERVER.format(mock=active.remotes()[-1]))
            active.end_repeated(start)
            run = active.current_run()
            if run is not None:
                self._check_joinable(run.simulation.options)
            if run is None or self._options.isolated:
                self._latest_simulation = active.begin(self._options, start)
            else:
                run.starts = [*run.starts, start]
                self._latest_simulation = run.simulation

    def _check_joinable(self, running: "Options") -> None:
        """Raise PersonalizeMockError if this mock cannot start inside an active one, whose options are `running`."""
        from personalize_mock.run import PROCESS_WIDE

        isolated = self._options.isolated
        for name in self._given:
            ours, theirs = getattr(self._options, name), getattr(running, name)
            if ours != theirs and name != "isolated" and (name in PROCESS_WIDE or not isolated):
                reason = f"{name} applies to the whole process" if isolated else "nested mocks share its simulation"
                hint = "" if isolated or name in PROCESS_WIDE else ", or write isolated=True here"
                raise PersonalizeMockError(
                    f"{name}={ours!r}: a mock with {name}={theirs!r} is active, and {reason}. "
                    f"Write {name}= on the outermost mock only{hint}, or stop that mock first."
                )


@overload
def mock_personalize(decorated: T, /) -> T: ...
@overload
def mock_personalize(
    *,
    seed: int = ...,
    strict: bool = ...,
    sleep: Literal["virtual", "real"] = ...,
    clock: "datetime | str | float | None" = ...,
    datetime: bool = ...,
    pending: Literal["refuse", "wait"] = ...,
    autojump: bool = ...,
    minimum_interactions: int = ...,
    durations: "Mapping[DurationName, float]" = ...,
    quotas: "Mapping[QuotaName, int]" = ...,
    check_permissions: bool = ...,
    reuse: bool = ...,
    isolated: bool = ...,
) -> MockPersonalize: ...
@overload
def mock_personalize(*, server: str) -> "RemoteMock": ...
@shows_options
def mock_personalize(decorated: Any = None, /, **options: Any) -> Any:
    """Mock Amazon Personalize and, with moto, other AWS services.

    Use it as a decorator, as a context manager, or with `start` and `stop`:

        @mock_personalize
        def test_recommendations(): ...

        @mock_personalize(seed=1)
        def test_recommendations(): ...

        with mock_personalize(minimum_interactions=100) as mock:
            mock.clock.jump(3600)

    Args:
        decorated: The function or class, if this is used as a decorator without options.
        **options: Keyword arguments, all optional:

            seed (int): Seed of all generated ids, data splits and models. The same seed and the same calls give the
                same responses. Default: 0.
            clock (datetime, str or float): First instant of the simulation: a datetime, an ISO 8601 string or seconds
                since 1970, in UTC unless it has an offset. Time then moves only by jumps, virtual sleeps and polls.
                Default: None, which makes the clock start at the current time and keep pace with it.
            sleep ("virtual" or "real"): "virtual" makes a `time.sleep` or `asyncio.sleep` of one second or more move
                the simulated clock without waiting, if the last call of its thread or task went to Personalize, or to a
                service that sets it up: S3, IAM, STS, SSM, CloudFormation or CloudWatch. "real" leaves sleeps alone.
                Default: "virtual".
            datetime (bool): True makes `datetime.now`, `time.time` and all other functions that return the current time
                follow the simulated clock, jumps included. It needs the package time-machine (`pip install
                personalize-mock[time]`). Default: False.
            pending ("refuse" or "wait"): "wait" makes a call that needs a pending resource move the clock until the
                resource is ready. The call still fails if the resource has failed or a rule holds it. Default:
                "refuse", which makes the call fail at once, as in the service.
            autojump (bool): Whether repeated polls without a sleep move the clock to the next status change. Default:
                True.
            strict (bool): False accepts any text as a schema, drops the minimum data requirements (except the 100 cold
                items of aws-hrnn-coldstart), creates solutions without data, and ignores context fields that the
                Interactions schema lacks. Default: True.
            minimum_interactions (int): Number of interactions that imports and solution versions require. The required
                number of users with two interactions, which is 25, is scaled in proportion. Default: 1000, as in the
                service.
            durations (dict of str to float): Seconds that creations, updates and deletions take, by resource type:
                {"solution-version": 10, "campaign.update": 5, "solution-version:aws-sims": 60}. Default: {}, which
                keeps the durations observed in the service.
            quotas (dict of str to int): Limits by name: {"campaigns_per_group": 10}. The command
                `python -m personalize_mock quotas` lists all names. Default: {}, which keeps the service's limits.
            check_permissions (bool): True allows access to an S3 location only if both the policies of the role, in
                moto's IAM, and the policy of the bucket allow it. It also checks that the role of a metric attribution
                may publish metrics and, if moto's access control is switched on (`set_initial_no_auth_action_count`),
                that the caller has the permission iam:PassRole for the roles in its requests. Default: False, which
                accepts any role of the account.
            reuse (bool): Whether to use cached results for equal files and equal training jobs, which this or another
                mock has computed in the same process. The responses are the same. Default: True.
            isolated (bool): Whether a mock inside an active one has a simulation of its own, without resources and with
                options of its own except `sleep` and `datetime`. The outer mock does not see it, and continues
                unchanged when it ends. S3 and all other services of moto are shared. Threads that are already running,
                except the one that starts the mock, stay with the outer mock. Default: False, which shares the
                simulation of the outer mock.
            server (str): The URL of a server that `python -m personalize_mock serve` runs. The mock then has no
                simulation of its own: its methods control the server, and the boto3 clients of this process call it.
                No other option can be given, because the server has its own. Default: None.

    Returns:
        The decorated function or class, or a `MockPersonalize` if `decorated` is not given. With `server`, a
        `RemoteMock`, which has the same methods.

    Raises:
        PersonalizeMockError: An option is unknown or invalid, contradicts another option, or would have no effect.
    """
    mock = MockPersonalize(**options) if options.get("server") is None else _remote_mock(**options)
    return mock if decorated is None else mock(decorated)


def _remote_mock(server: object, **options: Any) -> "RemoteMock":
    """Return a handle of the mock in a server. Refuse all other options, because they would have no effect."""
    from personalize_mock.remote.mock import RemoteMock

    for name, value in options.items():
        raise PersonalizeMockError(
            f"{name}={value!r} has no effect with server=, because the simulation runs in the server, with the "
            f"server's options. Remove {name}=. 'python -m personalize_mock serve --help' lists its options."
        )
    return RemoteMock(server)


def current_mock() -> MockPersonalize:
    """Return the handle of the active mock, for code that has none at hand, such as a helper of tests.

        @mock_personalize
        def test_recommendations():
            current_mock().clock.jump(hours=6)

    If several mocks are active, it is the latest one that the current thread has started. If this thread has started
    none, it is the latest one of any thread.

    Raises:
        PersonalizeMockError: No mock is active.
    """
    for remote in reversed(active.remotes()):
        return cast("MockPersonalize", remote)  # it has the same methods
    run = active.active_run()
    starts = sorted(run.starts, key=lambda start: start.thread is current_thread())
    mocks = [mock for start in starts if isinstance(mock := start.mock(), MockPersonalize)]
    return mocks[-1] if mocks else MockPersonalize._joined(run.simulation)  # noqa: SLF001  # of this module

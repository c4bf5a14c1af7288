"""The handle of a mock: what a test can do with a mock besides starting and stopping it."""

from typing import TYPE_CHECKING, Any

from personalize_mock import active

if TYPE_CHECKING:
    from personalize_mock.journal import Journal
    from personalize_mock.names import OperationName
    from personalize_mock.rules.rule import Rule
    from personalize_mock.simulation import Simulation
    from personalize_mock.timing.clock import SimulatedClock


class Handle:
    """Access to the state of the running simulation.

    Attributes:
        clock: The simulated clock.
        journal: The API calls and status changes so far.
    """

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

        After the end of the mock, this is the complete log.

        Raises:
            PersonalizeMockError: This mock has never been started, and no other mock is active.
        """
        return self._readable_simulation().journal

    def wait(self, arn: str) -> str | None:
        """Move the clock until a resource has a final status, such as ACTIVE, and return this status.

        It ends also when an update, a restart or a deletion has ended. It takes no real time besides that of the work,
        such as a training.

            mock.wait(personalize.create_campaign(...)["campaignArn"])

        Args:
            arn: The ARN of the resource.

        Returns:
            The status, or None if the resource has been removed or its type has no status.

        Raises:
            PersonalizeMockError: The creation or update has failed; the message has its failureReason. Or the resource
                does not exist, something such as a rule keeps it from going on, or no mock is active.
        """
        from personalize_mock.waiting import wait

        return wait(active.active_run().simulation, arn)

    def call(
        self, operation: str, *, account: str = "123456789012", region: str = "us-east-1", **params: Any
    ) -> dict[str, Any]:
        """Call an operation without a boto3 client.

        Args:
            operation: Name of the operation in the API, such as "CreateSchema".
            account: The id of the calling account, twelve digits.
            region: The region to call.
            **params: Members of the request, named and typed as in boto3.

        Returns:
            The response that boto3 would return, without ResponseMetadata.

        Raises:
            botocore.exceptions.ClientError: The operation fails.
            PersonalizeMockError: No mock is active, the operation or a member does not exist, or the account or region
                is invalid.
        """
        from personalize_mock.wire.direct import call, check_caller

        check_caller(account, region)
        return call(self._simulation().store(account, region), operation, params)

    def on(self, operation: "OperationName", /, *, optional: bool = False, **members: Any) -> "Rule":
        """Declare a rule: what happens to certain calls of an operation, in place of the usual answer.

            mock.on("GetRecommendations", userId="42").recommends("a", "b")
            mock.on("GetRecommendations").raises("ThrottlingException", times=2)
            mock.on("CreateSolutionVersion").fails_job("Out of luck")

        The newest rule that fits a call takes it. Calls that no rule takes go to the mocked service. Campaigns and
        other resources in the request need not exist. A rule that took no call fails the test when the mock ends.

        Args:
            operation: Name of the operation in the API, such as "GetRecommendations".
            optional: Whether the rule may stay unused.
            **members: Members of the request that the rule is for, named and typed as in boto3: a value that must be
                equal, a dictionary with some of the members of a dictionary, a function that returns whether a value
                fits, or None for a member that the request must lack.

        Returns:
            The rule, whose methods declare what happens. Its attributes `called`, `call_count` and `calls` say which
            calls it took.

        Raises:
            PersonalizeMockError: No mock is active, the operation or a member does not exist, or a value has the wrong
                type.
        """
        from personalize_mock.rules.rule_book import book_of

        book = book_of(self._simulation())
        return book.add(self, operation, members, optional=optional)

    def _simulation(self) -> "Simulation":
        """Return the simulation that this mock takes part in, or else the one that the current thread uses.

        Raises:
            PersonalizeMockError: No mock is active.
        """
        starts = active.starts_of(self)
        return starts[-1][0].simulation if starts else active.active_run().simulation

    def _readable_simulation(self) -> "Simulation":
        """Return the simulation that this mock takes part in or has taken part in last, to read what has happened.

        Raises:
            PersonalizeMockError: This mock has never been started, and no other mock is active.
        """
        if active.starts_of(self) or self._latest_simulation is None:
            return self._simulation()
        return self._latest_simulation

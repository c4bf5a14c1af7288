"""The handle of a mock: what a test can do with a mock besides starting and stopping it."""

from typing import TYPE_CHECKING, Any

from personalize_mock import active

if TYPE_CHECKING:
    from personalize_mock.journal import Journal
    from personalize_mock.timing.clock import SimulatedClock


class Handle:
    """Access to the state of the running simulation.

    Attributes:
        clock: The simulated clock.
        journal: The API calls and status changes so far.
    """

    @property
    def clock(self) -> "SimulatedClock":
        """The simulated clock.

        `clock.now()` is an aware datetime in UTC. `clock.jump(seconds)` and `clock.jump_to(instant)` move time forward
        and run everything that becomes due: models finish training, jobs complete, schedules fire. `clock.rate` is the
        number of simulated seconds per real second. `clock.autojump` says whether polling without a sleep moves the
        clock.

        Raises:
            PersonalizeMockError: No mock is active.
        """
        return active.active_run().simulation.clock

    @property
    def journal(self) -> "Journal":
        """The log of API calls and status changes so far. Read it with `journal.calls()` and `journal.transitions()`.

        Raises:
            PersonalizeMockError: No mock is active.
        """
        return active.active_run().simulation.journal

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
        return call(active.active_run().simulation.store(account, region), operation, params)

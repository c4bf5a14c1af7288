"""Counts of polls: calls that a client repeats to ask whether a resource has reached its next status."""

SHORTEST_SLEEP = 1.0  # seconds; shorter sleeps take real time, and polls at shorter intervals count as polls in a row


class PollCounter:
    """Counter of polls (calls that ask for the status of a resource), with one count per resource and operation."""

    def __init__(self) -> None:
        self._polls: dict[str, dict[str, tuple[float, int]]] = {}  # by ARN and operation: time of the last poll, count

    def in_a_row(self, arn: str, operation: str, *, now: float, pause: float = SHORTEST_SLEEP) -> int:
        """Return how many times an operation has polled a resource in a row so far.

        The result is 0 if the last poll was `pause` seconds ago or more.

        Args:
            arn: The ARN of the resource.
            operation: The name of the operation, such as "DescribeCampaign".
            now: The simulated time in epoch seconds.
            pause: The number of seconds without a poll after which the count starts again.
        """
        last, count = self._polls.get(arn, {}).get(operation, (0.0, 0))
        return count if count and now - last < pause else 0

    def record(self, arn: str, operation: str, *, now: float, count: int) -> None:
        """Record a poll: a call with which an operation asks for the status of a resource.

        Args:
            arn: The ARN of the resource.
            operation: The name of the operation, such as "DescribeCampaign".
            now: The simulated time in epoch seconds.
            count: The number of polls in a row, including this one.
        """
        self._polls.setdefault(arn, {})[operation] = (now, count)

    def forget(self, arn: str) -> None:
        """Reset the counts of polls of the resource with the given ARN."""
        self._polls.pop(arn, None)

    def copy(self) -> "PollCounter":
        """Return a copy of the counts. Later polls do not affect the copy, and vice versa."""
        polls = PollCounter()
        polls._polls = {arn: dict(by_operation) for arn, by_operation in self._polls.items()}
        return polls

    def clear(self) -> None:
        """Reset the counts of polls of all resources."""
        self._polls.clear()

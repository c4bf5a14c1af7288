"""Counts of polls, which are calls that ask whether a resource has reached its next status."""

SHORTEST_SLEEP = 1.0  # seconds; shorter sleeps take real time, and polls at shorter intervals count as polls in a row


class PollCounter:
    """Counts of polls of each resource. Polls by different operations are counted separately."""

    def __init__(self) -> None:
        self._polls: dict[str, dict[str, tuple[float, int]]] = {}  # by ARN and operation: time of the last poll, count

    def in_a_row(self, arn: str, operation: str, *, now: float, pause: float = SHORTEST_SLEEP) -> int:
        """Return how many times an operation has polled a resource without a sleep in between.

        Args:
            arn: The ARN of the resource.
            operation: The name of the operation.
            now: The simulated time in epoch seconds.
            pause: Two polls that are at least this many seconds apart are not polls in a row.
        """
        last, count = self._polls.get(arn, {}).get(operation, (0.0, 0))
        return count if count and now - last < pause else 0

    def record(self, arn: str, operation: str, *, now: float, count: int) -> None:
        """Record a poll of a resource by an operation. `count` is the number of polls in a row, including this one."""
        self._polls.setdefault(arn, {})[operation] = (now, count)

    def forget(self, arn: str) -> None:
        """Reset the counts of a resource."""
        self._polls.pop(arn, None)

    def clear(self) -> None:
        """Reset the counts of all resources."""
        self._polls.clear()

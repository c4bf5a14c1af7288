"""Simulated waits of botocore's rate limiter, which delays the calls of clients with the retry mode "adaptive".

After throttling, the limiter of such a client waits before a call until its token bucket has been filled again. It
waits for a `threading.Condition` instead of calling `time.sleep`, so it needs a patch of its own.
"""

from collections.abc import Callable

from botocore.exceptions import CapacityNotAvailableError
from botocore.retries.bucket import TokenBucket

from personalize_mock.cleanup import Cleanup
from personalize_mock.timing.virtual_time import VirtualTime

SHORTEST_WAIT = 0.001  # seconds; the simulated clock counts milliseconds


def install(virtual: VirtualTime, cleanup: Cleanup) -> None:
    """Make waits of botocore's rate limiter move the simulated clock, until `cleanup` runs.

    A wait takes no real time if a sleep of botocore before a retry would take none.

    Args:
        virtual: Decides whether a wait takes real time or moves the simulated clock.
        cleanup: Receives the step that undoes the patch.
    """
    cleanup.replace(TokenBucket, "acquire", _acquire_virtually(virtual, TokenBucket.acquire))


def _acquire_virtually(virtual: VirtualTime, original: Callable[..., bool]) -> Callable[..., bool]:
    def acquire(bucket: TokenBucket, amount: int = 1, block: bool = True) -> bool:  # noqa: FBT001, FBT002  # as in botocore
        while block:
            try:
                return original(bucket, amount, block=False)
            except CapacityNotAvailableError:  # noqa: PERF203  # it is the way to ask
                seconds = max(SHORTEST_WAIT, (amount - bucket.available_capacity) / bucket.max_rate)
                if not virtual.is_virtual(seconds, caller=TokenBucket.__module__):
                    break
                virtual.sleep(seconds)
        return original(bucket, amount, block)

    return acquire

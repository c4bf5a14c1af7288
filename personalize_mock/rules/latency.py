"""Simulated latency of calls, which moves the simulated clock and may exceed the timeout of the client."""

import sys
from types import FrameType
from typing import Any

from botocore.exceptions import ReadTimeoutError

from personalize_mock.simulation import Store
from personalize_mock.timing import patched_time
from personalize_mock.wire.model import Operation

READ_TIMEOUT = 60.0  # seconds; the default of botocore, also used for calls without a botocore client


def wait(store: Store, operation: Operation, seconds: float) -> None:
    """Advance the simulated clock by the latency of a call, as `time.sleep` in the calling thread would.

    Args:
        store: The account and region of the call.
        operation: The called operation.
        seconds: The latency in simulated seconds.

    Raises:
        ReadTimeoutError: The latency is longer than the client's `read_timeout`. The clock has moved by that timeout.
    """
    timeout = read_timeout()
    elapsed = seconds if timeout is None else min(seconds, timeout)
    clock = store.clock
    clock.jump_to(clock.timestamp() + elapsed)
    patched_time.record_wait(elapsed)
    if elapsed < seconds:
        raise ReadTimeoutError(endpoint_url=url_of(operation, store.region))


def url_of(operation: Operation, region: str) -> str:
    """Return the URL of an operation in a region, for error messages."""
    return f"https://{operation.service}.{region}.amazonaws.com{operation.path}"


def read_timeout() -> float | None:
    """Return the `read_timeout`, in seconds, of the client that makes the current call, or None if it has no timeout.

    botocore does not tell the handlers of a request which client makes it, so the client's endpoint is looked up in the
    call stack. Calls without a botocore client have the default timeout of botocore.
    """
    endpoint = _endpoint(sys._getframe(1))  # noqa: SLF001  # there is no public way to get the caller
    timeout = getattr(getattr(endpoint, "http_session", None), "_timeout", READ_TIMEOUT)
    return getattr(timeout, "read_timeout", timeout)


def _endpoint(frame: FrameType | None) -> Any:
    while frame is not None and frame.f_globals.get("__name__") != "botocore.endpoint":
        frame = frame.f_back
    return None if frame is None else frame.f_locals.get("self")

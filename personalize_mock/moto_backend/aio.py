"""Answers to clients of aiobotocore and aioboto3 in the same process.

aiobotocore calls moto as botocore does, but it awaits the parts of a response and sends request bodies that are read
asynchronously. moto knows neither. While a mock is active, responses of all of moto's services therefore fit both
kinds of clients, and bodies are read before moto sees them. Without aiobotocore nothing is different.
"""

import sys
from collections.abc import Callable, Generator
from inspect import iscoroutine
from io import BytesIO
from typing import Any

from botocore.awsrequest import AWSResponse
from moto.core import botocore_stubber as stubber_module
from moto.core.botocore_stubber import MockRawResponse

from personalize_mock.cleanup import Cleanup


class _AwaitableBytes(bytes):
    """Bytes that can be awaited, and give themselves."""

    def __await__(self) -> Generator[None, None, bytes]:
        yield from ()
        return bytes(self)


class _AsyncStream(BytesIO):
    """The body of a streamed response, as aiohttp would give it to aiobotocore."""

    url = ""  # for error messages of aiobotocore

    def read(self, size: int | None = -1, /) -> bytes:
        """Return at most `size` bytes, or all that are left, for both kinds of clients."""
        return _AwaitableBytes(super().read(size))

    @property
    def content(self) -> "_AsyncContent":
        """The reader of the body."""
        return _AsyncContent(self)

    def stream(self, **_: Any) -> Generator[bytes, None, None]:
        """Yield the whole body, for clients that read it at once."""
        yield self.read()

    async def __aenter__(self) -> "_AsyncStream":  # noqa: PYI034  # Self is new in Python 3.11
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    def at_eof(self) -> bool:
        """Return whether the whole body has been read."""
        return self.tell() == len(self.getbuffer())


class _AsyncContent:
    """Asynchronous reader of a body."""

    def __init__(self, stream: _AsyncStream) -> None:
        self._stream = stream

    async def read(self, size: int = -1) -> bytes:
        """Return at most `size` bytes, or all that are left."""
        return self._stream.read(size)

    def at_eof(self) -> bool:
        """Return whether the whole body has been read."""
        return self._stream.at_eof()


class _AsyncResponse(AWSResponse):  # type: ignore[misc]  # botocore is untyped here
    """Response that botocore reads and aiobotocore awaits."""

    @property
    def content(self) -> bytes:
        """The body."""
        return _AwaitableBytes(super().content)


def install(answer: Callable[[Any], Any], cleanup: Cleanup) -> None:
    """Let clients of aiobotocore get responses, until `cleanup` runs.

    Args:
        answer: Function that returns the response to a request that is about to be sent, or None to send it.
        cleanup: Receives the steps that undo the patches.
    """
    cleanup.replace(stubber_module, "AWSResponse", _response)
    cleanup.replace(stubber_module, "MockRawResponse", _raw_response)
    endpoint_module = sys.modules.get("aiobotocore.endpoint")
    if endpoint_module is not None:
        original = endpoint_module.AioEndpoint._send  # noqa: SLF001  # the last place before the network

        async def send_or_answer(endpoint: Any, request: Any) -> Any:
            response = answer(request)
            return response if response is not None else await original(endpoint, request)

        cleanup.replace(endpoint_module.AioEndpoint, "_send", send_or_answer)


def with_bytes(request: Any) -> Any:
    """Replace a request body that aiobotocore would read asynchronously by its bytes, and return the request."""
    if type(request.body).__module__.partition(".")[0] == "aiobotocore":
        request.body = _completed(request.body.read())
    return request


def _response(*arguments: Any) -> AWSResponse:
    return _AsyncResponse(*arguments) if "aiobotocore" in sys.modules else AWSResponse(*arguments)


def _raw_response(body: str | bytes) -> BytesIO:
    if "aiobotocore" not in sys.modules:
        return MockRawResponse(body)
    return _AsyncStream(body.encode() if isinstance(body, str) else body)


def _completed(result: Any) -> bytes:
    """Return the result of a coroutine that never has to wait, because it reads from memory."""
    if not iscoroutine(result):
        return bytes(result)
    try:
        result.send(None)
    except StopIteration as end:
        return bytes(end.value)
    result.close()
    raise TypeError("The body of the request is read asynchronously. Pass bytes or a file.")

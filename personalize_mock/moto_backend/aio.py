"""Support for clients of aiobotocore and aioboto3 that run in the same process as a mock.

aiobotocore calls moto as botocore does, but it awaits the parts of a response and sends request bodies that are read
asynchronously. moto supports neither. While a mock is active, responses of all services of moto therefore work with
both kinds of clients, and request bodies are read before moto gets them. Nothing changes if aiobotocore is not
imported.
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
from personalize_mock.moto_backend.response_headers import ResponseHeaders
from personalize_mock.wire.http import LowerCaseHeaders


class _AwaitableBytes(bytes):
    """Bytes that can also be awaited. The result of `await` is the same bytes."""

    def __await__(self) -> Generator[None, None, bytes]:
        yield from ()
        return bytes(self)


class _Stream(MockRawResponse):
    """The body of a response, as moto gives it to botocore."""

    __init__ = BytesIO.__init__  # the body is never a string

    def stream(self, **_: Any) -> tuple[bytes, ...]:
        """Return the rest of the body as one chunk."""
        return (self.read(),)


class _AsyncStream(BytesIO):
    """The body of a streamed response, as aiohttp would give it to aiobotocore."""

    url = ""  # for error messages of aiobotocore

    def read(self, size: int | None = -1, /) -> bytes:
        """Return at most `size` bytes, as an object that can also be awaited.

        If `size` is None or negative, return all bytes that are left.
        """
        return _AwaitableBytes(super().read(size))

    @property
    def content(self) -> "_AsyncContent":
        """The asynchronous reader of the response's body."""
        return _AsyncContent(self)

    def stream(self, **_: Any) -> Generator[bytes, None, None]:
        """Yield the whole body as one chunk."""
        yield self.read()

    async def __aenter__(self) -> "_AsyncStream":  # noqa: PYI034  # Self is new in Python 3.11
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    def at_eof(self) -> bool:
        """Return whether the whole body has been read."""
        return self.tell() == len(self.getbuffer())


class _AsyncContent:
    """Asynchronous reader of the body of a response."""

    def __init__(self, stream: _AsyncStream) -> None:
        self._stream = stream

    async def read(self, size: int = -1) -> bytes:
        """Return at most `size` bytes, or all that are left if `size` is negative."""
        return self._stream.read(size)

    def at_eof(self) -> bool:
        """Return whether the whole body has been read."""
        return self._stream.at_eof()


class _AsyncResponse(AWSResponse):  # type: ignore[misc]  # botocore is untyped here
    """Response whose content can be read directly, as botocore does, or awaited, as aiobotocore does."""

    @property
    def content(self) -> bytes:
        """The body of the response, as bytes that can also be awaited."""
        return _AwaitableBytes(super().content)


_EMPTY = vars(AWSResponse("", 0, {}, None))  # the attributes of a new response


def install(answer: Callable[[Any], Any], cleanup: Cleanup) -> None:
    """Make moto and the mock answer clients of aiobotocore, until `cleanup` runs.

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
    """Replace the body of a request by its bytes, if it is an asynchronous body of aiobotocore. Return the request."""
    body = getattr(request, "body", None)  # requests that older versions of moto pass on have none
    if body is not None and type(body).__module__.partition(".")[0] == "aiobotocore":
        request.body = _completed(body.read())
    return request


def _response(url: str, status: int, headers: Any, raw: Any) -> AWSResponse:
    kind = _AsyncResponse if "aiobotocore" in sys.modules else AWSResponse
    if type(headers) is not LowerCaseHeaders:
        return kind(url, status, headers, raw)
    response = object.__new__(kind)  # its constructor would copy the headers
    vars(response).update(_EMPTY, url=url, status_code=status, headers=ResponseHeaders(headers), raw=raw)
    return response


def _raw_response(body: str | bytes) -> BytesIO:
    if "aiobotocore" not in sys.modules:
        return _Stream(body) if isinstance(body, bytes) else MockRawResponse(body)
    return _AsyncStream(body.encode() if isinstance(body, str) else body)


def _completed(result: Any) -> bytes:
    """Return the bytes that a coroutine reads from memory, or `result` itself if it is already bytes.

    Raises:
        TypeError: The coroutine would have to wait for something.
    """
    if not iscoroutine(result):
        return bytes(result)
    try:
        result.send(None)
    except StopIteration as end:
        return bytes(end.value)
    result.close()
    raise TypeError("The body of the request can only be read asynchronously. Pass bytes or a file.")

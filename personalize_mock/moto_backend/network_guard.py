"""Guard that keeps requests to Personalize hosts from reaching the network while a mock is active.

The mock answers requests of botocore, `requests` and urllib3 before they reach the network. Other clients get a
connection error when they look up the host's name, start a TLS handshake, or send the head of an unencrypted request,
for example to a proxy. At each of these points the host is known. Nothing is patched while no mock is active.
"""

import re
import socket
import ssl
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import local
from types import FrameType
from typing import Any

from moto.core.config import passthrough_service, passthrough_url

from personalize_mock.cleanup import Cleanup
from personalize_mock.moto_backend.hosts import HOSTS

# Message of `PersonalizeHostError`.
REFUSED = (
    "{client} tried to reach {host} while a mock of Amazon Personalize is active. The mock lets no request to the "
    "service leave the process. Use boto3, requests or urllib3, which the mock answers, or mock.call(). To reach the "
    "real service, add 'personalize' to the passthrough services in moto's configuration."
)
# A request line with the address of the target, a Host header, or a SOCKS request with a host name.
_REQUEST_HEAD = re.compile(
    rb"[A-Z]{3,7} (?:https?://([^/:\s]+)|(personalize[^/:\s]+)|[^\r\n]*\r\n(?:[^\r\n]+\r\n)*?Host: *([^:\s]+))"
    rb"|\x05\x01\x00\x03.([a-z0-9.-]+)|\x04\x01.{6}[^\x00]*\x00([a-z0-9.-]+)",
    re.DOTALL | re.IGNORECASE,
)
_HEAD = 4096  # bytes
_CLIENTS = ("aiohttp", "anyio", "asyncio", "http", "httpcore", "httpx", "socket", "ssl", "trio", "urllib", "urllib3")
_allowed = local()


class PersonalizeHostError(socket.gaierror):
    """Raised when an HTTP client whose requests the mock cannot answer tries to reach a Personalize host."""


def install(cleanup: Cleanup) -> None:
    """Patch `socket` and `ssl` so that connections to Personalize hosts fail, until `cleanup` runs."""
    for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex"):
        cleanup.replace(socket, name, _checked(getattr(socket, name), _host_argument))
    for name in ("connect", "connect_ex"):
        cleanup.replace(socket.socket, name, _checked(getattr(socket.socket, name), _address_argument))
    for name in ("send", "sendall", "sendmsg"):
        if hasattr(socket.socket, name):
            cleanup.replace(socket.socket, name, _checked(getattr(socket.socket, name), _host_in_data))
    for name, position in (("wrap_socket", 5), ("wrap_bio", 4)):
        method = getattr(ssl.SSLContext, name)
        cleanup.replace(ssl.SSLContext, name, _checked(method, _server_argument(position)))


@contextmanager
def passing() -> Iterator[None]:
    """Let the current thread send requests to Personalize hosts within the `with` block.

    This is for requests that moto's configuration passes through to the real service.
    """
    before = getattr(_allowed, "passes", False)
    _allowed.passes = True
    try:
        yield
    finally:
        _allowed.passes = before


def is_passed_through(url: str) -> bool:
    """Return whether moto's configuration passes requests to a Personalize URL through to the real service."""
    return bool(passthrough_service("personalize") or passthrough_url(url.partition("?")[0]))


def _checked(function: Callable[..., Any], host_of: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a function of `socket` or `ssl` so that it raises an error for Personalize hosts.

    Args:
        function: The function to wrap.
        host_of: Function that takes the arguments of `function` and returns the host among them, or None.
    """

    def guarded(*arguments: Any, **keywords: Any) -> Any:
        host = host_of(*arguments, **keywords)
        if host and _is_refused(host):
            text = REFUSED.format(client=_client(sys._getframe(1)), host=_as_text(host))  # noqa: SLF001
            raise _error(text)
        return function(*arguments, **keywords)

    return guarded


def _error(text: str) -> Exception:
    httpcore = sys.modules.get("httpcore")
    if httpcore is not None and text.startswith("httpx"):
        error: Exception = httpcore.ConnectError(text)  # httpcore ignores an OSError when it sends a request
        return error
    return PersonalizeHostError(socket.EAI_FAIL, text)


def _is_refused(host: Any) -> bool:
    text = _as_text(host).lower()
    if "personalize" not in text or HOSTS.fullmatch(f"https://{text}") is None:
        return False
    return not (getattr(_allowed, "passes", False) or is_passed_through(f"https://{text}/"))


def _as_text(host: Any) -> str:
    return host.decode("ascii", "replace") if isinstance(host, (bytes, bytearray)) else str(host)


def _host_argument(host: Any, *_: Any, **__: Any) -> Any:
    return host


def _address_argument(_: Any, address: Any, *__: Any) -> Any:
    return address[0] if isinstance(address, tuple) and address else None


def _server_argument(position: int) -> Callable[..., Any]:
    def server_hostname(*arguments: Any, **keywords: Any) -> Any:
        return keywords.get("server_hostname") or (arguments[position : position + 1] or (None,))[0]

    return server_hostname


def _host_in_data(_: Any, data: Any, *__: Any) -> Any:
    parts = data if isinstance(data, (list, tuple)) else (data,)
    for part in parts[:1]:
        match = _REQUEST_HEAD.match(bytes(memoryview(part)[:_HEAD]))
        return next(filter(None, match.groups()), None) if match else None
    return None


def _client(frame: FrameType | None) -> str:
    """Return the name of the library that sends a request, such as "httpx" or "urllib.request", for an error message.

    Args:
        frame: Frame of the code that called the patched function of `socket` or `ssl`.
    """
    name = "socket"
    while frame is not None:
        module = str(frame.f_globals.get("__name__", ""))
        if module.partition(".")[0] in _CLIENTS:
            name = module
        elif module.startswith("concurrent."):
            name = "asyncio"  # it looks up names in a thread, whose stack does not show the caller
        elif not module.startswith(("threading", "contextlib", "personalize_mock.timing")):
            break
        frame = frame.f_back
    top = name.partition(".")[0]
    return name if top in ("http", "urllib") else top

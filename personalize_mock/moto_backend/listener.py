"""Listening HTTP server that passes its requests to the WSGI application of moto's server."""

import socket
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from personalize_mock.exceptions import PersonalizeMockError

if TYPE_CHECKING:
    from werkzeug.serving import BaseWSGIServer

NEEDS_EXTRA = (
    "The server needs moto's server, which is not installed ({reason}). Run pip install 'personalize-mock[server]'."
)


def listen(host: str, port: int, *, logs_requests: bool = False) -> "BaseWSGIServer":
    """Return a server that listens on an address. `serve_forever` answers each connection in its own thread.

    Args:
        host: The host name or address to bind.
        port: The port, or 0 for a free one.
        logs_requests: Whether to log each request as a line on standard error.

    Raises:
        PersonalizeMockError: The packages of the extra `server` are missing, or the address cannot be bound.
    """
    for package in ("flask", "flask_cors"):
        if find_spec(package) is None:
            raise PersonalizeMockError(NEEDS_EXTRA.format(reason=f"no package {package}"))
    from moto.moto_server import werkzeug_app
    from werkzeug.serving import make_server

    application = werkzeug_app.DomainDispatcherApplication(werkzeug_app.create_backend_app)
    with _bound(host, port) as bound:
        return make_server(
            host,
            port,
            application,
            threaded=True,
            request_handler=_handler(logs_requests=logs_requests),
            fd=bound.fileno(),
        )


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except (OSError, OverflowError) as error:
        raise PersonalizeMockError(
            f"The server cannot listen on {host}:{port} ({error}). Choose another port, or 0 for a free one."
        ) from None


def _handler(*, logs_requests: bool) -> Any:
    from moto.moto_server import werkzeug_app
    from werkzeug.serving import WSGIRequestHandler

    base: Any = getattr(werkzeug_app, "MotoRequestHandler", WSGIRequestHandler)  # older versions of moto have none

    class Handler(base):  # type: ignore[misc]
        """Handler of the HTTP requests that arrive on one connection."""

        disable_nagle_algorithm = True  # an answer is sent in two parts, and the second must not wait for the client

        def log_request(self, code: Any = "-", size: Any = "-") -> None:
            if logs_requests:
                super().log_request(code, size)

    return Handler

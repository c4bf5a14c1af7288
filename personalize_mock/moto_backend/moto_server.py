"""Patch of moto's server that lets a mock in the same process answer requests to Personalize.

The server may run as a `ThreadedMotoServer` or through `moto.server.main`. It keeps one Flask application per service
as long as it runs, which can be longer than a mock. The mock therefore registers no handlers in these applications.
While a mock is active, requests to Personalize and to the control endpoints are answered before the server looks for an
application. Without a mock, moto answers them.
"""

import gzip
import socket
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from http import HTTPStatus
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError
from moto import settings

from personalize_mock.cleanup import Cleanup
from personalize_mock.moto_backend.http_requests import as_method
from personalize_mock.moto_backend.import_hook import when_imported
from personalize_mock.moto_backend.server_requests import called_region, is_preflight
from personalize_mock.progress import logger
from personalize_mock.simulation import Simulation
from personalize_mock.timing.instants import SIMULATED_DATE
from personalize_mock.wire.http import Response, failure

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]
SERVER_MODULE = "moto.moto_server.werkzeug_app"
CONTROL_PATH = "/moto-api/personalize"
_CORS = {"access-control-allow-origin": "*", "access-control-expose-headers": "*"}
_PREFLIGHT = {"access-control-allow-methods": "*", "access-control-allow-headers": "*", "content-length": "0"}
_HEADERS = {
    "Authorization": "HTTP_AUTHORIZATION",
    "X-Amz-Security-Token": "HTTP_X_AMZ_SECURITY_TOKEN",
    "X-Amz-Target": "HTTP_X_AMZ_TARGET",
    "x-moto-account-id": "HTTP_X_MOTO_ACCOUNT_ID",
}
_REASONS = {status.value: status.phrase for status in HTTPStatus}
_ENDED = "The mock of Amazon Personalize has ended. Start a mock before you send requests to the server."


class Control(Protocol):
    """Function that answers a request to a control endpoint, a URL with which clients of the server control the mock.

    The paths of the control endpoints are below `/moto-api/personalize`.
    """

    def __call__(self, simulation: Simulation, method: str, path: str, query: str, body: bytes) -> Response:
        """Return the status, headers and body of the response.

        Args:
            simulation: The simulation to control.
            method: The HTTP method.
            path: The path below `/moto-api/personalize`, such as "/clock".
            query: The query string of the URL.
            body: The body of the request.
        """


class Service(Protocol):
    """Function that answers a request to Personalize."""

    def __call__(self, headers: Mapping[str, str], region: str, url: str, body: bytes) -> Response:
        """Return the status, headers and body of the response.

        Args:
            headers: The headers that say which operation is called and who calls it.
            region: The region of the request.
            url: The URL of the request.
            body: The body of the request.

        Raises:
            BotoCoreError: The client must get no response, for example because a rule simulates a broken connection.
        """


class MotoServerPatcher:
    """Patch that makes moto's server answer requests to Personalize, and requests that control the mock.

    Args:
        current: Function that returns the simulation that answers requests of the current thread, or None after the end
            of the mock.
        service: Function that answers a request to Personalize.
        control: Function that answers a request to control the mock.
    """

    def __init__(
        self,
        current: Callable[[], Simulation | None],
        *,
        service: Service,
        control: Control,
    ) -> None:
        self._current, self._service, self._control = current, service, control
        self._stock: Callable[[Any, Environ], Application] | None = None

    def install(self, extend: Callable[[str], None], cleanup: Cleanup) -> None:
        """Patch the WSGI application of moto's server, now or when its module is first imported.

        Args:
            extend: Function that is called before any other service answers a request, with the name of this service in
                moto, such as "iam".
            cleanup: Receives the steps that undo the patch.
        """
        self._extend = extend
        when_imported(SERVER_MODULE, partial(self._patch, cleanup), cleanup)

    def _patch(self, cleanup: Cleanup) -> None:
        server = sys.modules[SERVER_MODULE].DomainDispatcherApplication
        self._stock = server.get_application
        cleanup.replace(server, "get_application", as_method(self._get_application))

    def _get_application(self, server: Any, environ: Environ) -> Application:
        """Return the WSGI application that answers a request, in place of moto's method of the same name.

        Args:
            server: moto's `DomainDispatcherApplication`.
            environ: The WSGI environment of the request.
        """
        path = environ.get("PATH_INFO", "")
        if isinstance(path, str) and f"{path}/".startswith(f"{CONTROL_PATH}/"):  # moto accepts bytes, too
            return self._answer_control
        region = called_region(environ)
        if region is not None:
            return partial(self._answer_service, region)
        assert self._stock is not None  # noqa: S101  # set before this method is installed
        application = self._stock(server, environ)
        self._extend(getattr(application, "service", ""))
        return application

    def _answer_control(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        simulation = self._current()
        if simulation is None:
            return _send(start_response, environ, failure(503, "ServiceUnavailable", _ENDED))
        path = environ["PATH_INFO"][len(CONTROL_PATH) :]
        query = environ.get("QUERY_STRING", "")
        response = self._control(simulation, environ["REQUEST_METHOD"], path, query, _body(environ))
        return _send(start_response, environ, response)

    def _answer_service(self, region: str, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if is_preflight(environ):
            return _send(start_response, environ, (200, _PREFLIGHT, b""))
        url = f"https://{environ.get('HTTP_HOST', '')}{environ.get('PATH_INFO', '')}"
        try:
            response = self._service(_headers(environ), region, url, _body(environ))
        except BotoCoreError as error:
            logger.debug("The request to %s gets no answer: %s", url, error)
            _drop_connection(environ)
            raise ConnectionAbortedError(str(error)) from None
        except Exception as error:  # noqa: BLE001  # a request must get an answer
            logger.exception("Request to %s failed", url)
            response = failure(500, "InternalFailure", f"{type(error).__name__}: {error}")
        return _send(start_response, environ, response)


def _headers(environ: Environ) -> dict[str, str]:
    return {name: environ[key] for name, key in _HEADERS.items() if key in environ}


def _body(environ: Environ) -> bytes:
    from werkzeug.wsgi import get_input_stream

    body: bytes = get_input_stream(environ).read()
    if environ.get("HTTP_CONTENT_ENCODING", "").lower() == "gzip":
        try:
            return gzip.decompress(body)
        except (OSError, EOFError):
            return body  # the service says that it is not JSON
    return body


def _send(start_response: StartResponse, environ: Environ, response: Response) -> list[bytes]:
    status, headers, body = response
    is_disabled = getattr(settings, "DISABLE_GLOBAL_CORS", False)  # older versions of moto have no such setting
    cors = {} if is_disabled or "HTTP_ORIGIN" not in environ else _CORS
    # werkzeug adds a header "date" of its own, with the wall time.
    sent = [(SIMULATED_DATE if name == "date" else name, value) for name, value in {**headers, **cors}.items()]
    start_response(f"{status} {_REASONS.get(status, 'Unknown')}", sent)
    return [body]


def _drop_connection(environ: Environ) -> None:
    """Close the connection on which a request arrived, so that the client gets no response."""
    connection = environ.get("werkzeug.socket")
    if connection is not None:
        connection.shutdown(socket.SHUT_RDWR)

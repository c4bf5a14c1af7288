"""Answers to requests to the HTTP endpoints that control a mock in a server.

A request that is refused gets a JSON object with the member `error`, which has the type and the message of the error.
The HTTP status is 404 for an unknown path, 405 for a wrong method, 500 for a bug in the mock, and 400 for other errors.
"""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from botocore.exceptions import ClientError

from personalize_mock.control import endpoints, resource_endpoints, rule_endpoints  # noqa: F401  # they register
from personalize_mock.control.endpoint import ENDPOINTS
from personalize_mock.exceptions import PersonalizeMockError
from personalize_mock.progress import logger
from personalize_mock.simulation import Simulation
from personalize_mock.wire.http import Response

ROOT = "/moto-api/personalize"
HINT = f"GET {ROOT}/ lists all paths with their members."


def respond(simulation: Simulation, method: str, path: str, query: str, body: bytes) -> Response:
    """Answer a request to an HTTP endpoint that controls the mock.

    Args:
        simulation: The simulation to control.
        method: The HTTP method.
        path: The path below `/moto-api/personalize`, such as "/clock".
        query: The query string of the URL, with the members of a GET request.
        body: The body of the request: a JSON object with the members, or nothing.
    """
    found = ENDPOINTS.at(path.rstrip("/") or "/")
    if not found:
        paths = sorted({f"{ROOT}{endpoint.path}" for endpoint in ENDPOINTS})
        return _error(404, "NotFound", f"There is no control endpoint {ROOT}{path}. {HINT}", paths=paths)
    if method == "OPTIONS":
        return _response(200, {}, {"allow": ", ".join(found), **_PREFLIGHT})
    if method not in found:
        allowed = ", ".join(found)
        message = f"{ROOT}{path} does not support the method {method}. Use {' or '.join(found)}."
        return _error(405, "MethodNotAllowed", message, headers={"allow": allowed})
    endpoint, in_path = found[method]
    try:
        result = endpoint.answer(simulation, **endpoint.checked({**_members(method, query, body), **in_path}))
    except Exception as error:  # noqa: BLE001  # a request must get an answer
        return _error_response(error, f"{method} {path}")
    return _response(200, result)


_PREFLIGHT = {"access-control-allow-methods": "*", "access-control-allow-headers": "*"}


def _error_response(error: Exception, request: str) -> Response:
    if isinstance(error, ClientError):
        details = error.response["Error"]
        return _error(400, "ClientError", details["Message"], code=details["Code"], operation=error.operation_name)
    if isinstance(error, PersonalizeMockError):
        return _error(400, type(error).__name__, str(error))
    logger.error("%s failed", request, exc_info=error)
    return _error(500, type(error).__name__, f"The mock failed with an internal error: {error}")


def _members(method: str, query: str, body: bytes) -> Mapping[str, Any]:
    if method == "GET" or not body.strip():
        return dict(parse_qsl(query, keep_blank_values=True))
    try:
        members = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise PersonalizeMockError(f"The body of the request is not JSON ({error}). Send a JSON object.") from None
    if not isinstance(members, dict):
        raise PersonalizeMockError(
            f"The body of the request is {str(members)[:60]}, not a JSON object. Send an object, such as "
            '{"hours": 6}.'
        )
    return members


def _error(status: int, kind: str, message: str, *, headers: Mapping[str, str] | None = None, **more: Any) -> Response:
    return _response(status, {"error": {"type": kind, "message": message, **more}}, headers)


def _response(status: int, result: Any, headers: Mapping[str, str] | None = None) -> Response:
    body = json.dumps(result, ensure_ascii=False, default=str).encode(errors="replace")
    return status, {"content-type": "application/json", "content-length": str(len(body)), **(headers or {})}, body

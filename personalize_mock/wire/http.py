"""HTTP requests to dispatched operations and back: JSON 1.1 for the control plane, REST JSON for the rest."""

import json
from collections.abc import Mapping
from datetime import datetime, timezone
from email.utils import format_datetime
from functools import lru_cache
from typing import Any

from personalize_mock.simulation import Store
from personalize_mock.wire.dispatch import dispatch
from personalize_mock.wire.errors import SerializationException, ServiceError, UnknownOperationException
from personalize_mock.wire.model import CONTROL, Operation, http_status, requested

Response = tuple[int, dict[str, str], bytes]

_JSON = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, check_circular=False)  # ours hold no circles

_SECURITY = {  # seen on the control plane in 2024
    "strict-transport-security": "max-age=47304000; includeSubDomains",
    "x-frame-options": "DENY",
    "cache-control": "no-cache",
    "x-content-type-options": "nosniff",
}


def respond(store: Store, *, target: str | None, path: str, body: bytes | str) -> Response:
    """Answers one HTTP request.

    Args:
        store: the account and region that the request is for.
        target: the value of `X-Amz-Target`, None for the runtime and events.
        path: the path of the URL.
        body: the request's body.

    Returns:
        Status, headers and body.
    """
    asked = requested(target, path)
    try:
        if asked is None:
            raise UnknownOperationException(f"No operation of Amazon Personalize answers to {target or path}.")
        result = dispatch(store, asked, _decode(body))
    except ServiceError as error:
        return _error(store, asked, error)
    encoded = b"" if asked.output is None else _encode(result)
    return 200, _headers(store, asked, encoded), encoded


def _decode(body: bytes | str) -> dict[str, Any]:
    try:
        params = _parse(body.decode() if isinstance(body, bytes) else body) if body else {}
    except (ValueError, RecursionError):
        raise SerializationException("The body of the request is not JSON.") from None
    if not isinstance(params, dict):
        raise SerializationException("The body of the request is not a JSON object.")
    return params


def _refuse(constant: str) -> float:
    """NaN and Infinity, which only Python's JSON knows."""
    raise ValueError(constant)


_parse = json.JSONDecoder(parse_constant=_refuse).decode


def _encode(result: Mapping[str, Any]) -> bytes:
    return _JSON.encode(result).encode()


def _error(store: Store, asked: Operation | None, error: ServiceError) -> Response:
    service = CONTROL if asked is None else asked.service
    status = error.status or http_status(service, error.code)
    if asked is None or asked.target is not None:
        body = _encode({"__type": error.code, "message": str(error)})
        return status, _headers(store, asked, body), body
    body = _encode({"message": str(error)})
    return status, {**_headers(store, asked, body), "x-amzn-ErrorType": error.code}, body


def _headers(store: Store, asked: Operation | None, body: bytes) -> dict[str, str]:
    simulation = store.simulation
    headers = {
        "x-amzn-requestid": simulation.request_id(),
        "date": _date(int(simulation.clock.timestamp())),
        "content-type": "application/x-amz-json-1.1" if asked is None else asked.content_type,
        "content-length": str(len(body)),
    }
    return headers if asked is not None and asked.target is None else {**headers, **_SECURITY}


@lru_cache(maxsize=1)  # one second sees many answers
def _date(second: int) -> str:
    return format_datetime(datetime.fromtimestamp(second, tz=timezone.utc), usegmt=True)

"""Decoding of HTTP requests to Amazon Personalize, and encoding of its responses.

The control plane (`personalize`) uses AWS JSON 1.1; `personalize-runtime` and `personalize-events` use REST JSON.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timezone
from email.utils import format_datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from personalize_mock.simulation import Store
from personalize_mock.wire.dispatch import dispatch
from personalize_mock.wire.errors import BareResponse, SerializationException, ServiceError, UnknownOperationException
from personalize_mock.wire.model import CONTROL, Operation, http_status, operation_by_request
from personalize_mock.wire.registry import PreShaped

Response = tuple[int, dict[str, str], bytes]


class LowerCaseHeaders(dict[str, str]):
    """Headers of a response whose names are all in lower case."""

    __slots__ = ()


_JSON = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, check_circular=False)  # no response is circular
# Headers of the control plane. Recorded 2024.
_SECURITY_HEADERS = {
    "strict-transport-security": "max-age=47304000; includeSubDomains",
    "x-frame-options": "DENY",
    "cache-control": "no-cache",
    "x-content-type-options": "nosniff",
}


def respond(store: Store, *, target: str | None, url: str, body: Any) -> Response:
    """Answer an HTTP request to Amazon Personalize.

    Args:
        store: Store with the resources of the account and region to which the request is sent.
        target: Value of the X-Amz-Target header, or None for requests to personalize-runtime and personalize-events.
        url: URL of the request. Its path names the operation if `target` is None.
        body: Body of the request: a string, bytes, a file, or an iterable of bytes.

    Returns:
        HTTP status, headers and body of the response.
    """
    path = "" if target else urlsplit(url).path
    operation = operation_by_request(target, path)
    try:
        if operation is None:
            raise UnknownOperationException(f"Amazon Personalize has no operation at {target or path}.")
        result = dispatch(store, operation, _decode(body))
    except BareResponse as response:
        return response.status, {"content-length": str(len(response.body))}, response.body
    except ServiceError as error:
        return _error_response(store, operation, error)
    encoded = b"" if operation.output is None else _encode(result)
    return 200, _headers(store, operation, encoded, at=store.simulation.clock.pace.last), encoded


def failure(status: int, code: str, message: str) -> Response:
    """Return a response with an error that does not come from the service, such as a failure of the mock itself."""
    body = _encode({"__type": code, "message": message})
    headers = {"content-type": "application/x-amz-json-1.1", "x-amzn-ErrorType": code, "content-length": str(len(body))}
    return status, headers, body


def _decode(body: Any) -> dict[str, Any]:
    try:
        text = body.decode() if type(body) is bytes else _as_text(body)
        try:
            params, end = _scan(text, 0)
        except StopIteration:  # there is white space before the value, or no value
            end = -1
        if end != len(text):
            params = _parse(text) if text else {}
    except (ValueError, RecursionError) as error:
        raise SerializationException(f"The body of the request is not JSON ({error}). Send a JSON object.") from None
    if not isinstance(params, dict):
        raise SerializationException("The body of the request is JSON, but not an object. Send a JSON object.")
    return params


def _as_text(body: Any) -> str:
    """Read a request body, which may be a string, bytes, a file or an iterable of bytes, and decode it from UTF-8.

    Raises:
        ValueError: The body is not UTF-8.
    """
    if hasattr(body, "read"):
        body = body.read()
    elif not isinstance(body, (str, bytes, bytearray, memoryview)):
        body = b"".join(part.encode() if isinstance(part, str) else bytes(part) for part in body)
    return body if isinstance(body, str) else bytes(body).decode()


def _reject_constant(constant: str) -> float:
    """Raise ValueError for NaN or Infinity, which Python's JSON decoder accepts although they are not valid JSON."""
    raise ValueError(constant)


_decoder: Any = json.JSONDecoder(parse_constant=_reject_constant)
_parse, _scan = _decoder.decode, _decoder.scan_once  # the second one does not allow white space around the value


def _make_chunk_encoder() -> Any:
    """Return a function that encodes a value as parts of a JSON text, with the settings of the encoder `_JSON`.

    `_JSON` would make such a function for each response. Return None if Python's `json` module has no part written in
    C.
    """
    make = getattr(json.encoder, "c_make_encoder", None)
    return make and make(
        markers=None,
        default=_JSON.default,
        encoder=json.encoder.encode_basestring,
        indent=None,
        key_separator=_JSON.key_separator,
        item_separator=_JSON.item_separator,
        sort_keys=False,
        skipkeys=False,
        allow_nan=True,
    )


_encode_chunks = _make_chunk_encoder()


def _encode(result: Mapping[str, Any]) -> bytes:
    """Encode a response body as JSON in UTF-8.

    UTF-8 cannot represent unpaired surrogates, which an error message may quote. They are replaced by "?".
    """
    texts = {}
    for name, value in result.items():
        if isinstance(value, PreShaped):
            texts[name] = value.as_json()
    if texts:
        return _with_texts(result, texts).encode(errors="replace")
    text = "".join(_encode_chunks(result, 0)) if _encode_chunks else _JSON.encode(result)
    return text.encode(errors="replace")


def _with_texts(result: Mapping[str, Any], texts: Mapping[str, str | None]) -> str:
    """Encode a response body as JSON, given the JSON texts of some of its members by name."""
    members = (f'"{name}":{texts.get(name) or _JSON.encode(value)}' for name, value in result.items())
    return f"{{{','.join(members)}}}"


def _error_response(store: Store, operation: Operation | None, error: ServiceError) -> Response:
    service = CONTROL if operation is None else operation.service
    status, now = error.status or http_status(service, error.code), store.clock.timestamp()
    if operation is None or operation.target is not None:
        body = _encode({"__type": error.code, "message": str(error)})
        return status, _headers(store, operation, body, at=now), body
    body = _encode({"message": str(error)})
    return status, {**_headers(store, operation, body, at=now), "x-amzn-ErrorType": error.code}, body


def _headers(store: Store, operation: Operation | None, body: bytes, *, at: float) -> LowerCaseHeaders:
    headers = LowerCaseHeaders(
        {
            "x-amzn-requestid": store.simulation.request_id(),
            "date": _date(int(round(at, 3))),
            "content-type": "application/x-amz-json-1.1" if operation is None else operation.content_type,
            "content-length": str(len(body)),
        }
    )
    if operation is None or operation.target is not None:
        headers.update(_SECURITY_HEADERS)
    return headers


@lru_cache(maxsize=1)  # many responses fall into the same second
def _date(second: int) -> str:
    return format_datetime(datetime.fromtimestamp(second, tz=timezone.utc), usegmt=True)

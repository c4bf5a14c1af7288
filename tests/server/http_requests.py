"""HTTP requests to a server, without botocore."""

import json
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

CONTROL = "/moto-api/personalize"


def send(url: str, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
    """Send a request and return the status and the JSON of the response."""
    connection = HTTPConnection(urlsplit(url).netloc, timeout=10)
    try:
        sent = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
        connection.request(method, path, sent, {name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        return response.status, json.loads(response.read() or b"null")
    finally:
        connection.close()


def control(url: str, method: str, path: str, body: Any = None) -> Any:
    """Send a request to a control endpoint, check that it succeeds, and return the JSON of the response."""
    status, answer = send(url, method, f"{CONTROL}{path}", body)
    assert status == 200, answer
    return answer

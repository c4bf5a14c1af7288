"""HTTP client for the endpoints that control a mock in a server."""

import json
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from personalize_mock.exceptions import PersonalizeMockError, UnusedRuleError

ROOT = "/moto-api/personalize"
TIMEOUT = 600.0  # seconds; a jump can include the training of models
_ERRORS = {error.__name__: error for error in (PersonalizeMockError, UnusedRuleError)}


class Connection:
    """HTTP client that sends requests to the endpoints that control a mock in a server.

    Each request opens its own connection, so threads can share the client.

    Args:
        url: The URL of the server, such as "http://127.0.0.1:5000".

    Raises:
        PersonalizeMockError: `url` is not an HTTP URL.
    """

    def __init__(self, url: object) -> None:
        parts = urlsplit(url) if isinstance(url, str) else None
        if parts is None or parts.scheme not in ("http", "https") or not parts.netloc:
            raise PersonalizeMockError(f"server={url!r}: not a URL. Write server='http://127.0.0.1:5000', for example.")
        self.scheme, self.netloc = parts.scheme, parts.netloc

    @property
    def url(self) -> str:
        """The URL of the server, without a path."""
        return f"{self.scheme}://{self.netloc}"

    def get(self, path: str) -> Any:
        """Send a GET request to the endpoint with a path such as "/clock", and return the result, decoded from JSON."""
        return self._request("GET", path, None)

    def post(self, path: str, **members: Any) -> Any:
        """Send a JSON object with the given members in a POST request, and return the result, decoded from JSON."""
        return self._request("POST", path, members)

    def delete(self, path: str) -> Any:
        """Send a DELETE request to the endpoint with a path such as "/rules/1", and return the decoded result."""
        return self._request("DELETE", path, None)

    def _request(self, method: str, path: str, members: dict[str, Any] | None) -> Any:
        """Send a request, and return the result, decoded from JSON.

        Args:
            method: The HTTP method.
            path: The path of the endpoint, such as "/clock".
            members: The members of the JSON object in the body, or None to send no body.

        Raises:
            PersonalizeMockError: The server refuses the request or cannot be reached.
            ClientError: An operation of the service has failed.
        """
        body = None if members is None else json.dumps(members).encode()
        connection = (HTTPSConnection if self.scheme == "https" else HTTPConnection)(self.netloc, timeout=TIMEOUT)
        try:
            connection.request(method, f"{ROOT}{path}", body, {"Content-Type": "application/json"})
            response = connection.getresponse()
            return self._result(response.read(), is_success=response.status == 200)  # noqa: PLR2004  # OK
        except (OSError, HTTPException) as error:
            raise PersonalizeMockError(
                f"server={self.url!r}: the server does not answer ({type(error).__name__}: {error}). Start it with "
                "'python -m personalize_mock serve'."
            ) from None
        finally:
            connection.close()

    def _result(self, body: bytes, *, is_success: bool) -> Any:
        try:
            document = json.loads(body)
            if is_success:
                return document
            error = document["error"]
            kind, message = error["type"], error["message"]
        except (ValueError, KeyError, TypeError):
            raise PersonalizeMockError(
                f"server={self.url!r}: the server has no control endpoints for Amazon Personalize. Start it with "
                "'python -m personalize_mock serve'."
            ) from None
        if kind == "ClientError":
            raise ClientError({"Error": {"Code": error["code"], "Message": message}}, error["operation"])
        raise _ERRORS.get(kind, PersonalizeMockError)(message)

"""boto3 clients of the three services without validation of parameters."""

import json
from typing import Any

import builders
from botocore.exceptions import ClientError

from personalize_mock.wire.model import SERVICES, Operation


class Clients:
    """boto3 clients that validate nothing and keep the body of the last response."""

    def __init__(self) -> None:
        self._clients = {service: builders.client(service, unchecked=True) for service in SERVICES}
        self.body = b""
        for client in self._clients.values():
            client.meta.events.register("response-received", self._keep_body)

    def call(self, operation: Operation, request: dict[str, Any]) -> dict[str, Any]:
        """Return the response as boto3 parses it."""
        return getattr(self._clients[operation.service], operation.function)(**request)

    def body_or_error(self, operation: Operation, request: dict[str, Any]) -> tuple[Any, str | None]:
        """Return the body of the response and None, or None and the code of the error."""
        try:
            self.call(operation, request)
        except ClientError as error:
            return None, error.response["Error"]["Code"]
        return json.loads(self.body or "{}"), None

    def _keep_body(self, response_dict: Any, **_: Any) -> None:
        self.body = response_dict["body"]

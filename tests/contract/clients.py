"""boto3 clients of the three services that send whatever they are given."""

import json
from typing import Any

import builders
from botocore.exceptions import ClientError

from personalize_mock.wire.model import SERVICES, Operation


class Clients:
    """boto3 clients that check nothing themselves and remember the body of the last response."""

    def __init__(self) -> None:
        self._clients = {service: builders.client(service, unchecked=True) for service in SERVICES}
        self.body = b""
        for client in self._clients.values():
            client.meta.events.register("response-received", self._remember)

    def call(self, asked: Operation, request: dict[str, Any]) -> dict[str, Any]:
        """The response, as boto3 shows it."""
        return getattr(self._clients[asked.service], asked.function)(**request)

    def answer(self, asked: Operation, request: dict[str, Any]) -> tuple[Any, str | None]:
        """The body of the response, or the code of the error."""
        try:
            self.call(asked, request)
        except ClientError as refused:
            return None, refused.response["Error"]["Code"]
        return json.loads(self.body or "{}"), None

    def _remember(self, response_dict: Any, **_: Any) -> None:
        self.body = response_dict["body"]

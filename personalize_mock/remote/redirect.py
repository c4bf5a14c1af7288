"""Redirection of botocore's requests to a server, for all clients of the process.

The method `Endpoint.prepare_request` of botocore is replaced, so clients that already exist are redirected too. Only
the connection changes. The request keeps its signature, from which the server learns the service, the region and the
account. It also keeps the Host header, which contains the name of the bucket in requests to S3. Requests to other
hosts, such as an `endpoint_url` of your own, are sent as usual.
"""

import os
from typing import Any
from urllib.parse import urlsplit

from botocore.endpoint import Endpoint

from personalize_mock.cleanup import Cleanup
from personalize_mock.moto_backend.hosts import is_aws_host, region_of
from personalize_mock.remote.connection import Connection

_KEYS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}


def install(connection: Connection, cleanup: Cleanup) -> None:
    """Redirect botocore's requests to AWS hosts to a server until `cleanup` runs.

    If the environment has no access key, a dummy key is set, because botocore cannot sign requests without one.

    Args:
        connection: The connection to the server.
        cleanup: Receives the steps that undo the redirection.
    """
    stock = Endpoint.prepare_request

    def prepare_request(endpoint: Any, request: Any) -> Any:
        prepared = stock(endpoint, request)
        parts = urlsplit(prepared.url)
        if is_aws_host(parts.hostname or ""):
            if region_of(prepared.url) is None:  # the server recognises Personalize by the signature
                prepared.headers["Host"] = parts.netloc
            prepared.url = parts._replace(scheme=connection.scheme, netloc=connection.netloc).geturl()
        return prepared

    if "AWS_ACCESS_KEY_ID" not in os.environ:
        for name, value in _KEYS.items():
            _set_variable(name, value, cleanup)
    cleanup.replace(Endpoint, "prepare_request", prepare_request)


def _set_variable(name: str, value: str, cleanup: Cleanup) -> None:
    before = os.environ.get(name)
    cleanup.add(lambda: os.environ.pop(name, None) if before is None else os.environ.update({name: before}))
    os.environ[name] = value

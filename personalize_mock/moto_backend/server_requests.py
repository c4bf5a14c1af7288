"""Recognition of requests to Personalize among the requests to a server with one host for all services."""

import os
import re
from functools import cache
from typing import Any

from personalize_mock.moto_backend.hosts import region_of
from personalize_mock.wire.model import CONTROL, EVENTS, RUNTIME, service_model

_CREDENTIAL = re.compile(r"Credential=[^/,\s]+/[0-9]{8}/([A-Za-z0-9-]+)/([a-z0-9-]+)/aws4_request")


def called_region(environ: dict[str, Any]) -> str | None:
    """Return the region of a request to Personalize, or None if the request is for another service.

    A signed request names its service in the signature. Requests without a signature are recognised by the host, by the
    X-Amz-Target header, or by the path if they send JSON, which S3 does not accept. If neither signature nor host names
    a region, the result is AWS_DEFAULT_REGION or "us-east-1".

    Args:
        environ: The WSGI environment of the request.
    """
    match = _CREDENTIAL.search(environ.get("HTTP_AUTHORIZATION", ""))
    if match is not None:
        return match[1].lower() if match[2] == CONTROL else None
    region = region_of(f"http://{environ.get('HTTP_HOST', '')}")
    if region is not None:
        return region
    if is_preflight(environ) or _has_our_target(environ) or _sends_json_to_our_path(environ):
        return os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"
    return None


def is_preflight(environ: dict[str, Any]) -> bool:
    """Return whether a WSGI request is a CORS preflight of a browser to personalize-runtime or personalize-events."""
    return environ.get("REQUEST_METHOD") == "OPTIONS" and environ.get("PATH_INFO") in _rest_methods()


def _has_our_target(environ: dict[str, Any]) -> bool:
    prefix = service_model(CONTROL).metadata["targetPrefix"]
    return str(environ.get("HTTP_X_AMZ_TARGET", "")).startswith(f"{prefix}.")


def _sends_json_to_our_path(environ: dict[str, Any]) -> bool:
    method = _rest_methods().get(environ.get("PATH_INFO", ""))
    return method == environ.get("REQUEST_METHOD") and "json" in environ.get("CONTENT_TYPE", "")


@cache
def _rest_methods() -> dict[str, str]:
    """Return the HTTP methods of all operations of personalize-runtime and personalize-events, by URL path."""
    models = [service_model(service) for service in (RUNTIME, EVENTS)]
    operations = [model.operation_model(name).http for model in models for name in model.operation_names]
    return {http["requestUri"]: http["method"] for http in operations}

"""Requests to our hosts that are sent directly with `requests` or urllib3, without botocore.

moto registers its hosts with `requests` when its outermost mock starts, which may be long before ours. It does not
intercept urllib3 at all, on which botocore is built too.
"""

import re
from io import BytesIO
from typing import Any

from botocore.awsrequest import AWSPreparedRequest
from botocore.compat import HTTPHeaders
from moto.core.models import RESPONSES_METHODS, CallbackResponse, botocore_stubber, responses_mock
from urllib3 import HTTPResponse
from urllib3.connectionpool import HTTPConnectionPool

from personalize_mock.cleanup import Cleanup
from personalize_mock.moto_backend import network_guard


class HttpRequestPatcher:
    """Patch of `requests` and urllib3 that lets moto's stubber of botocore answer requests to some hosts.

    Args:
        hosts: Pattern that matches the beginning of the URLs.

    Raises:
        AttributeError: This version of moto lacks a name that we need.
    """

    def __init__(self, hosts: re.Pattern[str]) -> None:
        _registered_responses()
        self._hosts = hosts
        self._stock_urlopen = HTTPConnectionPool.urlopen
        self._responses = [
            CallbackResponse(method=method, url=hosts, callback=_respond) for method in RESPONSES_METHODS
        ]

    def install(self, cleanup: Cleanup) -> None:
        """Register our hosts with `requests`, replacing the registrations of moto, and patch urllib3."""
        cleanup.add(self._unregister)
        self._unregister()
        for response in self._responses:
            responses_mock.add(response)
        cleanup.replace(HTTPConnectionPool, "urlopen", as_method(self._urlopen))

    def _unregister(self) -> None:
        """Unregister our hosts, including those that moto registered.

        `responses_mock.remove` is no alternative: it does not terminate in moto 5.0.
        """
        for responses in _registered_responses():
            responses[:] = [response for response in responses if response.url is not self._hosts]

    def _urlopen(
        self, pool: HTTPConnectionPool, method: str, url: str, body: Any = None, headers: Any = None, **options: Any
    ) -> Any:
        """Answer requests to our hosts in place of urllib3's `urlopen`."""
        is_proxied = url.startswith(("http:", "https:"))
        full_url = url if is_proxied else f"{pool.scheme}://{pool.host}{url}"
        if self._hosts.match(full_url):
            request_headers = HTTPHeaders.from_dict(headers or {})
            request = AWSPreparedRequest(method, full_url, request_headers, body, stream_output=False)
            response = botocore_stubber.process_request(request)
            if response is not None:
                status, response_headers, content = response
                file = BytesIO(content.encode() if isinstance(content, str) else content)
                preload = options.get("preload_content", True)
                return HTTPResponse(file, headers=response_headers, status=status, preload_content=preload)
            with network_guard.passing():
                return self._stock_urlopen(pool, method, url, body, headers, **options)
        return self._stock_urlopen(pool, method, url, body, headers, **options)


def _registered_responses() -> list[list[Any]]:
    """Return the lists of registered responses in the library `responses`, one for each HTTP method.

    They are read each time, because moto replaces them at each reset.
    """
    return list(responses_mock._registry._registered.values())  # noqa: SLF001  # moto offers no other way


def _respond(request: Any) -> Any:
    """Answer a request of `requests` with moto's stubber, which may be patched. Until moto 5.1, it has one method."""
    respond = getattr(botocore_stubber, "process_prepared_request", None) or botocore_stubber.process_request
    return respond(request)


def as_method(function: Any) -> Any:
    """Wrap a function so that, patched into a class, it receives the instance as its first argument.

    A bound method of ours would not receive it.
    """

    def method(self: Any, *args: Any, **options: Any) -> Any:
        return function(self, *args, **options)

    return method

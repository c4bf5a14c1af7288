"""Interception of requests to Personalize hosts that are sent with `requests` or urllib3 instead of botocore.

For `requests`, moto registers mock responses for the hosts of all services when its outermost mock starts. The mock of
Personalize may start much later. In this case, this module registers mock responses for the Personalize hosts at that
time. It also intercepts requests that are sent directly with urllib3, which moto does not.

moto registers more than a thousand mock responses at each start, and making them is most of the cost of a start. The
module keeps them for the next start.
"""

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

from botocore.awsrequest import AWSPreparedRequest
from botocore.compat import HTTPHeaders
from moto.core import models
from moto.core.models import RESPONSES_METHODS, CallbackResponse, botocore_stubber, responses_mock
from urllib3 import HTTPResponse
from urllib3.connectionpool import HTTPConnectionPool

from personalize_mock.cleanup import Cleanup
from personalize_mock.moto_backend import network_guard

_kept_responses: dict[tuple[str, str], CallbackResponse] = {}  # by HTTP method and pattern of URLs


class HttpRequestPatcher:
    """Patch of `requests` and urllib3 that lets moto's botocore stubber answer their requests to certain hosts.

    Args:
        hosts: Pattern that matches the beginning of the URLs of these hosts.

    Raises:
        AttributeError: The installed version of moto lacks an attribute that the patch needs.
    """

    def __init__(self, hosts: re.Pattern[str]) -> None:
        _registered_responses()
        self._hosts = hosts
        self._stock_urlopen = HTTPConnectionPool.urlopen

    def prepare(self, cleanup: Cleanup) -> None:
        """Let moto's next start reuse the mock responses for `requests` that an earlier start has made.

        This lasts until `cleanup` runs. If moto is still active then, `cleanup` also removes the mock responses for the
        intercepted hosts. Call this method before moto starts: `cleanup` then removes them after moto has stopped, when
        there are usually no responses left to search.
        """
        cleanup.add(self._unregister)
        cleanup.replace(models, "CallbackResponse", _kept_response)

    def install(self, cleanup: Cleanup) -> None:
        """Answer the requests of `requests` and urllib3 to the hosts that were given to the constructor.

        This lasts until `cleanup` runs. Call this method after moto has started.
        """
        if not self._is_registered():
            for method in RESPONSES_METHODS:
                responses_mock.add(CallbackResponse(method=method, url=self._hosts, callback=_respond))
        cleanup.replace(HTTPConnectionPool, "urlopen", as_method(self._urlopen))

    def _is_registered(self) -> bool:
        """Return whether moto registered mock responses for the intercepted hosts with `requests` when it started.

        If so, they are the first responses of each HTTP method.
        """
        return any(response.url is self._hosts for responses in _registered_responses() for response in responses[:1])

    def _unregister(self) -> None:
        """Remove all mock responses that are registered with `requests` for the intercepted hosts, including moto's.

        `responses_mock.remove` cannot be used for this, because it does not terminate in moto 5.0.
        """
        for responses in _registered_responses():
            responses[:] = [response for response in responses if response.url is not self._hosts]

    def _urlopen(
        self, pool: HTTPConnectionPool, method: str, url: str, body: Any = None, headers: Any = None, **options: Any
    ) -> Any:
        """Answer a request to an intercepted host, in place of urllib3's `HTTPConnectionPool.urlopen`.

        Requests to other hosts are sent with the original method, and so are requests that moto's configuration passes
        through to the real service.
        """
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
    """Return the mock responses that moto has registered with the library `responses`, a list for each HTTP method.

    Callers must not keep the lists, because moto replaces them at each reset.
    """
    return list(responses_mock._registry._registered.values())  # noqa: SLF001  # moto offers no other way


def _kept_response(*, method: str, url: re.Pattern[str], callback: Callable[[Any], Any]) -> CallbackResponse:
    """Return a mock response that an earlier start of moto has made for the same requests, or a new one.

    A response that has recorded calls is not used again.
    """
    response = _kept_responses.get((method, url.pattern))
    if response is None or response.call_count:
        response = CallbackResponse(method=method, url=url, callback=callback)
        _kept_responses[method, url.pattern] = response
    response.url, response.callback = url, callback
    return response


def _respond(request: Any) -> Any:
    """Answer a request of the library `requests` with moto's botocore stubber.

    The stubber's method is looked up at each request, because it may be patched. Older versions of moto have only
    `process_request`.
    """
    respond = getattr(botocore_stubber, "process_prepared_request", None) or botocore_stubber.process_request
    return respond(request)


def as_method(function: Any) -> Any:
    """Wrap a callable so that it can be patched into a class and receives the instance as its first argument.

    A bound method that is stored in a class would not receive the instance.
    """

    def method(self: Any, *args: Any, **options: Any) -> Any:
        return function(self, *args, **options)

    return method

"""Requests to our hosts by `requests` and urllib3 alone, which moto's stubber is made to answer.

moto has `requests` ask for the hosts that it knows at its outermost start, which may be long before ours; urllib3, on
which botocore stands too, is not asked by moto at all.
"""

import re
from io import BytesIO
from typing import Any
from unittest.mock import patch

from botocore.awsrequest import AWSPreparedRequest
from botocore.compat import HTTPHeaders
from moto.core.models import RESPONSES_METHODS, CallbackResponse, botocore_stubber, responses_mock
from urllib3 import HTTPResponse
from urllib3.connectionpool import HTTPConnectionPool


class RawRequests:
    """What makes moto answer requests to some hosts, while it is installed.

    Args:
        hosts: matches URLs at their beginning.

    Raises:
        AttributeError: this moto lacks a name that we need.
    """

    def __init__(self, hosts: re.Pattern[str]) -> None:
        _registered()
        self._hosts = hosts
        self._stock_urlopen = HTTPConnectionPool.urlopen
        self._patch = patch.object(HTTPConnectionPool, "urlopen", _as_method(self._urlopen))
        self._callbacks = [CallbackResponse(method=method, url=hosts, callback=_answer) for method in RESPONSES_METHODS]

    def install(self) -> None:
        """Adds our hosts to those that moto asks for, each once."""
        self._remove()
        for callback in self._callbacks:
            responses_mock.add(callback)
        self._patch.start()

    def uninstall(self) -> None:
        """Takes them out."""
        self._patch.stop()
        self._remove()

    def _remove(self) -> None:
        """Takes out our hosts, those too that moto added; `responses_mock.remove` never ends in moto 5.0."""
        for responses in _registered():
            responses[:] = [response for response in responses if response.url is not self._hosts]

    def _urlopen(
        self, pool: HTTPConnectionPool, method: str, url: str, body: Any = None, headers: Any = None, **options: Any
    ) -> Any:
        whole = f"{pool.scheme}://{pool.host}{url}"
        if self._hosts.match(whole):
            request = AWSPreparedRequest(method, whole, HTTPHeaders.from_dict(headers or {}), body, stream_output=False)
            answer = botocore_stubber.process_request(request)
            if answer is not None:
                status, given, content = answer
                file = BytesIO(content.encode() if isinstance(content, str) else content)
                preload = options.get("preload_content", True)
                return HTTPResponse(file, headers=given, status=status, preload_content=preload)
        return self._stock_urlopen(pool, method, url, body, headers, **options)


def _registered() -> list[list[Any]]:
    """What `requests` asks for, by method: the lists themselves, which moto replaces at each reset."""
    return list(responses_mock._registry._registered.values())  # noqa: SLF001  # moto offers no other way


def _answer(request: Any) -> Any:
    """What moto's stubber, patched or not, says to a request of `requests`; it was one method until moto 5.1."""
    answer = getattr(botocore_stubber, "process_prepared_request", None) or botocore_stubber.process_request
    return answer(request)


def _as_method(function: Any) -> Any:
    def method(self: Any, *args: Any, **options: Any) -> Any:
        return function(self, *args, **options)

    return method

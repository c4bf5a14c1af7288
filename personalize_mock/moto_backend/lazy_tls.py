"""TLS contexts of clients, made when a client first connects to a host.

botocore makes a TLS context for each client, which takes a fifth of the time to make a client. While moto answers the
requests, no client connects.
"""

from collections.abc import Callable
from typing import Any
from weakref import ref

from botocore import httpsession
from urllib3 import PoolManager


class _DeferredContext:
    """Placeholder for a TLS context that has not been made yet."""

    def __init__(self, make: Callable[[Any], Any], session: Any) -> None:
        self._make, self._session = make, ref(session)

    def make(self) -> Any:
        """Return a new TLS context."""
        return self._make(self._session())


class LazyPoolManager(PoolManager):
    """Manager of the connections of a client, whose TLS context is made when the options of connections are first read.

    urllib3 reads them to connect to a host. This also works after the end of the mock.
    """

    @property
    def connection_pool_kw(self) -> dict[str, Any]:
        """The options with which urllib3 connects to hosts, by name."""
        context = self._options.get("ssl_context")
        if isinstance(context, _DeferredContext):
            self._options["ssl_context"] = context.make()
        return self._options

    @connection_pool_kw.setter
    def connection_pool_kw(self, options: dict[str, Any]) -> None:
        self._options = options


def use_lazy_manager(_: type[PoolManager]) -> type[PoolManager]:
    """Return the replacement for urllib3's `PoolManager` in the module of botocore that makes HTTP clients."""
    return LazyPoolManager


def defer_context(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return a replacement for botocore's `URLLib3Session._get_ssl_context` (`original`) that returns a placeholder.

    Contexts for proxies are made at once, because botocore asks for them only when a client connects.
    """

    def get_ssl_context(session: Any) -> Any:
        is_new = "_manager" not in vars(session)  # its constructor is about to make a `LazyPoolManager`
        return (
            _DeferredContext(original, session)
            if is_new and httpsession.PoolManager is LazyPoolManager
            else original(session)
        )

    return get_ssl_context

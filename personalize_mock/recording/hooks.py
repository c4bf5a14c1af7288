"""Hooks in the client classes of botocore and aiobotocore that attach recorders to clients."""

from collections.abc import Callable
from threading import RLock
from typing import Any, Protocol

lock = RLock()  # held while recorders start and stop

_recorders: "list[CallObserver]" = []  # those that observe all clients; replaced, not changed
_wrappers: dict[type, Callable[..., Any]] = {}  # by the class whose method they replace


class CallObserver(Protocol):
    """Object that observes the calls of clients, such as a recorder."""

    def attach(self, client: Any) -> None:
        """Observe the calls of a client from now on.

        Do nothing if the client is already observed, or if it is a client of another service.
        """


def observe_all(observer: CallObserver) -> None:
    """Attach an observer to every client in the process from now on, just before the client makes a call."""
    global _recorders  # noqa: PLW0603  # the registry of this process
    with lock:
        _recorders = [*_recorders, observer]
        for client_class in _client_classes():
            if vars(client_class)["_make_api_call"] is not _wrappers.get(client_class):
                _wrap(client_class)


def forget(observer: CallObserver) -> None:
    """Stop attaching an observer to clients. It stays attached to the clients that it already observes."""
    global _recorders  # noqa: PLW0603  # the registry of this process
    with lock:
        _recorders = [other for other in _recorders if other is not observer]
        if not _recorders:
            for client_class in [*_wrappers]:
                _unwrap(client_class)


def _client_classes() -> list[type]:
    """Return the client class of botocore and, if aiobotocore has been imported, its client class."""
    from botocore.client import BaseClient

    classes: list[type] = [BaseClient, *BaseClient.__subclasses__()]
    return [client_class for client_class in classes if "_make_api_call" in vars(client_class)]


def _wrap(client_class: type) -> None:
    original = vars(client_class)["_make_api_call"]

    def attach_and_call(client: Any, operation_name: str, api_params: dict[str, Any]) -> Any:
        for observer in _recorders:
            observer.attach(client)
        return original(client, operation_name, api_params)

    attach_and_call.original = original  # type: ignore[attr-defined]
    client_class._make_api_call = attach_and_call  # type: ignore[attr-defined]  # noqa: SLF001  # there is no public way
    _wrappers[client_class] = attach_and_call


def _unwrap(client_class: type) -> None:
    """Restore the original `_make_api_call` of a client class.

    If another tool has replaced the method since it was wrapped, leave it as it is. The wrapper is then kept, and only
    calls the original method.
    """
    wrapper = _wrappers[client_class]
    if vars(client_class)["_make_api_call"] is wrapper:
        client_class._make_api_call = wrapper.original  # type: ignore[attr-defined]  # noqa: SLF001  # as in _wrap
        del _wrappers[client_class]

"""Our backend as moto sees it: one service for three hosts.

All three services sign their requests as `personalize`, and moto's server tells services apart by that name. The state
is in the simulation's stores, not here.
"""

from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

from moto.core.base_backend import BackendDict, BaseBackend

from personalize_mock.moto_backend.hosts import URL_BASE
from personalize_mock.wire.http import Response
from personalize_mock.wire.model import EVENTS, RUNTIME, service_model

HandleRequest = Callable[[Any, str, Any], Response]  # request, URL, headers


class Backends(BackendDict["Backend"]):
    """The backends of all accounts and regions, which moto's `get_backend("personalize")` returns.

    Args:
        handle: Answers a request that moto has routed to us.
        reset: Called when moto resets all its backends.
    """

    def __init__(self, handle: HandleRequest, reset: Callable[[], None]) -> None:
        super().__init__(partial(Backend, handle), "personalize")  # type: ignore[arg-type]  # moto accepts any factory
        self._reset = reset

    def clear(self) -> None:
        """Drop all backends and reset the simulation."""
        super().clear()
        self._reset()


class Backend(BaseBackend):
    """The backend of one account and region. moto asks it for URLs."""

    def __init__(self, handle: HandleRequest, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self._handle = handle

    def reset(self) -> None:
        """Do nothing: the simulation resets as a whole."""

    @property
    def _url_module(self) -> Any:
        paths = ["/", *_rest_paths()]
        return SimpleNamespace(url_bases=[URL_BASE], url_paths={f"{{0}}{path}$": self._handle for path in paths})


def _rest_paths() -> list[str]:
    models = [service_model(service) for service in (RUNTIME, EVENTS)]
    return [model.operation_model(name).http["requestUri"] for model in models for name in model.operation_names]

"""moto backend for requests to Amazon Personalize: personalize, personalize-runtime and personalize-events.

These three services share one backend, because they all sign their requests as `personalize`, and moto's server
distinguishes services by this name. The backend has no state: the simulation keeps the resources.
"""

from collections.abc import Callable
from functools import cache, partial
from types import SimpleNamespace
from typing import Any

from moto.core import DEFAULT_ACCOUNT_ID
from moto.core.base_backend import AccountSpecificBackend, BackendDict, BaseBackend

from personalize_mock.moto_backend.hosts import URL_BASE
from personalize_mock.wire.http import Response
from personalize_mock.wire.model import EVENTS, RUNTIME, service_model

HandleRequest = Callable[[Any, str, Any], Response]  # request, URL, headers


class Backends(BackendDict["Backend"]):
    """The Personalize backends of all accounts and regions, as moto's `get_backend("personalize")` returns them.

    Args:
        handle: Function that takes a request, its URL and its headers, and returns the response.
        reset: Function to call when moto resets all backends.
    """

    def __init__(self, handle: HandleRequest, reset: Callable[[], None]) -> None:
        super().__init__(
            partial(Backend, handle),  # type: ignore[arg-type]  # moto accepts any factory
            "personalize",
            use_boto3_regions=False,
            additional_regions=_regions(),
        )
        self._reset = reset

    def require(self, account: str, region: str) -> None:
        """Create the backend of an account and region, unless it exists.

        Raises:
            KeyError: moto does not know the region.
        """
        by_region = self.get(account)  # unlike an index, this neither locks nor searches the regions
        if by_region is None or by_region.get(region) is None:
            self[account][region]

    def clear(self) -> None:
        """Drop the backends of all accounts and regions, and call the function that resets the mock."""
        super().clear()
        self._reset()


class Backend(BaseBackend):
    """The Personalize backend of one account and region. moto asks it which URLs the service answers."""

    def __init__(self, handle: HandleRequest, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self._handle = handle

    def reset(self) -> None:
        """Do nothing, because `Backends.clear` resets all accounts and regions at once."""

    @property
    def _url_module(self) -> Any:
        paths = ["/", *_rest_paths()]
        return SimpleNamespace(url_bases=[URL_BASE], url_paths={f"{{0}}{path}$": self._handle for path in paths})


@cache
def _regions() -> list[str]:
    """Return the regions of Personalize.

    They are cached, because moto would ask boto3 for them each time it makes the backends of an account.
    """
    backends: AccountSpecificBackend[Backend] = AccountSpecificBackend(
        "personalize", DEFAULT_ACCOUNT_ID, backend=Backend, use_boto3_regions=True, additional_regions=None
    )
    return backends.regions


def _rest_paths() -> list[str]:
    models = [service_model(service) for service in (RUNTIME, EVENTS)]
    return [model.operation_model(name).http["requestUri"] for model in models for name in model.operation_names]

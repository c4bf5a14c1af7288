"""Installation of the Personalize mock in moto, and its complete removal.

While the mock is installed,

* botocore's requests to Personalize hosts are answered directly, without a search through all services of moto. moto's
  own routing is still used for passthrough, a service whitelist, moto's recorder and server, and `requests`;
* `Endpoint._send` is patched, so a client that was made before moto was imported cannot reach the real service;
* requests sent directly with `requests` or urllib3 are answered, and other clients get a connection error;
* new sessions of boto3 share the service models that earlier sessions have read;
* moto's server, if it runs in the process, answers requests to Personalize and to the control endpoints;
* a start of moto reuses the mock responses for `requests` that an earlier start has made;
* moto's IAM has the AWS-managed policies that tutorials attach to a role;
* moto's CloudWatch, CloudFormation and Resource Groups Tagging API include Personalize metrics and resources.
"""

from collections.abc import Callable, Mapping
from typing import Any

import moto.personalize as stock_package
import moto.personalize.models as stock
from botocore.endpoint import Endpoint
from moto import backend_index
from moto.core import DEFAULT_ACCOUNT_ID
from moto.core.base_backend import BaseBackend
from moto.core.botocore_stubber import BotocoreStubber
from moto.core.config import default_user_config
from moto.core.models import botocore_stubber
from moto.core.responses import BaseResponse
from moto.moto_api import recorder

from personalize_mock.cleanup import Cleanup
from personalize_mock.moto_backend import aio, callers, client_cache, network_guard
from personalize_mock.moto_backend.accounts import account_of, header
from personalize_mock.moto_backend.additions import Additions
from personalize_mock.moto_backend.backend import Backends
from personalize_mock.moto_backend.hosts import HOSTS, region_of
from personalize_mock.moto_backend.http_requests import HttpRequestPatcher, as_method
from personalize_mock.moto_backend.moto_run import MotoRun
from personalize_mock.moto_backend.moto_server import Control, MotoServerPatcher
from personalize_mock.moto_backend.request_errors import MockEndedError, NotInRegionError
from personalize_mock.moto_backend.service_kinds import ServiceKinds
from personalize_mock.simulation import Simulation
from personalize_mock.wire.http import Response, failure, respond

# Names of moto that are not public and that every mock needs.
_REQUIRED = (
    (backend_index, "backend_url_patterns"),
    (stock, "personalize_backends"),
    (BotocoreStubber, "process_request"),
    (BaseResponse, "setup_class"),
    (BaseBackend, "_url_module"),
)
_ABSENT = object()


class MotoPatcher:
    """Installer of the Personalize mock in moto.

    Only one installer can be active at a time, and each object can be used only once.

    Raises:
        AttributeError: The installed version of moto lacks an attribute that the mock needs.
    """

    def __init__(self) -> None:
        for owner, name in _REQUIRED:
            getattr(owner, name)
        self._current: Callable[[], Simulation | None] = _no_simulation
        self._respond_to_control: Control
        self._service_kinds = ServiceKinds()
        self._stock_process_request = BotocoreStubber.process_request
        self._stock_send = Endpoint._send  # noqa: SLF001  # the last place before the network
        self._index_entry = ("personalize", HOSTS)
        self._http_requests = HttpRequestPatcher(HOSTS)
        self._backends = Backends(self._handle, self._reset)
        self._additions: Additions

    @property
    def simulation(self) -> Simulation | None:
        """The simulation that answers the requests of the current thread, or None after the end of the mock."""
        return self._current()

    def install(self, current: Callable[[], Simulation | None], control: Control, cleanup: Cleanup) -> None:
        """Start moto with the mock in place of moto's own Personalize backend, until `cleanup` runs.

        Args:
            current: Function that returns the simulation that answers requests of the current thread, or None if there
                is none.
            control: Function that answers requests to the control endpoints of moto's server, with which clients
                control the mock.
            cleanup: Receives the steps that undo the patches.
        """
        cleanup.add(self._forget_simulations)
        self._current, self._respond_to_control = current, control
        self._additions = Additions(current, cleanup)
        cleanup.add(self._remove_index_entry)
        backend_index.backend_url_patterns.insert(0, self._index_entry)
        cleanup.replace(stock, "personalize_backends", self._backends)
        cleanup.replace(stock_package, "personalize_backends", self._backends)  # where moto 5.0 looks
        cleanup.replace(BotocoreStubber, "process_request", self._make_process_request())
        cleanup.replace(Endpoint, "_send", as_method(self._send))
        aio.install(self._answer, cleanup)
        network_guard.install(cleanup)
        client_cache.install(cleanup)
        self._http_requests.prepare(cleanup)
        moto_run = MotoRun()
        cleanup.add(moto_run.stop)
        moto_run.start()
        cleanup.add(self._forget_simulations)  # before moto's end, which resets all backends
        self._http_requests.install(cleanup)
        self._register()
        server = MotoServerPatcher(current, service=self._respond_on_server, control=self._control)
        server.install(self._additions.install, cleanup)

    def _forget_simulations(self) -> None:
        self._current = _no_simulation

    def _remove_index_entry(self) -> None:
        patterns = backend_index.backend_url_patterns
        patterns[:] = [entry for entry in patterns if entry is not self._index_entry]

    def _handle(self, request: Any, url: str, headers: Any) -> Response:
        """Answer a request that moto's routing has recognized as a request to Personalize."""
        reader = BaseResponse("personalize")
        reader.setup_class(request, url, headers)
        region = region_of(url) or reader.region  # moto's server has one host for all regions
        return self._respond(reader.headers, reader.current_account, region, url, reader.body)

    def _reset(self) -> None:
        simulation = self.simulation
        if simulation is not None:
            simulation.reset()

    def _make_process_request(self) -> Callable[[BotocoreStubber, Any], Any]:
        """Return the method that answers a request of botocore, in place of moto's `BotocoreStubber.process_request`.

        Requests to other services, and Personalize requests that need moto's routing, are passed on to the original
        method.
        """

        def process_request(stubber: BotocoreStubber, request: Any) -> Any:
            url, headers = request.url, request.headers
            region = region_of(url)
            if region is None or not _can_skip_routing(request):
                return self._route(stubber, request, region)
            return self._respond(headers, account_of(headers, region), region, url, request.body)

        return process_request

    def _route(self, stubber: BotocoreStubber, request: Any, region: str | None) -> Any:
        """Answer a request with moto's routing. `region` is the region of a request to Personalize, else None."""
        simulation = self.simulation
        if simulation is not None:
            kind_of = self._service_kinds.kind_of
            simulation.on_call(service=kind_of(request.url, request.headers) if region is None else "personalize")
        if region is None:
            self._additions.install_for_url(request.url)
        return self._stock_process_request(stubber, aio.with_bytes(request))

    def _send(self, endpoint: Endpoint, request: Any) -> Any:
        """Send a request, in place of botocore's `Endpoint._send`.

        The mock answers requests to Personalize hosts. They reach the network only if moto's configuration passes them
        through to the real service.
        """
        if region_of(request.url) is None:
            return self._stock_send(endpoint, request)
        response = self._answer(request)
        if response is not None:
            return response
        with network_guard.passing():
            return self._stock_send(endpoint, request)

    def _answer(self, request: Any) -> Any:
        """Return the mock's response to a request that is about to be sent, or None if the request may be sent.

        Raises:
            MockEndedError: The mock has ended, and the request must not reach the real service.
        """
        if region_of(request.url) is None:
            return None
        response = botocore_stubber("before-send", request)
        if response is None and not network_guard.is_passed_through(request.url):
            raise MockEndedError(url=request.url)
        return response

    def _register(self) -> None:
        """Create the Personalize backends of moto's default account.

        Without them, a reset of moto would skip Personalize, because moto resets only services that have a backend.
        """
        self._backends[DEFAULT_ACCOUNT_ID]  # creates the backends of the account

    def _control(self, simulation: Simulation, method: str, path: str, query: str, body: bytes) -> Response:
        """Answer an HTTP request with which a client of moto's server controls the mock."""
        self._register()
        return self._respond_to_control(simulation, method, path, query, body)

    def _respond_on_server(self, headers: Mapping[str, Any], region: str, url: str, body: Any) -> Response:
        """Answer a request to Personalize that moto's server has received.

        `region` is given, because the URL does not contain it: moto's server has the same host for all regions.
        """
        try:
            return self._respond(headers, account_of(headers, region), region, url, body)
        except MockEndedError as error:
            return failure(503, "ServiceUnavailable", str(error))
        except NotInRegionError as error:
            return failure(400, "UnknownEndpoint", str(error))

    def _respond(self, headers: Mapping[str, Any], account: str, region: str, url: str, body: Any) -> Response:
        simulation = self._current()
        if simulation is None:
            raise MockEndedError(url=url)
        try:
            self._backends.require(account, region)
        except KeyError:
            raise NotInRegionError(endpoint_url=url, region=region) from None
        store = simulation.store(account, region)
        token = callers.current_headers.set(headers)
        try:
            return respond(store, target=header(headers, "X-Amz-Target"), url=url, body=body or b"")
        finally:
            callers.current_headers.reset(token)


def _no_simulation() -> None:
    """Return None. `MotoPatcher` calls this function to look up the current simulation while no mock is active."""


def _can_skip_routing(request: Any) -> bool:
    """Return whether a request to a Personalize host can be answered directly, without moto's routing.

    Routing is needed if moto's configuration or recorder may treat the request specially, or if its body must be
    decoded.
    """
    core = default_user_config.get("core", {})
    passthrough = core.get("passthrough", {})
    body = getattr(request, "body", _ABSENT)
    begins_json_object = isinstance(body, (bytes, str)) and body[:1] in (b"{", "{")  # a compressed body never does
    return not (
        passthrough.get("services")
        or passthrough.get("urls")
        or core.get("service_whitelist") is not None
        or recorder._user_enabled  # noqa: SLF001  # moto offers no other way to ask
        or body is _ABSENT  # until moto 5.1, requests sent with `requests` arrive as Werkzeug requests
        or not (begins_json_object or "Content-Encoding" not in request.headers)
    )

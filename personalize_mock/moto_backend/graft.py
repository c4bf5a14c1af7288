"""The graft: one backend of ours in front of moto's `personalize`, put in and taken out without a trace.

It and its siblings are the only modules that import moto; it is imported when the first mock starts. One service stands
for three hosts, because all three sign as `personalize` and moto's server tells services apart by that name. While
grafted,

* requests to our hosts are recognised before moto looks through all its services (moto's own way is kept for what needs
  it: passthrough, a whitelist, the recorder, the server, `requests`);
* `Endpoint._send` is guarded, so that a client made before moto was imported cannot reach the real service;
* so are requests by `requests` and urllib3 alone;
* IAM knows the AWS-managed policies that tutorials attach to a role.
"""

import os
import re
import sys
from collections.abc import Mapping
from functools import partial
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

import moto.personalize as stock_package
import moto.personalize.models as stock
from botocore.endpoint import Endpoint
from botocore.exceptions import EndpointConnectionError
from moto import backend_index, mock_aws
from moto.core import DEFAULT_ACCOUNT_ID
from moto.core.base_backend import BackendDict, BaseBackend
from moto.core.botocore_stubber import BotocoreStubber
from moto.core.config import default_user_config
from moto.core.models import botocore_stubber
from moto.core.responses import BaseResponse
from moto.moto_api import recorder, state_manager
from moto.moto_api._internal.state_manager import DEFAULT_TRANSITION

from personalize_mock.moto_backend import cloudwatch, iam
from personalize_mock.moto_backend.raw_requests import RawRequests
from personalize_mock.moto_backend.s3 import S3
from personalize_mock.simulation import Objects, Role, Simulation
from personalize_mock.wire.http import Response, respond
from personalize_mock.wire.model import EVENTS, RUNTIME, service_model

# Of botocore's partitions and their dual stacks.
_DOMAINS = (
    "amazonaws.com",
    "amazonaws.com.cn",
    "amazonaws.eu",
    "api.aws",
    "api.aws.hci.ic.gov",
    "api.aws.ic.gov",
    "api.aws.scloud",
    "api.amazonwebservices.com.cn",
    "api.amazonwebservices.eu",
    "api.cloud-aws.adc-e.uk",
    "c2s.ic.gov",
    "cloud.adc-e.uk",
    "csp.hci.ic.gov",
    "sc2s.sgov.gov",
)
_BASE = (
    r"https?://(?:vpce-[a-z0-9-]+\.)?personalize(?:-runtime|-events)?(?:-fips)?\.([a-z0-9-]+)\."
    rf"(?:vpce\.)?(?:{'|'.join(map(re.escape, _DOMAINS))})"
)
HOSTS = re.compile(rf"{_BASE}(?=[:/]|$)")
_IAM = re.compile(r"https?://iam[.-][a-z0-9.-]*amazonaws\.com")
_ACCESS_KEY = re.compile(r"(?<![A-Z0-9])[A-Z0-9]{20}(?=[:/])")
# What we use of moto beyond its public interface.
_NEEDED = (
    (backend_index, "backend_url_patterns"),
    (stock, "personalize_backends"),
    (BotocoreStubber, "process_request"),
    (BaseResponse, "setup_class"),
    (BaseBackend, "_url_module"),
)


class MotoGraft:
    """Moto with our backend in it. One at a time; `simulation` answers while it is installed.

    Raises:
        AttributeError: this moto lacks a name that we need.
    """

    def __init__(self) -> None:
        for owner, name in _NEEDED:
            getattr(owner, name)
        self.simulation: Simulation | None = None
        self._knows_cloudformation = self._knows_tagging = False
        self._mock = mock_aws()
        self._stock_process = BotocoreStubber.process_request
        self._stock_send = Endpoint._send  # noqa: SLF001  # the last place before the network
        self._index_entry = ("personalize", HOSTS)
        self._raw = RawRequests(HOSTS)
        backends = _Backends(self)
        self._patches = [
            patch.object(stock, "personalize_backends", backends),
            patch.object(stock_package, "personalize_backends", backends),  # where moto 5.0 looks
            patch.object(BotocoreStubber, "process_request", _method(self._process_request)),
            patch.object(Endpoint, "_send", _method(self._send)),
        ]

    def install(self, simulation: Simulation) -> None:
        """Puts our backend in front of moto's and starts moto."""
        self.simulation = simulation
        backend_index.backend_url_patterns.insert(0, self._index_entry)
        for replacement in self._patches:
            replacement.start()
        cloudwatch.provide(simulation)
        self._mock.start()
        self._raw.install()

    def uninstall(self) -> None:
        """Stops moto and takes back all that was replaced since `install`."""
        self._mock.stop()
        self._raw.uninstall()
        cloudwatch.withdraw()
        while self._patches:
            self._patches.pop().stop()
        backend_index.backend_url_patterns.remove(self._index_entry)
        self.simulation = None

    def handle(self, request: Any, url: str, headers: Any) -> Response:
        """Answers a request that came moto's own way."""
        reader = BaseResponse("personalize")
        reader.setup_class(request, url, headers)
        target = reader.headers.get("X-Amz-Target")
        ours = HOSTS.match(url)  # moto's server has one host for all
        region = ours.group(1) if ours else reader.region
        return self._respond(reader.current_account, region, target, url, reader.body)

    def reset(self) -> None:
        """Moto resets all its backends, ours among them."""
        if self.simulation is not None:
            self.simulation.reset()

    def _process_request(self, stubber: BotocoreStubber, request: Any) -> Any:
        ours = HOSTS.match(request.url)
        if ours and _is_plain(request):
            headers = request.headers
            region, account = ours.group(1), _account(headers, ours.group(1))
            return self._respond(account, region, _text(headers.get("X-Amz-Target")), request.url, request.body)
        if self.simulation is not None:
            self.simulation.on_call(personalize=False)
        if not ours:
            self._teach(request.url)
        return self._stock_process(stubber, request)

    def _send(self, endpoint: Endpoint, request: Any) -> Any:
        if HOSTS.match(request.url):
            answer = botocore_stubber("before-send", request)
            if answer is not None:
                return answer
        return self._stock_send(endpoint, request)

    def _respond(self, account: str, region: str, target: str | None, url: str, body: Any) -> Response:
        try:
            stock.personalize_backends[account][region]
        except KeyError:
            raise _NotInRegionError(endpoint_url=url, region=region) from None
        assert self.simulation is not None  # noqa: S101  # installed, or nobody would call
        store = self.simulation.store(account, region)
        return respond(store, target=target, path=urlsplit(url).path, body=body or b"")

    def _teach(self, url: str) -> None:
        """Lets the service of a URL know of us, if it is one that has to."""
        host = url[:24]
        if "iam" in host and _IAM.match(url):
            self._teach_iam()
        elif "cloudformation" in host:
            self._teach_cloudformation()
        elif "/tagging." in host:
            self._teach_tagging()

    def _teach_iam(self) -> None:
        taught = iam.teach()
        if taught is not None:
            self._patches.append(taught)

    def _teach_cloudformation(self) -> None:
        if self._knows_cloudformation or self.simulation is None:
            return
        try:
            from personalize_mock.moto_backend import cloudformation
        except ImportError:
            return  # moto lacks what it needs for it, and says so itself
        self._patches += cloudformation.teach(self.simulation)
        self._knows_cloudformation = True

    def _teach_tagging(self) -> None:
        if self._knows_tagging or self.simulation is None:
            return
        try:
            from personalize_mock.moto_backend import tagging
        except ImportError:
            return  # this moto takes no further services
        self._patches.append(tagging.teach(self.simulation))
        self._knows_tagging = True


class _NotInRegionError(EndpointConnectionError):  # type: ignore[misc]  # botocore is untyped here
    """There is no such host: the service is not in the region."""

    fmt = (
        f"{EndpointConnectionError.fmt} (botocore knows of no Amazon Personalize in {{region}}; set moto's "
        "MOTO_ALLOW_NONEXISTENT_REGION=true to have one mocked there)"
    )


class MotoEnvironment:
    """S3, IAM and the state manager as moto has them; implements `simulation.Environment`."""

    def objects(self, account: str, region: str) -> Objects:
        """S3 as an account sees it; bucket names are global within a partition."""
        del region
        return S3(account)

    def role(self, arn: str) -> Role | None:
        """The role of an ARN, or None."""
        return iam.role(arn)

    def transition(self, kind: str) -> Mapping[str, Any] | None:
        """What the user set for `personalize::<kind>` in moto's state manager."""
        transition: Mapping[str, Any] = state_manager.get_transition(f"personalize::{kind}")
        return None if transition is DEFAULT_TRANSITION else transition


class _Backends(BackendDict):  # type: ignore[misc]  # moto is untyped here
    """What moto's `get_backend("personalize")` returns while grafted."""

    def __init__(self, graft: MotoGraft) -> None:
        super().__init__(partial(_Backend, graft), "personalize")
        self._graft = graft

    def clear(self) -> None:
        super().clear()
        self._graft.reset()


class _Backend(BaseBackend):  # type: ignore[misc]  # moto is untyped here
    """Moto's idea of an account in a region; the state is in the simulation's store."""

    def __init__(self, graft: MotoGraft, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self._graft = graft

    def reset(self) -> None:
        """The simulation resets as a whole."""

    @property
    def _url_module(self) -> Any:
        paths = {"{0}/$": self._graft.handle}
        paths |= {f"{{0}}{path}$": self._graft.handle for path in _rest_paths()}
        return SimpleNamespace(url_bases=[_BASE], url_paths=paths)


def _method(function: Any) -> Any:
    def method(self: Any, *args: Any) -> Any:
        return function(self, *args)

    return method


def _is_plain(request: Any) -> bool:
    core = default_user_config.get("core", {})
    passthrough = core.get("passthrough", {})
    return not (
        passthrough.get("services")
        or passthrough.get("urls")
        or core.get("service_whitelist") is not None
        or recorder._user_enabled  # noqa: SLF001  # moto offers no other way to ask
        or "Content-Encoding" in request.headers
        or not hasattr(request, "body")  # what came by `requests` until moto 5.1 is Werkzeug's
    )


def _account(headers: Any, region: str) -> str:
    if "MOTO_ACCOUNT_ID" in os.environ:
        return os.environ["MOTO_ACCOUNT_ID"]
    if "x-moto-account-id" in headers:
        return str(_text(headers["x-moto-account-id"]))
    if "moto.iam.models" not in sys.modules:
        return str(DEFAULT_ACCOUNT_ID)
    match = _ACCESS_KEY.search(_text(headers.get("Authorization")) or "")
    key = match[0] if match else "AKIAEXAMPLE"
    models = iam.models()
    account = str(models.get_account_id_from(key))
    models.mark_account_as_visited(account_id=account, access_key=key, service="personalize", region=region)
    return account


def _text(value: Any) -> str | None:
    return value.decode() if isinstance(value, bytes) else value


def _rest_paths() -> list[str]:
    models = [service_model(service) for service in (RUNTIME, EVENTS)]
    return [m.operation_model(name).http["requestUri"] for m in models for name in m.operation_names]

"""The graft: one backend of ours in front of moto's `personalize`, put in and taken out without a trace.

It is the only module that imports moto, and is imported when the first mock starts. One service stands for three hosts,
because all three sign as `personalize` and moto's server tells services apart by that name. While grafted,

* requests to our hosts are recognised before moto looks through all its services (moto's own way is kept for what needs
  it: passthrough, a whitelist, the recorder, the server, `requests`);
* `Endpoint._send` is guarded, so that a client made before moto was imported cannot reach the real service;
* IAM knows the AWS-managed policies that tutorials attach to a role (moto can load them all, which takes a second).
"""

import json
import os
import re
import sys
from collections.abc import Mapping
from functools import cache, partial
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

from personalize_mock.simulation import Objects, Simulation
from personalize_mock.wire.http import Response, respond
from personalize_mock.wire.model import EVENTS, RUNTIME, service_model
from personalize_mock.wire.moto_s3 import S3

HOSTS = re.compile(
    r"https?://personalize(?:-runtime|-events)?(?:-fips)?\.([a-z0-9-]+)\.(?:amazonaws\.com|api\.aws)(?:\.cn)?(?=[:/]|$)"
)
_IAM = re.compile(r"https?://iam[.-][a-z0-9.-]*amazonaws\.com")
_ACCESS_KEY = re.compile(r"AWS.*(?<![A-Z0-9])([A-Z0-9]{20})(?![A-Z0-9])[:/]")
_POLICIES = (
    "AmazonPersonalizeFullAccess",
    "AmazonS3FullAccess",
    "AmazonS3ReadOnlyAccess",
    "AWSLambdaBasicExecutionRole",
    "CloudWatchFullAccess",
)


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
        self._mock = mock_aws()
        self._stock_process = BotocoreStubber.process_request
        self._stock_send = Endpoint._send  # noqa: SLF001  # the last place before the network
        self._index_entry = ("personalize", HOSTS)
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
        self._mock.start()

    def uninstall(self) -> None:
        """Stops moto and takes back all that was replaced since `install`."""
        self._mock.stop()
        while self._patches:
            self._patches.pop().stop()
        backend_index.backend_url_patterns.remove(self._index_entry)
        self.simulation = None

    def handle(self, request: Any, url: str, headers: Any) -> Response:
        """Answers a request that came moto's own way."""
        reader = BaseResponse("personalize")
        reader.setup_class(request, url, headers)
        target = reader.headers.get("X-Amz-Target")
        return self._respond(reader.current_account, reader.region, target, url, reader.body)

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
            self.simulation.seen(personalize=False)
        if not ours and "iam" in request.url[:24] and _IAM.match(request.url):
            self._teach_iam()
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
            raise EndpointConnectionError(endpoint_url=url) from None
        assert self.simulation is not None  # noqa: S101  # installed, or nobody would call
        store = self.simulation.store(account, region)
        return respond(store, target=target, path=urlsplit(url).path, body=body or b"")

    def _teach_iam(self) -> None:
        iam = _iam()
        init = iam.IAMBackend._init_aws_policies  # noqa: SLF001  # the only place that decides which policies exist
        if hasattr(init, "taught"):
            return
        for account in iam.iam_backends.values():
            for backend in account.values():
                _add_policies(backend, init)
        taught = _method(partial(_some_policies, init))
        taught.taught = True
        self._patches.append(patch.object(iam.IAMBackend, "_init_aws_policies", taught))
        self._patches[-1].start()


class MotoEnvironment:
    """S3 and the state manager as moto has them; implements `simulation.Environment`."""

    def objects(self, account: str, region: str) -> Objects:
        """S3 as an account sees it; bucket names are global within a partition."""
        del region
        return S3(account)

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
        return SimpleNamespace(url_bases=[HOSTS.pattern.removesuffix("(?=[:/]|$)")], url_paths=paths)


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
    key = match.group(1) if match else "AKIAEXAMPLE"
    account = str(_iam().get_account_id_from(key))
    _iam().mark_account_as_visited(account_id=account, access_key=key, service="personalize", region=region)
    return account


def _text(value: Any) -> str | None:
    return value.decode() if isinstance(value, bytes) else value


def _rest_paths() -> list[str]:
    models = [service_model(service) for service in (RUNTIME, EVENTS)]
    return [m.operation_model(name).http["requestUri"] for m in models for name in m.operation_names]


def _iam() -> Any:
    import moto.iam.models

    return moto.iam.models


@cache
def _policy_documents() -> str:
    everything = json.loads(_iam().aws_managed_policies_data)
    return json.dumps({name: everything[name] for name in _POLICIES if name in everything})


def _some_policies(init: Any, backend: Any) -> Any:
    """Moto's own loading, given only the policies that tutorials attach unless the user asked for all."""
    iam = _iam()
    if iam.load_iam_aws_managed_policies():
        return init(backend)
    with (
        patch.object(iam, "aws_managed_policies_data", _policy_documents()),
        patch.object(iam, "load_iam_aws_managed_policies", lambda: True),
    ):
        return init(backend)


def _add_policies(backend: Any, init: Any) -> None:
    if not backend.aws_managed_policies:
        backend.aws_managed_policies = _some_policies(init, backend)
        backend.managed_policies.update({policy.arn: policy for policy in backend.aws_managed_policies})

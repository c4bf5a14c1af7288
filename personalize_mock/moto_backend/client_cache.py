"""Cache of the data from which boto3 makes clients, so that it is read once per process and not once per session.

moto starts every test with a new default session. Without this cache, each session reads the same service models again,
which takes more time than anything else in a small test. While a mock is active,

* a JSON file that comes with boto3 or botocore is searched and parsed once, and each session gets a copy (`LazyCopy`);
* the rules that compute endpoints are built once from each file;
* event names that contain a former name of a service are translated once;
* clients share the event handlers of their session until they register their own;
* providers of credentials, models of operations and TLS contexts are made only when they are needed.

Files, loaders and event names of the user, and functions that other code has replaced, are left alone.
"""

import inspect
from collections import OrderedDict
from collections.abc import Callable
from types import FunctionType, MethodType
from typing import Any

from botocore import credentials, hooks, httpsession
from botocore.client import ClientCreator
from botocore.endpoint_provider import EndpointProvider, RuleSet
from botocore.hooks import EventAliaser
from botocore.httpsession import URLLib3Session
from botocore.loaders import JSONFileLoader, Loader
from botocore.model import ServiceModel

from personalize_mock.cleanup import Cleanup
from personalize_mock.moto_backend import lazy_credentials, lazy_operations, lazy_tls, shared_files, shared_handlers
from personalize_mock.moto_backend.lazy_copy import LazyCopy

_rule_sets: dict[int, RuleSet] = {}  # by the identity of objects that `shared_files` keeps
_event_names: dict[tuple[tuple[str, str], ...], dict[str, str]] = {}  # by aliases: new names by former names


def install(cleanup: Cleanup) -> None:
    """Patch botocore so that boto3 makes clients faster. The patches last until `cleanup` runs.

    All sessions then share the files that they read, and clients share the event handlers of their session.
    Providers of credentials, models of operations and TLS contexts are made only when they are needed.

    Args:
        cleanup: Receives the steps that undo the patches.
    """
    for owner, name, make_replacement in (
        (JSONFileLoader, "load_file", shared_files.load_file),
        (Loader, "list_available_services", shared_files.list_available_services),
        (Loader, "determine_latest_version", shared_files.determine_latest_version),
        (Loader, "load_data_with_path", shared_files.load_data_with_path),
        (Loader, "load_service_model", shared_files.load_service_model),
        (EndpointProvider, "__init__", _init_endpoint_provider),
        (EventAliaser, "__init__", _init_event_aliaser),
        (hooks, "accepts_kwargs", _accepts_kwargs),
        (shared_handlers.TRIE, "__copy__", shared_handlers.copy_trie),
        (httpsession, "PoolManager", lazy_tls.use_lazy_manager),
        (URLLib3Session, "_get_ssl_context", lazy_tls.defer_context),
        (credentials, "create_credential_resolver", lazy_credentials.create_lazily),
        (ClientCreator, "_create_methods", lazy_operations.create_methods),
        (ServiceModel, "endpoint_discovery_operation", lazy_operations.find_endpoint_discovery),
    ):
        original = vars(owner).get(name)
        if getattr(original, "__module__", "").startswith(("botocore.", "urllib3.")):  # nobody else has replaced it
            cleanup.replace(owner, name, make_replacement(original))


def _init_endpoint_provider(original: Callable[..., None]) -> Callable[..., None]:
    def init(provider: EndpointProvider, ruleset_data: Any, partition_data: Any, **options: Any) -> None:
        shared = ruleset_data.unchanged_original() if isinstance(ruleset_data, LazyCopy) else None
        if shared is None:
            original(provider, ruleset_data, partition_data, **options)
            return
        original(provider, {**shared, "parameters": {}, "rules": []}, partition_data, **options)
        rule_set = _rule_set(shared)
        provider.ruleset.parameters = {**rule_set.parameters}
        provider.ruleset.rules = [*rule_set.rules]

    return init


def _rule_set(data: OrderedDict[str, Any]) -> RuleSet:
    """Return the endpoint rules that a parsed file of botocore describes. They never change, so they are cached."""
    rule_set = _rule_sets.get(id(data))
    if rule_set is None:
        rule_set = _rule_sets[id(data)] = RuleSet(**data, partitions={})
    return rule_set


def _init_event_aliaser(original: Callable[..., None]) -> Callable[..., None]:
    def init(aliaser: EventAliaser, *arguments: Any, **options: Any) -> None:
        original(aliaser, *arguments, **options)
        if type(aliaser) is EventAliaser:
            aliases = tuple(aliaser._event_aliases.items())  # noqa: SLF001  # botocore has no public name for it
            aliaser._alias_name_cache = _event_names.setdefault(aliases, {})  # noqa: SLF001

    return init


def _accepts_kwargs(original: Callable[..., Any]) -> Callable[..., Any]:
    def accepts_kwargs(handler: Callable[..., Any]) -> Any:
        """Return whether an event handler accepts `**kwargs`, without the slow `inspect.getfullargspec`."""
        function = _function_of(handler)
        if type(function) is not FunctionType or not vars(function).keys() <= {"__wrapped__"}:
            return original(handler)
        return bool(function.__code__.co_flags & inspect.CO_VARKEYWORDS)

    return accepts_kwargs


def _function_of(handler: Callable[..., Any]) -> Any:
    """Return the function that runs when an event handler is called.

    If the handler is a class, has a signature of its own or is not written in Python, the result may be another object.
    """
    if type(handler) is MethodType:
        return handler.__func__
    if type(handler) is FunctionType or isinstance(handler, type) or hasattr(handler, "__signature__"):
        return handler
    return type(handler).__call__

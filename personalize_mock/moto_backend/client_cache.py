"""Cache of the data from which boto3 makes clients, so that it is read once per process and not once per session.

moto starts every test with a new default session. Without this cache, each session reads the same service models again,
which takes more time than anything else in a small test. While a mock is active,

* a JSON file that comes with boto3 or botocore is parsed once, and each session gets a copy (`LazyCopy`);
* the names of all services are listed once, unless a loader searches folders of the user;
* the rules that compute endpoints are built once from each file;
* event names that contain a former name of a service are translated once.

Files, loaders and event names of the user, and functions that other code has replaced, are left alone.
"""

import inspect
import os
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from types import FunctionType, MethodType
from typing import Any

import boto3
import botocore
from botocore import hooks
from botocore.endpoint_provider import EndpointProvider, RuleSet
from botocore.hooks import EventAliaser
from botocore.loaders import JSONFileLoader, Loader

from personalize_mock.cleanup import Cleanup
from personalize_mock.moto_backend.lazy_copy import LazyCopy, lazy_copy

_FOLDERS = [str(Path(package.__file__).parent / "data") for package in (botocore, boto3)]
_PREFIXES = tuple(folder + os.sep for folder in _FOLDERS)

_files: dict[str, Any] = {}  # by path without extension; None if there is no such file
_services: dict[tuple[str, ...], list[str]] = {}  # by type of file and folders
_rule_sets: dict[int, RuleSet] = {}  # by the identity of objects in `_files`
_event_names: dict[tuple[tuple[str, str], ...], dict[str, str]] = {}  # by aliases: new names by former names


def install(cleanup: Cleanup) -> None:
    """Make all sessions of boto3 share the data that they read, until `cleanup` runs."""
    for owner, name, make_replacement in (
        (JSONFileLoader, "load_file", _load_file),
        (Loader, "list_available_services", _list_available_services),
        (EndpointProvider, "__init__", _init_endpoint_provider),
        (EventAliaser, "__init__", _init_event_aliaser),
        (hooks, "accepts_kwargs", _accepts_kwargs),
    ):
        original = vars(owner).get(name)
        if getattr(original, "__module__", "").startswith("botocore."):  # nobody else has replaced it
            cleanup.replace(owner, name, make_replacement(original))


def _load_file(original: Callable[..., Any]) -> Callable[..., Any]:
    def load_file(loader: JSONFileLoader, file_path: str) -> Any:
        """Return the parsed JSON file at a path without extension, or None if there is none."""
        if type(loader) is not JSONFileLoader or not file_path.startswith(_PREFIXES):
            return original(loader, file_path)
        if file_path not in _files:
            _files.setdefault(file_path, original(loader, file_path))
        return lazy_copy(_files[file_path])

    return load_file


def _list_available_services(original: Callable[..., Any]) -> Callable[..., Any]:
    def list_available_services(loader: Loader, type_name: str) -> list[str]:
        """Return the names of all services that have a file of type `type_name`, such as "service-2"."""
        folders = [folder for folder in loader.search_paths if os.path.isdir(folder)]  # noqa: PTH112  # they are text
        is_stock = type(loader) is Loader and type(loader.file_loader) is JSONFileLoader
        if not is_stock or not set(folders) <= set(_FOLDERS):
            return original(loader, type_name)  # type: ignore[no-any-return]  # botocore is untyped here
        key = (type_name, *folders)
        if key not in _services:
            _services[key] = original(loader, type_name)
        return [*_services[key]]

    return list_available_services


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
    """Return the endpoint rules that a parsed file describes. They never change, so the result is cached."""
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
        function = handler.__func__ if type(handler) is MethodType else handler
        if type(function) is not FunctionType or not vars(function).keys() <= {"__wrapped__"}:
            return original(handler)
        return bool(function.__code__.co_flags & inspect.CO_VARKEYWORDS)

    return accepts_kwargs

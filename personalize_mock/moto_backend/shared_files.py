"""Files that come with boto3 and botocore, searched and read once per process and not once per session.

Each loader of botocore gets a copy of the data. Loaders that search other folders, or whose methods were replaced by
other code, are left alone.
"""

import os
from collections.abc import Callable
from inspect import isfunction
from operator import attrgetter
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import boto3
import botocore
from botocore.exceptions import DataNotFoundError
from botocore.loaders import JSONFileLoader, Loader, instance_cache

from personalize_mock.moto_backend.lazy_copy import lazy_copy

_FOLDERS = {str(Path(package.__file__).parent / "data") for package in (botocore, boto3)}
_PREFIXES = tuple(folder + os.sep for folder in _FOLDERS)
# Methods of `Loader`.
_REPLACED = ("list_available_services", "determine_latest_version", "load_data_with_path", "load_service_model")
_other_methods = attrgetter(
    *(name for name in vars(Loader) if name not in _REPLACED and isfunction(vars(Loader)[name]))
)
_OTHER_METHODS = _other_methods(Loader)

_Method = Callable[..., Any]
_ours: dict[str, _Method] = {}  # methods of `Loader` that this module has made last, by name
_folders: WeakKeyDictionary[Loader, tuple[list[str], list[str] | None]] = WeakKeyDictionary()  # see `_shared_folders`
_files: dict[str, Any] = {}  # by path without extension; None if there is no such file
_found: dict[tuple[str | None, ...], Any] = {}  # what loaders have searched, by folders, method and arguments


def load_file(original: _Method) -> _Method:
    """Return a replacement for `JSONFileLoader.load_file` (`original`) that parses each file only once per process."""

    def load_file(loader: JSONFileLoader, file_path: str) -> Any:
        """Return the parsed JSON file at a path without extension, or None if there is none."""
        if type(loader) is not JSONFileLoader or not file_path.startswith(_PREFIXES):
            return original(loader, file_path)
        if file_path not in _files:
            _files.setdefault(file_path, original(loader, file_path))
        return lazy_copy(_files[file_path])

    return load_file


def list_available_services(original: _Method) -> _Method:
    """Return a replacement for `Loader.list_available_services` (`original`) that searches once per process."""

    @instance_cache  # type: ignore[untyped-decorator]  # botocore is untyped here
    def list_available_services(loader: Loader, type_name: str) -> Any:
        """Return the names of all services that have a file of type `type_name`, such as "service-2"."""
        services = _find(original, loader, "list_available_services", type_name)
        return original(loader, type_name) if services is None else [*services]

    _ours["list_available_services"] = list_available_services
    return list_available_services  # type: ignore[no-any-return]


def determine_latest_version(original: _Method) -> _Method:
    """Return a replacement for `Loader.determine_latest_version` (`original`) that searches once per process."""

    @instance_cache  # type: ignore[untyped-decorator]
    def determine_latest_version(loader: Loader, service_name: str, type_name: str) -> Any:
        """Return the latest API version of a service, such as "2018-05-22", that has a file of type `type_name`."""
        version = _find(original, loader, "determine_latest_version", service_name, type_name)
        return original(loader, service_name, type_name) if version is None else version

    _ours["determine_latest_version"] = determine_latest_version
    return determine_latest_version  # type: ignore[no-any-return]


def load_data_with_path(original: _Method) -> _Method:
    """Return a replacement for `Loader.load_data_with_path` (`original`) that searches once per process."""

    def path_of(loader: Loader, name: str) -> str:
        try:
            return str(original(loader, name)[1])
        except DataNotFoundError:
            return ""

    @instance_cache  # type: ignore[untyped-decorator]
    def load_data_with_path(loader: Loader, name: str) -> Any:
        """Return the parsed JSON file with a name such as "endpoints", and its path without extension."""
        path = _find(path_of, loader, "load_data_with_path", name)
        if path is None:
            return original(loader, name)
        if not path:
            raise DataNotFoundError(data_path=name)
        return loader.file_loader.load_file(path), path

    _ours["load_data_with_path"] = load_data_with_path
    return load_data_with_path  # type: ignore[no-any-return]


def load_service_model(original: _Method) -> _Method:
    """Return a replacement for `Loader.load_service_model` (`original`) that searches once per process."""

    def name_of(loader: Loader, service_name: str, type_name: str, api_version: str | None) -> str:
        """Return the name of the file with a model, or "" if there is none or if botocore extends it with others."""
        try:
            version = loader.determine_latest_version(service_name, type_name) if api_version is None else api_version
            name = os.path.join(service_name, version, type_name)  # noqa: PTH118  # they are text
            loader.load_data(name)
            extras = [*loader._find_extras(service_name, type_name, version)]  # noqa: SLF001  # as the original does
        except DataNotFoundError:
            return ""
        return "" if extras else name

    @instance_cache  # type: ignore[untyped-decorator]
    def load_service_model(loader: Loader, service_name: str, type_name: str, api_version: str | None = None) -> Any:
        """Return a parsed model of a service, such as that of type "service-2"."""
        name = _find(name_of, loader, "load_service_model", service_name, type_name, api_version)
        return loader.load_data(name) if name else original(loader, service_name, type_name, api_version)

    _ours["load_service_model"] = load_service_model
    return load_service_model  # type: ignore[no-any-return]


def _find(search: _Method, loader: Loader, method: str, *arguments: str | None) -> Any:
    """Return the result of a search for files, which is cached for all loaders and must not be changed.

    Return None for a loader that searches folders of the user, or whose methods are not those of botocore.

    Args:
        search: Function that takes a loader and `arguments`, and returns anything but None.
        loader: The loader for which to search.
        method: The name of the loader's method.
        *arguments: The arguments of the method.
    """
    folders = _shared_folders(loader)
    if folders is None:
        return None
    key = (*folders, method, *arguments)
    if key not in _found:
        unused = Loader([*folders], include_default_search_paths=False)  # nobody else can change what it returns
        _found.setdefault(key, search(unused, *arguments))
    return _found[key]


def _shared_folders(loader: Loader) -> list[str] | None:
    """Return the existing folders that a loader searches, or None if the loader must search by itself.

    The latter is the case if the loader searches folders of the user, or if its methods are not those of botocore. The
    answer is found once for each loader, unless its search path changes.
    """
    known = _folders.get(loader)
    if known is None or known[0] != loader.search_paths:
        existing = [path for path in loader.search_paths if os.path.isdir(path)]  # noqa: PTH112  # they are text
        is_shared = _FOLDERS.issuperset(existing) and _is_stock(loader)
        _folders[loader] = known = ([*loader.search_paths], existing if is_shared else None)
    return known[1]


def _is_stock(loader: Loader) -> bool:
    """Return whether a loader and its class have only methods of botocore and of this module."""
    return (
        type(loader) is Loader
        and type(loader.file_loader) is JSONFileLoader
        and JSONFileLoader.load_file.__module__ == __name__
        and vars(Loader).keys().isdisjoint(vars(loader))
        and _other_methods(Loader) == _OTHER_METHODS
        and all(vars(Loader)[name] is method for name, method in _ours.items())
    )

"""Child processes that multiprocessing starts while a mock is active.

A child made by `fork` has a copy of the mock. A child made by `spawn` or `forkserver` has none, and its clients would
call the real service. While a mock is active, the parent therefore sends a guard to such children. The guard makes
botocore's requests to Personalize hosts fail at once, until the child starts its own mock.
"""

import sys
from collections.abc import Callable, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

from personalize_mock.cleanup import Cleanup
from personalize_mock.exceptions import PersonalizeMockError
from personalize_mock.moto_backend.hosts import region_of

ENDPOINT = "botocore.endpoint"
# Runs in the child when it reads its instructions. A child that cannot import this package starts without the guard.
GUARD = """
try:
    from personalize_mock.child_processes import guard
except ImportError:
    pass
else:
    guard()
"""
REFUSED = (
    "{url} was called in a child process, but the mock of Amazon Personalize is active only in its parent. Start a "
    "mock in the child, too: call mock_personalize().start() in the initializer of the pool or in the target of the "
    "process. Or use the start method 'fork', which copies the mock of the parent."
)
_guarded: list[ModuleType] = []  # botocore.endpoint in a child in which no mock has been started


class _Instructions:
    """Object that makes a child process run the Python code in `GUARD` when the child unpickles the object."""

    def __reduce__(self) -> tuple[Callable[..., None], tuple[str]]:
        return exec, (GUARD,)


def install(cleanup: Cleanup) -> None:
    """Make multiprocessing send code that calls `guard` to each child that it starts with `spawn` or `forkserver`.

    If `multiprocessing.spawn` has not been imported, nothing is sent. If `guard` was called in this process, which may
    be a child itself, its effect ends.

    Args:
        cleanup: Receives the step that undoes the change.
    """
    _guarded.clear()
    spawn = sys.modules.get("multiprocessing.spawn")
    if spawn is None:
        return
    original = spawn.get_preparation_data

    def with_guard(*arguments: Any, **keywords: Any) -> dict[str, Any]:
        data: dict[str, Any] = original(*arguments, **keywords)
        return {**data, "personalize_mock": _Instructions()}

    cleanup.replace(spawn, "get_preparation_data", with_guard)


def guard() -> None:
    """Make botocore's requests to Personalize hosts fail in this process until it starts a mock."""
    module = sys.modules.get(ENDPOINT)
    if module is not None:
        _guard_endpoint(module)
    else:
        sys.meta_path.insert(0, _EndpointFinder())


class _EndpointFinder(MetaPathFinder):
    """Import finder that makes botocore's requests to Personalize fail once `botocore.endpoint` is imported."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return a spec of `botocore.endpoint` whose loader also replaces `Endpoint._send`, which sends requests.

        The result is None for all other modules.
        """
        if name != ENDPOINT:
            return None
        sys.meta_path.remove(self)
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            load = spec.loader.exec_module

            def load_and_guard(module: ModuleType) -> None:
                load(module)
                _guard_endpoint(module)

            spec.loader.exec_module = load_and_guard  # type: ignore[method-assign]
        return spec


def _guard_endpoint(module: ModuleType) -> None:
    send = module.Endpoint._send  # noqa: SLF001  # the last place before the network
    _guarded.append(module)

    def guarded(self: Any, request: Any) -> Any:
        if region_of(request.url) is not None and module in _guarded:
            raise PersonalizeMockError(REFUSED.format(url=request.url))
        return send(self, request)

    module.Endpoint._send = guarded  # noqa: SLF001

"""Import hook that runs an action when a module is first imported, so that a mock need not import the module."""

import sys
from collections.abc import Callable, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from personalize_mock.cleanup import Cleanup


def when_imported(name: str, action: Callable[[], None], cleanup: Cleanup) -> None:
    """Run an action now if a module has been imported, and otherwise right after its first import.

    Args:
        name: The full name of the module.
        action: Function to call once.
        cleanup: Receives the step that cancels the action.
    """
    if name in sys.modules:
        action()
        return
    hook = _ImportHook(name, action)
    cleanup.add(hook.remove)
    sys.meta_path.insert(0, hook)


class _ImportHook(MetaPathFinder):
    """Import finder that runs an action after the import of one module."""

    def __init__(self, name: str, action: Callable[[], None]) -> None:
        self._name, self._action = name, action

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find the module of this hook, and make its loader run the hook's action once the module has been executed.

        Return None for all other modules, so that the next finder is asked.
        """
        del path, target
        if fullname != self._name:
            return None
        self.remove()  # the other finders must find the module
        spec = find_spec(fullname)
        if spec is not None and spec.loader is not None:
            loader: Any = spec.loader
            execute = loader.exec_module

            def exec_module(module: ModuleType) -> None:
                execute(module)
                self._action()

            loader.exec_module = exec_module
        return spec

    def remove(self) -> None:
        """Remove the finder from `sys.meta_path`, if it is there."""
        sys.meta_path[:] = [finder for finder in sys.meta_path if finder is not self]

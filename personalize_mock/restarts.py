"""Detection of module-level code that starts a mock again, such as a notebook cell that is run a second time.

The first run of the cell has left an active mock. Either it can no longer be stopped, because no variable holds it, or
the second run is about to replace it. So the second start ends the first one, instead of sharing its simulation.
"""

import sys
import warnings
from dataclasses import dataclass
from types import FrameType
from typing import Any

from personalize_mock.exceptions import PersonalizeMockWarning

RESTARTED = (
    "A mock that was started here before is still active. It has been stopped, and its resources are gone. Call "
    "stop() on it before you start a mock again, to avoid this warning."
)


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """Module-level code that has started a mock, identified by its namespace and the names of the mock.

    Attributes:
        namespace: The global variables of the module or notebook.
        names: The names of the global variables that hold the mock, or that are about to hold it.
    """

    namespace: dict[str, Any]
    names: frozenset[str]

    def has_same_name(self, other: "Place") -> bool:
        """Return whether both mocks are assigned to the same name. Two mocks without a name count as equal, too."""
        return not self.names.isdisjoint(other.names) or not (self.names or other.names)


def place_of(frame: FrameType, mock: object) -> Place | None:
    """Return the place of a start, or None if a function starts the mock.

    Args:
        frame: The frame of the code that calls `start`.
        mock: The mock.
    """
    namespace = frame.f_globals
    if frame.f_locals is not namespace:
        return None
    names = [name for name, value in list(namespace.items()) if value is mock]
    return Place(namespace, frozenset([*names, *_assigned(frame)]))


def warn_of_restart(place: Place) -> None:
    """Warn that a mock has been stopped because the code that started it has run again."""
    frame, depth = sys._getframe(0), 1  # noqa: SLF001  # there is no public way to get the caller
    while frame.f_back is not None and frame.f_globals is not place.namespace:
        frame, depth = frame.f_back, depth + 1
    warnings.warn(RESTARTED, PersonalizeMockWarning, stacklevel=depth)


def _assigned(frame: FrameType) -> list[str]:
    """Return the name to which the result of the current call will be assigned, or an empty list if there is none."""
    import dis  # imported here to keep `import personalize_mock` fast

    following = (entry for entry in dis.get_instructions(frame.f_code) if entry.offset > frame.f_lasti)
    entry = next((entry for entry in following if entry.opname != "CACHE"), None)
    return [str(entry.argval)] if entry is not None and entry.opname in ("STORE_NAME", "STORE_GLOBAL") else []

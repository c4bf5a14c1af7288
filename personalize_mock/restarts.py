"""Detection of module-level code that starts a mock again, such as a notebook cell that is run a second time.

The first run of the cell has left an active mock. This mock can no longer be stopped, because no variable holds it, or
the second run is about to assign a new mock to its variable. So the second start stops the first mock, instead of
sharing its simulation.
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
    """Module or notebook that has started a mock, and the variables to which the mock is assigned.

    Attributes:
        namespace: The global variables of the module or notebook.
        names: The names of the global variables that hold the mock, or to which it will be assigned after the start.
    """

    namespace: dict[str, Any]
    names: frozenset[str]

    def has_same_name(self, other: "Place") -> bool:
        """Return whether both places assign their mocks to the same name, or neither assigns it to a variable."""
        return not self.names.isdisjoint(other.names) or not (self.names or other.names)


def place_of(frame: FrameType, mock: object) -> Place | None:
    """Return the module or notebook that starts a mock, or None if the mock is started inside a function.

    Args:
        frame: The frame of the code that calls `start`.
        mock: The mock that is started.
    """
    namespace = frame.f_globals
    if frame.f_locals is not namespace:
        return None
    names = [name for name, value in list(namespace.items()) if value is mock]
    return Place(namespace, frozenset([*names, *_assigned(frame)]))


def warn_of_restart(place: Place) -> None:
    """Warn that a mock has been stopped because the code that started it is run again.

    Args:
        place: The module or notebook, to which the warning is attributed.
    """
    frame, depth = sys._getframe(0), 1  # noqa: SLF001  # there is no public way to get the caller
    while frame.f_back is not None and frame.f_globals is not place.namespace:
        frame, depth = frame.f_back, depth + 1
    warnings.warn(RESTARTED, PersonalizeMockWarning, stacklevel=depth)


def _assigned(frame: FrameType) -> list[str]:
    """Return the name of the variable to which a frame will assign the result of its current call.

    The result is a list with this name, or an empty list if the result of the call is not assigned to a variable.
    """
    import dis  # imported here to keep `import personalize_mock` fast

    following = (entry for entry in dis.get_instructions(frame.f_code) if entry.offset > frame.f_lasti)
    entry = next((entry for entry in following if entry.opname != "CACHE"), None)
    return [str(entry.argval)] if entry is not None and entry.opname in ("STORE_NAME", "STORE_GLOBAL") else []

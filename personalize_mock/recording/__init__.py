"""Recordings of calls to Amazon Personalize, and their comparison with the mock.

`record` writes the calls of boto3 clients to a file, whether they go to the real service or to a mock. `compare`
replays such a file against the mock and lists the differences, like the command `python -m personalize_mock compare
FILE`.
"""

from typing import TYPE_CHECKING, Any

from personalize_mock.recording.recorder import Recorder, record

if TYPE_CHECKING:
    from personalize_mock.recording.comparison import Comparison, compare
    from personalize_mock.recording.differences import Difference, Tolerance
    from personalize_mock.recording.reader import RecordingError

__all__ = ["Comparison", "Difference", "Recorder", "RecordingError", "Tolerance", "compare", "record"]

_LATE = {  # imported when they are used, because recording needs none of their modules
    "Comparison": "comparison",
    "compare": "comparison",
    "Difference": "differences",
    "Tolerance": "differences",
    "RecordingError": "reader",
}


def __getattr__(name: str) -> Any:
    """Import the module of a public name of this package, and return the object with this name."""
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_LATE[name]}"), name)

"""Loader for a folder with CSV files, for the option `--load` of `python -m personalize_mock serve`."""

import gzip
import re
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from personalize_mock.exceptions import PersonalizeMockError
from personalize_mock.loading.load import ARGUMENTS
from personalize_mock.mock import MockPersonalize

if TYPE_CHECKING:
    from personalize_mock.loading.loaded import LoadedData

SUFFIXES = (".csv", ".csv.gz")
LONGEST_NAME = 40  # characters of the name of a dataset group that `mock.load` takes


def load_folder(mock: MockPersonalize, folder: Path) -> "LoadedData":
    """Load the CSV files of a folder as `mock.load` does, and return the result.

    The files are named after the arguments of `mock.load`: interactions.csv, items.csv, users.csv, actions.csv and
    action_interactions.csv. Names can be in upper or lower case, and end with .gz if the file is compressed. The
    dataset group is named after the folder.

    Raises:
        PersonalizeMockError: The folder does not exist or has no such file, or the data is invalid.
    """
    sources: Any = dict(_sources(folder))
    if not sources:
        names = ", ".join(f"{argument}.csv" for argument in ARGUMENTS)
        raise PersonalizeMockError(
            f"--load {folder}: the folder has no files to load. Name them {names}, optionally with .gz."
        )
    return mock.load(**sources, name=_group_name(folder))


def _sources(folder: Path) -> list[tuple[str, bytes]]:
    try:
        paths = sorted(folder.iterdir())
    except OSError as error:
        raise PersonalizeMockError(
            f"--load {folder}: not a folder that can be read ({error.strerror}). Write the path of a folder."
        ) from None
    return [(argument, _content(path)) for path in paths if (argument := _argument(path)) is not None]


def _argument(path: Path) -> str | None:
    """Return the argument of `mock.load` after which a file is named, such as "items", or None if there is none."""
    name = path.name.lower().replace("-", "_")
    return next((argument for argument in ARGUMENTS if name in (f"{argument}{suffix}" for suffix in SUFFIXES)), None)


def _content(path: Path) -> bytes:
    try:
        content = path.read_bytes()
        return gzip.decompress(content) if path.name.lower().endswith(".gz") else content
    except (OSError, EOFError, zlib.error) as error:
        raise PersonalizeMockError(f"--load: {path} cannot be read ({error}). Replace or remove the file.") from None


def _group_name(folder: Path) -> str:
    name = re.sub(r"[^a-zA-Z0-9_-]", "-", folder.resolve().name).strip("-_")
    return name[:LONGEST_NAME] or "loaded"

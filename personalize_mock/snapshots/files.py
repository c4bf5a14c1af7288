"""Files of snapshots: a line with the version of the format, a checksum, and a zip archive with JSON and arrays.

Reading a file never runs code from the file. A file is refused if it was damaged or edited, or if it would fill the
memory.
"""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from personalize_mock.exceptions import PersonalizeMockError
from personalize_mock.journal import Call, Measurement, Transition
from personalize_mock.resources.core.resource import Resource
from personalize_mock.simulation import Options, StoreState
from personalize_mock.snapshots.encoding import Decoder, Encoder
from personalize_mock.snapshots.type_checks import fits
from personalize_mock.timing.clock_state import ClockState

MAGIC = b"personalize_mock snapshot "
HEADER = MAGIC + b"1\n"
VERSION: str = sys.modules["personalize_mock"].__version__  # the public module, which no other module imports
LARGEST_RATIO = 100  # of the unpacked size to the packed one; `write` does not pack arrays of zeros more densely
UNCHECKED = 1 << 24  # bytes; a small content may have any ratio
PARTS = {
    "options": Options,
    "clock": ClockState,
    "stores": dict[tuple[str, str], StoreState],
    "records": tuple[Call | Transition | Measurement, ...],
    "requests": int,
}


def write(parts: Mapping[str, Any], path: "str | os.PathLike[str]") -> None:
    """Write the parts of a snapshot to a file.

    Args:
        parts: The attributes of `Snapshot` that are saved, by name.
        path: The path of the file, which is replaced if it exists.

    Raises:
        PersonalizeMockError: The parts contain an object that a file cannot hold.
    """
    encoder = Encoder()
    try:
        root = encoder.encode(parts)
    except RecursionError:
        raise PersonalizeMockError(
            "This snapshot cannot be saved, because a recorded request is nested too deeply for a file. Call "
            "mock.snapshot() before you send this request."
        ) from None
    document = {"version": VERSION, "root": root, "entries": encoder.entries}
    content = _packed(json.dumps(document), encoder.arrays, ZIP_DEFLATED)
    if sum(map(len, encoder.arrays)) > _most_bytes(content) // 2:
        content = _packed(json.dumps(document), encoder.arrays, ZIP_STORED)
    temporary = Path(f"{os.fspath(path)}.tmp{os.getpid()}")
    try:
        temporary.write_bytes(HEADER + sha256(content).digest() + content)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def read(path: "str | os.PathLike[str]") -> dict[str, Any]:
    """Read a file that `write` has written, and return the parts of the snapshot by name.

    Raises:
        PersonalizeMockError: The file cannot be read, is not a snapshot, or was damaged or edited.
    """
    if not isinstance(path, (str, os.PathLike)):
        raise PersonalizeMockError(
            f"load_snapshot({path!r}): not a path. Write the path of a file that mock.snapshot().save(path) wrote."
        )
    try:
        return _parts(Path(path).read_bytes())
    except OSError as error:
        raise PersonalizeMockError(
            f"load_snapshot({os.fspath(path)!r}): the file cannot be read ({error.strerror}). Write one with "
            "mock.snapshot().save(path)."
        ) from error
    except _RefusedError as error:
        raise PersonalizeMockError(
            f"load_snapshot({os.fspath(path)!r}): {error} Write it again with mock.snapshot().save(path)."
        ) from None


class _RefusedError(Exception):
    """Raised for a file that is not a snapshot, was damaged or was edited. The message gives the reason."""


def _parts(content: bytes) -> dict[str, Any]:
    """Decode the content of a file, and return the parts of the snapshot by name.

    Raises:
        _RefusedError: The content is not a valid snapshot.
    """
    start = len(HEADER) + sha256().digest_size
    archive, digest = content[start:], content[len(HEADER) : start]
    if not content.startswith(MAGIC):
        raise _RefusedError("this is not a snapshot.")
    if not content.startswith(HEADER):
        raise _RefusedError("the snapshot was written by another version of personalize_mock, or is damaged.")
    if digest != sha256(archive).digest():
        raise _RefusedError("the file is damaged. Its content does not match its checksum.")
    try:
        return _decoded(archive)
    except _RefusedError:
        raise
    except Exception as error:  # noqa: BLE001  # whatever an edited file causes
        raise _RefusedError(
            f"the content is not a valid snapshot ({type(error).__name__}: {str(error)[:200]}). The file was probably "
            "edited, because its checksum matches."
        ) from None


def _decoded(archive: bytes) -> dict[str, Any]:
    with ZipFile(BytesIO(archive)) as members:
        most = _most_bytes(archive)
        if sum(member.file_size for member in members.infolist()) > most:
            raise _RefusedError(
                f"the unpacked content is larger than {most} bytes, too much for a file of {len(archive)} bytes."
            )
        document = json.loads(members.read("snapshot.json"))
        version = document.get("version")
        if version != VERSION:
            raise _RefusedError(
                f"the snapshot was written by personalize_mock {version}, but this is version {VERSION}."
            )
        arrays = [members.read(f"{index}.bin") for index in range(len(members.namelist()) - 1)]
    parts: dict[str, Any] = Decoder(arrays).decode(document["entries"], document["root"])
    if parts.keys() != PARTS.keys() or not all(fits(parts[name], hint) for name, hint in PARTS.items()):
        raise ValueError("a part is missing")
    for store in parts["stores"].values():
        _check_store(store)
    return parts


def _packed(document: str, arrays: Sequence[bytes], compression: int) -> bytes:
    archive = BytesIO()
    with ZipFile(archive, "w", compression, compresslevel=1) as members:
        members.writestr("snapshot.json", document)
        for index, elements in enumerate(arrays):
            members.writestr(f"{index}.bin", elements)
    return archive.getvalue()


def _most_bytes(archive: bytes) -> int:
    """Return the largest unpacked size, in bytes, that is accepted for the zip archive of a snapshot."""
    return max(UNCHECKED, LARGEST_RATIO * len(archive))


def _check_store(store: StoreState) -> None:
    for name, by_arn in store.resources.items():
        for arn, resource in by_arn.items():
            if not isinstance(resource, Resource) or type(resource).__name__ != name or resource.arn != arn:
                raise ValueError(f"{arn} is not a resource")

"""Files of snapshots: a line with the version of the format, a checksum, and a zip archive with JSON and arrays.

Reading a file never runs code from the file. A file that was damaged or edited is refused.
"""

import json
import os
from collections.abc import Mapping
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from personalize_mock.exceptions import PersonalizeMockError
from personalize_mock.journal import Call, Measurement, Transition
from personalize_mock.resources.core.resource import Resource
from personalize_mock.simulation import Options, StoreState
from personalize_mock.snapshots.encoding import Decoder, Encoder
from personalize_mock.snapshots.type_checks import fits
from personalize_mock.timing.clock_state import ClockState

HEADER = b"personalize_mock snapshot 1\n"
PARTS = {
    "options": Options,
    "clock": ClockState,
    "stores": dict[tuple[str, str], StoreState],
    "records": tuple[Call | Transition | Measurement, ...],
    "requests": int,
}


def write(parts: Mapping[str, Any], path: "str | os.PathLike[str]") -> None:
    """Write the parts of a snapshot, which are attributes of `Snapshot`, to a file.

    Raises:
        PersonalizeMockError: The parts contain an object that a file cannot hold.
    """
    encoder = Encoder()
    try:
        root = encoder.encode(parts)
    except RecursionError:
        raise PersonalizeMockError(
            "The journal of the snapshot has a request that is nested too deeply for a file. Call mock.snapshot() "
            "before this request."
        ) from None
    archive = BytesIO()
    with ZipFile(archive, "w", ZIP_DEFLATED, compresslevel=1) as members:
        members.writestr("snapshot.json", json.dumps({"root": root, "entries": encoder.entries}))
        for index, elements in enumerate(encoder.arrays):
            members.writestr(f"{index}.bin", elements)
    content = archive.getvalue()
    temporary = Path(f"{os.fspath(path)}.tmp{os.getpid()}")
    try:
        temporary.write_bytes(HEADER + sha256(content).digest() + content)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def read(path: "str | os.PathLike[str]") -> dict[str, Any]:
    """Read a file that `write` has written, and return the parts of the snapshot.

    Raises:
        PersonalizeMockError: The file cannot be read, or `write` has not written it in this form.
    """
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise PersonalizeMockError(
            f"load_snapshot({os.fspath(path)!r}): the file cannot be read ({error.strerror}). Write one with "
            "mock.snapshot().save(path)."
        ) from error
    try:
        return _parts(content)
    except Exception as error:  # noqa: BLE001  # whatever a damaged file causes
        raise PersonalizeMockError(
            f"load_snapshot({os.fspath(path)!r}): not a snapshot of this version of personalize_mock, or damaged "
            f"({type(error).__name__}: {error}). Write it again with mock.snapshot().save(path)."
        ) from None


def _parts(content: bytes) -> dict[str, Any]:
    start = len(HEADER) + sha256().digest_size
    archive = content[start:]
    if content[:start] != HEADER + sha256(archive).digest():
        raise ValueError("the checksum is wrong")
    with ZipFile(BytesIO(archive)) as members:
        document = json.loads(members.read("snapshot.json"))
        arrays = [members.read(f"{index}.bin") for index in range(len(members.namelist()) - 1)]
    parts: dict[str, Any] = Decoder(arrays).decode(document["entries"], document["root"])
    if parts.keys() != PARTS.keys() or not all(fits(parts[name], hint) for name, hint in PARTS.items()):
        raise ValueError("a part is missing")
    for store in parts["stores"].values():
        _check_store(store)
    return parts


def _check_store(store: StoreState) -> None:
    for name, by_arn in store.resources.items():
        for arn, resource in by_arn.items():
            if not isinstance(resource, Resource) or type(resource).__name__ != name or resource.arn != arn:
                raise ValueError(f"{arn} is not a resource")

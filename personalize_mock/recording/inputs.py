"""Local files that take the place of the S3 objects that recorded jobs read.

The object `s3://bucket/folder/a.csv` is the first of these files that exists: `FOLDER/bucket/folder/a.csv`,
`FOLDER/folder/a.csv` and `FOLDER/a.csv`. FOLDER is the folder that the user has given. A folder in S3 is looked up in
the same way.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from personalize_mock.recording.reader import RecordedCall, RecordingError
from personalize_mock.simulation import Store

READ = {"dataSource": "dataLocation", "s3DataSource": "path"}  # members that name what a job reads
WRITTEN = {"s3DataDestination": "path"}


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Location:
    """A location in S3 that a recorded call names.

    Attributes:
        line: The line number of the call in the recording.
        bucket: The name of the bucket.
        key: The key of the object or the folder.
        is_read: True if the call reads from the location, False if it writes to it.
        is_refused: Whether the recorded call failed. In this case, the location need not exist.
    """

    line: int
    bucket: str
    key: str
    is_read: bool
    is_refused: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalInput:
    """A local file, and the S3 bucket and key under which recorded jobs read it."""

    bucket: str
    key: str
    path: Path


def s3_locations(calls: Sequence[RecordedCall]) -> list[S3Location]:
    """Return the locations in S3 that calls read from or write to."""
    return [found for call in calls for found in _locations(call, call.params)]


def local_inputs(calls: Sequence[RecordedCall], folder: Path | None) -> list[LocalInput]:
    """Return the local files for the S3 objects that recorded calls read.

    Args:
        calls: The recorded calls.
        folder: The folder that holds the files, or None if the user has given none.

    Raises:
        RecordingError: A file that a successful call reads is missing.
    """
    return [found for place in s3_locations(calls) if place.is_read for found in _files(place, folder)]


def upload(store: Store, calls: Sequence[RecordedCall], files: Sequence[LocalInput]) -> None:
    """Create in moto's S3 the buckets that successful calls name, and upload local files to them.

    Args:
        store: The resources of the account and region to which new buckets belong.
        calls: The recorded calls.
        files: The local files for the objects that the calls read.
    """
    objects = store.objects
    for bucket in sorted({place.bucket for place in s3_locations(calls) if not place.is_refused}):
        if objects.keys(bucket, "") is None:
            objects.create_bucket(bucket, store.region, store.partition)
    for file in files:
        with file.path.open("rb") as content:
            objects.write(file.bucket, file.key, content, at=store.clock.timestamp())


def _locations(call: RecordedCall, params: dict[str, Any]) -> Iterator[S3Location]:
    for name, value in params.items():
        if not isinstance(value, dict):
            continue
        location = value.get({**READ, **WRITTEN}.get(name, ""))
        if isinstance(location, str) and location.startswith("s3://"):
            bucket, _, key = location.removeprefix("s3://").partition("/")
            yield S3Location(
                line=call.line, bucket=bucket, key=key, is_read=name in READ, is_refused=call.error is not None
            )
        yield from _locations(call, value)


def _files(place: S3Location, folder: Path | None) -> Iterator[LocalInput]:
    found = None if folder is None else _found(place, folder)
    if found is None:
        if place.is_refused:
            return
        raise _missing(place, folder)
    if found.is_file():
        yield LocalInput(bucket=place.bucket, key=place.key, path=found)
    for path in sorted(found.rglob("*")) if found.is_dir() else ():
        if path.is_file():
            key = str(PurePosixPath(place.key, path.relative_to(found).as_posix()))
            yield LocalInput(bucket=place.bucket, key=key, path=path)


def _missing(place: S3Location, folder: Path | None) -> RecordingError:
    reads = f"Line {place.line}: the call reads s3://{place.bucket}/{place.key}"
    if folder is None:
        file = f"FOLDER/{place.bucket}/{place.key}"
        return RecordingError(
            f"{reads}. Put this file or folder at {file}, and write --data FOLDER (in Python: data=)."
        )
    return RecordingError(
        f"{reads}, but there is no {folder / place.bucket / place.key}. Put this file or folder there."
    )


def _found(place: S3Location, folder: Path) -> Path | None:
    """Return the local file or folder for a location in S3, or None if `folder` does not contain it.

    The local path may begin with the bucket or leave it out. If the recorded call that names the location failed, only
    the path that begins with the bucket is tried.
    """
    root = folder.resolve()
    names = (f"{place.bucket}/{place.key}", place.key, PurePosixPath(place.key).name)
    candidates = [(root / name).resolve() for name in names[: 1 if place.is_refused else 3] if name]
    return next((path for path in candidates if path.is_relative_to(root) and path.exists()), None)

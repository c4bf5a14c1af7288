"""S3 objects that recorded jobs read, taken from a local folder.

The object `s3://bucket/key` is the file `FOLDER/bucket/key`, `FOLDER/key`, or the file of the same name in FOLDER
itself. A folder in S3 is a local folder at one of these places.
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
        line: The number of the line of the call.
        bucket: The name of the bucket.
        key: The key of the object or the folder.
        is_read: Whether the call reads from it. It writes to it otherwise.
    """

    line: int
    bucket: str
    key: str
    is_read: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalInput:
    """A local file, and the place in S3 where recorded jobs expect it."""

    bucket: str
    key: str
    path: Path


def s3_locations(calls: Sequence[RecordedCall]) -> list[S3Location]:
    """Return the locations in S3 that successful calls read from or write to."""
    return [found for call in calls if call.error is None for found in _locations(call.params, call.line)]


def local_inputs(calls: Sequence[RecordedCall], folder: Path | None) -> list[LocalInput]:
    """Return the files that the recorded calls read.

    Raises:
        RecordingError: A file is missing, or there is no folder although calls read files.
    """
    return [found for place in s3_locations(calls) if place.is_read for found in _files(place, folder)]


def upload(store: Store, calls: Sequence[RecordedCall], files: Sequence[LocalInput]) -> None:
    """Create the buckets of all recorded calls in moto's S3, and put the files into them."""
    objects = store.objects
    for bucket in sorted({place.bucket for place in s3_locations(calls)}):
        if objects.keys(bucket, "") is None:
            objects.create_bucket(bucket, store.region, store.partition)
    for file in files:
        with file.path.open("rb") as content:
            objects.write(file.bucket, file.key, content, at=store.clock.timestamp())


def _locations(params: dict[str, Any], line: int) -> Iterator[S3Location]:
    for name, value in params.items():
        if not isinstance(value, dict):
            continue
        location = value.get({**READ, **WRITTEN}.get(name, ""))
        if isinstance(location, str) and location.startswith("s3://"):
            bucket, _, key = location.removeprefix("s3://").partition("/")
            yield S3Location(line=line, bucket=bucket, key=key, is_read=name in READ)
        yield from _locations(value, line)


def _files(place: S3Location, folder: Path | None) -> Iterator[LocalInput]:
    uri = f"s3://{place.bucket}/{place.key}"
    if folder is None:
        raise RecordingError(
            f"Line {place.line}: the call reads {uri}. Write --data FOLDER (in Python: data=), where "
            f"FOLDER/{place.bucket}/{place.key} is this file."
        )
    found = _found(place, folder)
    if found is None:
        raise RecordingError(
            f"Line {place.line}: the call reads {uri}, and there is no file {folder / place.bucket / place.key}."
        )
    if found.is_file():
        yield LocalInput(bucket=place.bucket, key=place.key, path=found)
    for path in sorted(found.rglob("*")) if found.is_dir() else ():
        if path.is_file():
            key = str(PurePosixPath(place.key, path.relative_to(found).as_posix()))
            yield LocalInput(bucket=place.bucket, key=key, path=path)


def _found(place: S3Location, folder: Path) -> Path | None:
    """Return the local file or folder of a location. Nothing outside of `folder` is found."""
    root = folder.resolve()
    names = (f"{place.bucket}/{place.key}", place.key, PurePosixPath(place.key).name)
    candidates = [(root / name).resolve() for name in names if name]
    return next((path for path in candidates if path.is_relative_to(root) and path.exists()), None)

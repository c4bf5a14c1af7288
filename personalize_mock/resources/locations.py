"""Functions that parse S3 locations, list and read the objects there, and check access to them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from personalize_mock.exceptions import PersonalizeMockError
from personalize_mock.progress import logger
from personalize_mock.resources.core.lifecycle import JobFailed
from personalize_mock.resources.permissions import BucketAccess
from personalize_mock.simulation import Store
from personalize_mock.wire.errors import InvalidInputException

# Recorded in notebooks, the latest from 2024.
NO_ACCESS = (
    "Insufficient privileges for accessing data in S3. Please look at "
    "https://docs.aws.amazon.com/personalize/latest/dg/granting-personalize-s3-access.html and ensure your role is "
    "configured correctly."
)
BUCKET_DENIES = (
    "Insufficient privileges for accessing data in S3. Please look at "
    "https://docs.aws.amazon.com/personalize/latest/dg/granting-personalize-s3-access.html#attach-bucket-policy and "
    "fix bucket policy on {bucket}."
)
# Developer guide, "Error messages" (2023).
BAD_LOCATION = "Invalid Data location."
# The message of Amazon Forecast; that of Personalize is unknown.
NO_OBJECTS = "No objects found in s3 path {location}, please ensure the path is specified correctly."


@dataclass(frozen=True, slots=True)
class Location:
    """An S3 bucket, and in it the key of an object or the key prefix of a folder."""

    bucket: str
    key: str

    def child(self, *names: str) -> "Location":
        """Return the location of an object in this folder. The key of the folder may end with a slash.

        Args:
            names: The names of subfolders, if any, and of the object.
        """
        return Location(self.bucket, "/".join((*filter(None, [self.key.removesuffix("/")]), *names)))


def parse(location: str) -> Location:
    """Parse an S3 URI (`s3://bucket/key`), or a path-style or virtual-hosted-style URL.

    Raises:
        InvalidInputException: The location has none of these forms.
    """
    scheme, _, rest = location.partition("://")
    host, _, path = rest.partition("/")
    path = path.lstrip("/")
    if scheme != "s3":
        path = unquote(path.partition("?")[0])
        bucket, dot, domain = host.partition(".s3")
        host, _, path = path.partition("/") if not dot else (bucket, "", path)
        if dot and not domain.endswith((".amazonaws.com", ".amazonaws.com.cn")):
            raise InvalidInputException(BAD_LOCATION)
    if not host:
        raise InvalidInputException(BAD_LOCATION)
    return Location(host, path)


def keys(store: Store, location: str, *, nested: bool = False) -> list[str]:
    """Return the keys of the objects at an S3 location: one object, or the objects directly in a folder.

    A path without a slash at the end denotes an object if that object exists, and otherwise a folder.

    Args:
        store: The resources of one account and region.
        location: The S3 location.
        nested: Whether to include the subfolders of a folder. If True, only keys that end with `.csv` are returned.

    Raises:
        InvalidInputException: The bucket does not exist, or there are no objects at the location.
    """
    parsed = parse(location)
    existing = store.objects.keys(parsed.bucket, parsed.key)
    if existing is None:
        raise no_access(parsed.bucket)
    folder = parsed.key if parsed.key.endswith("/") or not parsed.key else f"{parsed.key}/"
    if parsed.key in existing and parsed.key != folder:
        return [parsed.key]
    selected = _nested(existing, folder) if nested else _first_level(existing, folder)
    if not selected:
        raise InvalidInputException(NO_OBJECTS.format(location=location))
    return selected


def check_access(
    store: Store,
    role_arn: str | None,
    location: str,
    *,
    source: str,
    write: bool = False,
    list_bucket: bool = True,
    list_keys: Callable[[Store, str], list[str]] | None = None,
) -> None:
    """Check that the role and the bucket policy give the service access to an S3 location.

    Reading requires s3:ListBucket on the bucket and s3:GetObject on the objects. Writing requires s3:PutObject on the
    objects and s3:ListBucket, except that reports of metric attributions require only s3:PutObject. Access is checked
    only if the mock's option `check_permissions` is True.

    Args:
        store: The resources of the caller's account and region.
        role_arn: The ARN of the role that the service assumes.
        location: The objects to read, or the folder to write to.
        source: The ARN of the resource that needs access. The resource does not need to exist yet.
        write: Whether to write to the location instead of reading it.
        list_bucket: Whether s3:ListBucket is required.
        list_keys: Function that returns the keys of the objects to read or write. By default, these are the existing
            objects when reading, and a test object in the folder when writing.

    Raises:
        InvalidInputException: Access is denied, or there are no objects to read.
        PersonalizeMockError: Access depends on a policy element that the mock does not support.
    """
    if not store.options.check_permissions:
        return
    parsed = parse(location)
    if role_arn is None:
        raise no_access(parsed.bucket, "The request has no role.")
    if store.objects.keys(parsed.bucket, parsed.key) is None:
        raise no_access(parsed.bucket)
    access = BucketAccess(store, role_arn, parsed.bucket, source=source)
    prefix = parsed.key if list_bucket else None
    _raise_if_denied(access.denied_by({}, prefix=prefix), parsed.bucket)
    if list_keys is None:
        list_keys = _test_keys if write else keys
    action = "s3:PutObject" if write else "s3:GetObject"
    _raise_if_denied(access.denied_by({action: list_keys(store, location)}, prefix=prefix), parsed.bucket)


def recheck_access(store: Store, role_arn: str | None, location: str, *, source: str, **options: Any) -> None:
    """Check access again while a job runs, since policies may have changed after the job was created.

    Args:
        store: The resources of the caller's account and region.
        role_arn: The ARN of the role that the service assumes.
        location: The objects to read, or the folder to write to.
        source: The ARN of the job.
        options: Keyword arguments that are passed on to `check_access`.

    Raises:
        JobFailed: Access is denied, or there are no objects to read.
    """
    try:
        check_access(store, role_arn, location, source=source, **options)
    except (InvalidInputException, PersonalizeMockError) as error:
        raise JobFailed(str(error)) from None


def read(store: Store, location: str) -> dict[str, bytes]:
    """Read all objects at an S3 location, and return their contents by object URI, sorted by key."""
    bucket = parse(location).bucket
    return {f"s3://{bucket}/{key}": store.objects.read(bucket, key) or b"" for key in keys(store, location)}


def read_start(store: Store, location: str, size: int) -> tuple[str, bytes]:
    """Return the URI of the first object at an S3 location, and the first lines of the object.

    Args:
        store: The resources of one account and region.
        location: The S3 location.
        size: The number of bytes to read. An incomplete line at the end is left out. If the first line is longer than
            this, the whole object is returned.
    """
    bucket, key = parse(location).bucket, keys(store, location)[0]
    content = store.objects.read_start(bucket, key, size) or b""
    if len(content) == size:
        complete = content[: max(content.rfind(b"\n"), content.rfind(b"\r")) + 1]
        content = complete or store.objects.read(bucket, key) or b""
    return f"s3://{bucket}/{key}", content


def check_writable(store: Store, location: str) -> None:
    """Check that the bucket of an S3 location exists, or raise InvalidInputException."""
    parsed = parse(location)
    if store.objects.keys(parsed.bucket, parsed.key) is None:
        raise no_access(parsed.bucket)


def _nested(existing: list[str], folder: str) -> list[str]:
    return [key for key in existing if key.startswith(folder) and key.casefold().endswith(".csv")]


def _first_level(existing: list[str], folder: str) -> list[str]:
    inside = (key for key in existing if key.startswith(folder) and key != folder)
    return [key for key in inside if "/" not in key.removeprefix(folder)]


def no_access(bucket: str, cause: str | None = None) -> InvalidInputException:
    """Return, without raising it, the error for data that the service cannot access, and log the cause.

    The error has the message of the service, which does not mention the cause.

    Args:
        bucket: The name of the bucket.
        cause: The cause, such as a missing permission, or None if the bucket does not exist.
    """
    logger.debug(
        "No access to the bucket %r: %s", bucket, cause or f"There is no bucket named {bucket!r} in moto's S3."
    )
    return InvalidInputException(NO_ACCESS)


def _raise_if_denied(denied_by: str | None, bucket: str) -> None:
    if denied_by == "role":
        raise no_access(bucket, "The role does not exist, or its policies do not allow it.")
    if denied_by == "bucket":
        raise InvalidInputException(BUCKET_DENIES.format(bucket=bucket))


def _test_keys(_: Store, location: str) -> list[str]:
    """Return the key of the object `_CHECK` in a folder, as the only element of a list.

    Batch jobs write an empty object with this key to test whether they can write to the folder.
    """
    return [parse(location).child("_CHECK").key]

"""Where data lies: S3 locations and the roles that may read them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from personalize_mock.exceptions import PersonalizeMockError
from personalize_mock.resources.core.lifecycle import JobFailed
from personalize_mock.resources.permissions import Access
from personalize_mock.simulation import Store
from personalize_mock.wire.errors import AccessDeniedException, InvalidInputException

# Recorded.
CROSS_ACCOUNT = "Cross-account pass role is not allowed."
NO_ACCESS = (
    "Insufficient privileges for accessing data in S3. Please look at "
    "https://docs.aws.amazon.com/personalize/latest/dg/granting-personalize-s3-access.html and ensure your role is "
    "configured correctly."
)
BUCKET_REFUSES = (
    "Insufficient privileges for accessing data in S3. Please look at "
    "https://docs.aws.amazon.com/personalize/latest/dg/granting-personalize-s3-access.html#attach-bucket-policy and "
    "fix bucket policy on {bucket}."
)
# Documented.
BAD_LOCATION = "Invalid Data location."
# A sibling service's text; that of Personalize is not known.
NO_OBJECTS = "No objects found in s3 path {location}, please ensure the path is specified correctly."


@dataclass(frozen=True, slots=True)
class Location:
    """A bucket and a key or folder in it."""

    bucket: str
    key: str

    def inside(self, *names: str) -> "Location":
        """The place of those names in this folder, whether or not its own ends in a slash."""
        return Location(self.bucket, "/".join((*filter(None, [self.key.removesuffix("/")]), *names)))


def check_role(store: Store, role_arn: str | None) -> None:
    """Refuses a role of another account.

    Raises:
        AccessDeniedException: it is one.
    """
    if role_arn is not None and role_arn.split(":")[4] != store.account:
        raise AccessDeniedException(CROSS_ACCOUNT)


def parse(location: str) -> Location:
    """`s3://bucket/key`, or S3's two kinds of web address, taken apart.

    Raises:
        InvalidInputException: it is none of these.
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
    """The objects of a location: one, or the first level of a folder.

    A path without a slash at its end is an object, or else a folder.

    Args:
        store: the account and region.
        location: where they are.
        nested: whether objects of sub-folders belong to a folder too, and only those whose names end in `.csv`.

    Raises:
        InvalidInputException: no such bucket, or nothing in it there.
    """
    place = parse(location)
    found = store.objects.keys(place.bucket, place.key)
    if found is None:
        raise InvalidInputException(NO_ACCESS)
    folder = place.key if place.key.endswith("/") or not place.key else f"{place.key}/"
    inside = _nested if nested else _first_level
    chosen = [place.key] if place.key in found and place.key != folder else inside(found, folder)
    if not chosen:
        raise InvalidInputException(NO_OBJECTS.format(location=location))
    return chosen


def check_access(
    store: Store,
    role_arn: str | None,
    location: str,
    *,
    source: str,
    write: bool = False,
    listed: bool = True,
    choose: Callable[[Store, str], list[str]] = keys,
) -> None:
    """Refuses a location that the role or the bucket does not let the service use, if the mock checks permissions.

    Reading takes s3:ListBucket on the bucket and s3:GetObject on the objects; writing takes s3:PutObject on what is in
    the folder and, but for reports of metric attributions, s3:ListBucket.

    Args:
        store: the account and region that asks.
        role_arn: the role that the service is given.
        location: what is read, or the folder that is written to.
        source: the ARN of the resource for which it is, whether or not it exists yet.
        write: whether it is written to.
        listed: whether the bucket is listed too.
        choose: finds the objects that are read.

    Raises:
        InvalidInputException: it is refused, or nothing is there to be read.
        PersonalizeMockError: that depends on a part of a policy that we do not understand.
    """
    if not store.options.check_permissions:
        return
    place = parse(location)
    if role_arn is None or store.objects.keys(place.bucket, place.key) is None:
        raise InvalidInputException(NO_ACCESS)
    access = Access(store, role_arn, place.bucket, source=source)
    prefix = place.key if listed else None
    _raise(access.refusing({}, prefix=prefix), place.bucket)
    needed = {"s3:PutObject": [_tried(place.key)]} if write else {"s3:GetObject": choose(store, location)}
    _raise(access.refusing(needed, prefix=prefix), place.bucket)


def recheck_access(store: Store, role_arn: str | None, location: str, *, source: str, **how: Any) -> None:
    """`check_access` for a job that runs: policies may be others than when it was made.

    Raises:
        JobFailed: the location is refused by now.
    """
    try:
        check_access(store, role_arn, location, source=source, **how)
    except (InvalidInputException, PersonalizeMockError) as refusal:
        raise JobFailed(str(refusal)) from None


def read(store: Store, location: str) -> list[bytes]:
    """The contents of a location's objects, in order of their keys.

    Raises:
        InvalidInputException: as `keys`.
    """
    bucket = parse(location).bucket
    return [store.objects.read(bucket, key) or b"" for key in keys(store, location)]


def check_writable(store: Store, location: str) -> None:
    """Refuses a location that nothing can be written to.

    Raises:
        InvalidInputException: no such bucket.
    """
    place = parse(location)
    if store.objects.keys(place.bucket, place.key) is None:
        raise InvalidInputException(NO_ACCESS)


def _nested(keys_: list[str], folder: str) -> list[str]:
    return [key for key in keys_ if key.startswith(folder) and key.casefold().endswith(".csv")]


def _first_level(keys_: list[str], folder: str) -> list[str]:
    inside = (key for key in keys_ if key.startswith(folder) and key != folder)
    return [key for key in inside if "/" not in key.removeprefix(folder)]


def _raise(refusing: str | None, bucket: str) -> None:
    if refusing == "role":
        raise InvalidInputException(NO_ACCESS)
    if refusing == "bucket":
        raise InvalidInputException(BUCKET_REFUSES.format(bucket=bucket))


def _tried(folder: str) -> str:
    """An object whose writing stands for all in a folder; batch jobs of the service leave one of that name."""
    return f"{folder}_CHECK" if folder.endswith("/") or not folder else f"{folder}/_CHECK"

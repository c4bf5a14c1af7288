"""Where data lies: S3 locations and the roles that may read them."""

from dataclasses import dataclass
from urllib.parse import unquote

from personalize_mock.simulation import Store
from personalize_mock.wire.errors import AccessDeniedException, InvalidInputException

# Recorded.
CROSS_ACCOUNT = "Cross-account pass role is not allowed."
NO_ACCESS = (
    "Insufficient privileges for accessing data in S3. Please look at "
    "https://docs.aws.amazon.com/personalize/latest/dg/granting-personalize-s3-access.html and ensure your role is "
    "configured correctly."
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


def keys(store: Store, location: str) -> list[str]:
    """The objects of a location: one, or the first level of a folder.

    A path without a slash at its end is an object, or else a folder.

    Raises:
        InvalidInputException: no such bucket, or nothing in it there.
    """
    place = parse(location)
    found = store.objects.keys(place.bucket, place.key)
    if found is None:
        raise InvalidInputException(NO_ACCESS)
    folder = place.key if place.key.endswith("/") or not place.key else f"{place.key}/"
    chosen = [place.key] if place.key in found and place.key != folder else _first_level(found, folder)
    if not chosen:
        raise InvalidInputException(NO_OBJECTS.format(location=location))
    return chosen


def read(store: Store, location: str) -> list[bytes]:
    """The contents of a location's objects, in order of their keys.

    Raises:
        InvalidInputException: as `keys`.
    """
    bucket = parse(location).bucket
    return [store.objects.read(bucket, key) or b"" for key in keys(store, location)]


def _first_level(keys_: list[str], folder: str) -> list[str]:
    inside = (key for key in keys_ if key.startswith(folder) and key != folder)
    return [key for key in inside if "/" not in key.removeprefix(folder)]

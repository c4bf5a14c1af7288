"""Objects of moto's S3, straight from its backend: a client of our own would cost more than most tests.

moto keeps a value in a buffer that goes to disk when it is large; here it is read and written in pieces, so that no
object has to fit into memory.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timezone
from shutil import copyfileobj
from tempfile import SpooledTemporaryFile
from typing import IO, Any, BinaryIO, TypeVar

PIECE = 1 << 20

T = TypeVar("T")


class S3:
    """The objects that an account sees, its own first.

    Args:
        account: the account.
    """

    def __init__(self, account: str) -> None:
        self._account = account

    def read(self, bucket: str, key: str) -> bytes | None:
        """The object, or None if there is none."""
        return self._taken(bucket, key, lambda value: bytes(value.value))

    def read_chunks(self, bucket: str, key: str) -> Iterator[bytes] | None:
        """The object piece by piece, or None if there is none."""
        copy = self._taken(bucket, key, _copied)
        return None if copy is None else _pieces(copy)

    def keys(self, bucket: str, prefix: str) -> list[str] | None:
        """The keys under a prefix in order, or None if there is no such bucket."""
        found = self._bucket(bucket)
        if found is None:
            return None
        objects = found.keys  # moto's dictionary iterates over something else than its values
        keys = [*objects]  # at once, because other threads may put and delete meanwhile
        return sorted(key for key in keys if key.startswith(prefix) and _is_there(objects.get(key)))

    def write(self, bucket: str, key: str, content: BinaryIO, *, at: float, kms_key: str | None = None) -> bool:
        """Makes an object of a file, from where it stands; see `simulation.Objects`."""
        from moto.s3.notifications import S3NotificationEvent
        from moto.s3.notifications import send_event as notify

        backend = self._backend(bucket)
        if backend is None:
            return False
        encryption = {} if kms_key is None else {"encryption": "aws:kms", "kms_key_id": kms_key}
        with _unnoticed(backend.buckets[bucket]):
            made = backend.put_object(bucket, key, b"", **encryption)
        made.last_modified = datetime.fromtimestamp(at, tz=timezone.utc).replace(tzinfo=None)  # moto's are naive
        with made.lock:
            copyfileobj(content, made._value_buffer, PIECE)  # noqa: SLF001  # moto takes whole values only
            made.contentsize = made._value_buffer.tell()  # noqa: SLF001
        notify(backend.account_id, S3NotificationEvent.OBJECT_CREATED_PUT_EVENT, backend.buckets[bucket], made)
        return True

    def policy(self, bucket: str) -> str | None:
        """The bucket's policy as JSON, or None."""
        held = self._bucket(bucket)
        found = None if held is None else held.policy
        return found.decode() if isinstance(found, bytes) else found

    def _taken(self, bucket: str, key: str, take: Callable[[Any], T]) -> T | None:
        """What is taken of an object, or of the one that another thread has put in its place meanwhile."""
        value, before = self._object(bucket, key), None
        while value is not None and value is not before:
            with suppress(ValueError):  # moto closes the buffer of what is replaced
                return take(value)
            value, before = self._object(bucket, key), value
        return None

    def _object(self, bucket: str, key: str) -> Any:
        held = self._bucket(bucket)
        value = None if held is None else held.keys.get(key)
        return value if _is_there(value) else None

    def _bucket(self, name: str) -> Any:
        backend = self._backend(name)
        return None if backend is None else backend.buckets.get(name)

    def _backend(self, bucket: str) -> Any:
        from moto.s3.models import s3_backends

        accounts = [s3_backends[self._account], *s3_backends.values()]
        backends = [backend for account in accounts for backend in list(account.values())]
        return next((backend for backend in backends if bucket in backend.buckets), None)


@contextmanager
def _unnoticed(bucket: Any) -> Iterator[None]:
    """Nobody is notified of what happens in a bucket, such as of an object whose content is yet to come."""
    configuration, bucket.notification_configuration = bucket.notification_configuration, None
    try:
        yield
    finally:
        bucket.notification_configuration = configuration


def _is_there(value: Any) -> bool:
    """Whether it is an object rather than the mark that a versioned bucket keeps of a deleted one."""
    return hasattr(type(value), "value")  # of the object itself, it would be read


def _copied(value: Any) -> IO[bytes]:
    """A copy of a value, which others may replace while it is read; on disk if it is large."""
    copy: IO[bytes] = SpooledTemporaryFile(PIECE)  # noqa: SIM115  # `_pieces` closes it
    with value.lock:
        value._value_buffer.seek(0)  # noqa: SLF001
        copyfileobj(value._value_buffer, copy, PIECE)  # noqa: SLF001
    copy.seek(0)
    return copy


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        yield from iter(lambda: file.read(PIECE), b"")

"""Access to the objects in moto's S3 backend without a boto3 client, whose creation takes longer than most tests.

moto keeps the content of an object in a buffer that moves to disk when it is large. Large contents are read and written
in chunks, so that they need not fit into memory.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timezone
from shutil import copyfileobj
from tempfile import SpooledTemporaryFile
from typing import IO, Any, BinaryIO, TypeVar

CHUNK = 1 << 20  # bytes

T = TypeVar("T")


class S3:
    """The S3 objects that an account can see in the buckets of all accounts.

    Args:
        account: Id of the AWS account. Its own buckets are searched first.
    """

    def __init__(self, account: str) -> None:
        self._account = account

    def read(self, bucket: str, key: str) -> bytes | None:
        """Return the content of an object, or None if the object does not exist."""
        return self._read_object(bucket, key, lambda fake_key: bytes(fake_key.value))

    def read_start(self, bucket: str, key: str, size: int) -> bytes | None:
        """Return the first `size` bytes of an object, or None if the object does not exist."""
        return self._read_object(bucket, key, lambda fake_key: _start(fake_key, size))

    def read_chunks(self, bucket: str, key: str) -> Iterator[bytes] | None:
        """Return an iterator over the content of an object in chunks, or None if the object does not exist."""
        copy = self._read_object(bucket, key, _copy)
        return None if copy is None else _chunks(copy)

    def keys(self, bucket: str, prefix: str) -> list[str] | None:
        """Return the sorted object keys in a bucket that start with a prefix, or None if the bucket does not exist."""
        fake_bucket = self._bucket(bucket)
        if fake_bucket is None:
            return None
        objects = fake_bucket.keys  # iterating over the values of this dictionary of moto gives something else
        keys = [*objects]  # a copy, because other threads may put and delete objects meanwhile
        return sorted(key for key in keys if key.startswith(prefix) and _is_object(objects.get(key)))

    def write(self, bucket: str, key: str, content: BinaryIO, *, at: float, kms_key: str | None = None) -> bool:
        """Put an object and send the bucket's event notifications.

        Args:
            bucket: Name of the bucket.
            key: Key of the object.
            content: Binary file, read from its current position.
            at: Modification time of the object, in epoch seconds.
            kms_key: ARN of the KMS key that encrypts the object, or None.

        Returns:
            False if the bucket does not exist, otherwise True.
        """
        from moto.s3.notifications import S3NotificationEvent
        from moto.s3.notifications import send_event as notify

        backend = self._backend(bucket)
        if backend is None:
            return False
        encryption = {} if kms_key is None else {"encryption": "aws:kms", "kms_key_id": kms_key}
        with _without_notifications(backend.buckets[bucket]):
            fake_key = backend.put_object(bucket, key, b"", **encryption)
        fake_key.last_modified = datetime.fromtimestamp(at, tz=timezone.utc).replace(tzinfo=None)  # moto's are naive
        with fake_key.lock:
            copyfileobj(content, fake_key._value_buffer, CHUNK)  # noqa: SLF001  # `put_object` takes no files
            fake_key.contentsize = fake_key._value_buffer.tell()  # noqa: SLF001
        notify(backend.account_id, S3NotificationEvent.OBJECT_CREATED_PUT_EVENT, backend.buckets[bucket], fake_key)
        return True

    def create_bucket(self, bucket: str, region: str, partition: str) -> None:
        """Create a bucket that belongs to the account that was given to the constructor.

        Args:
            bucket: Name of the bucket, which must not exist.
            region: The region of the bucket.
            partition: The partition of the region, such as "aws".
        """
        from moto.s3.models import s3_backends

        backends = s3_backends[self._account]
        known = partition if partition in backends.regions else backends.regions[-1]  # "global" in moto 5.0.0
        backends[known].create_bucket(bucket, region)

    def delete_bucket(self, bucket: str) -> None:
        """Delete a bucket, if it exists and is empty."""
        backend = self._backend(bucket)
        if backend is not None:
            backend.delete_bucket(bucket)

    def delete(self, bucket: str, key: str) -> None:
        """Delete an object, if it exists."""
        if self._object(bucket, key) is not None:
            self._backend(bucket).delete_object(bucket, key)

    def policy(self, bucket: str) -> str | None:
        """Return the policy of a bucket as JSON text, or None if there is no policy or no bucket."""
        fake_bucket = self._bucket(bucket)
        policy = None if fake_bucket is None else fake_bucket.policy
        return policy.decode() if isinstance(policy, bytes) else policy

    def _read_object(self, bucket: str, key: str, read: Callable[[Any], T]) -> T | None:
        """Call `read` with moto's object for a key and return the result, or None if the object does not exist.

        If another thread replaces the object meanwhile, call `read` again with the new object.
        """
        current, previous = self._object(bucket, key), None
        while current is not None and current is not previous:
            with suppress(ValueError):  # moto closes the buffer of a replaced object
                return read(current)
            current, previous = self._object(bucket, key), current
        return None

    def _object(self, bucket: str, key: str) -> Any:
        fake_bucket = self._bucket(bucket)
        fake_key = None if fake_bucket is None else fake_bucket.keys.get(key)
        return fake_key if _is_object(fake_key) else None

    def _bucket(self, name: str) -> Any:
        backend = self._backend(name)
        return None if backend is None else backend.buckets.get(name)

    def _backend(self, bucket: str) -> Any:
        from moto.s3.models import s3_backends

        accounts = [s3_backends[self._account], *s3_backends.values()]
        backends = [backend for account in accounts for backend in list(account.values())]
        return next((backend for backend in backends if bucket in backend.buckets), None)


@contextmanager
def _without_notifications(bucket: Any) -> Iterator[None]:
    """Send no event notifications for a bucket within the `with` block.

    `S3.write` creates objects in such a block, because a notification must not be sent before the content is written.
    """
    configuration, bucket.notification_configuration = bucket.notification_configuration, None
    try:
        yield
    finally:
        bucket.notification_configuration = configuration


def _is_object(fake_key: Any) -> bool:
    """Return whether moto's entry for a key is an object. In a versioned bucket it may be a delete marker."""
    return hasattr(type(fake_key), "value")  # `hasattr(fake_key, ...)` would read the content


def _start(fake_key: Any, size: int) -> bytes:
    with fake_key.lock:
        fake_key._value_buffer.seek(0)  # noqa: SLF001  # `value` would read all of it
        return bytes(fake_key._value_buffer.read(size))  # noqa: SLF001


def _copy(fake_key: Any) -> IO[bytes]:
    """Return a file with a copy of the content of moto's object `fake_key`. A large copy is stored on disk.

    The copy is needed because other threads may replace the object while it is read.
    """
    copy: IO[bytes] = SpooledTemporaryFile(CHUNK)  # noqa: SIM115  # `_chunks` closes it
    with fake_key.lock:
        fake_key._value_buffer.seek(0)  # noqa: SLF001
        copyfileobj(fake_key._value_buffer, copy, CHUNK)  # noqa: SLF001
    copy.seek(0)
    return copy


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        yield from iter(lambda: file.read(CHUNK), b"")

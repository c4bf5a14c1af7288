"""Interface through which the simulation uses the other services that moto mocks: S3, IAM and the state manager."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol


class Objects(Protocol):
    """Access to the buckets and objects of S3 on behalf of one account in one region."""

    def read(self, bucket: str, key: str) -> bytes | None:
        """Return the content of an object, or None if the object does not exist."""

    def read_start(self, bucket: str, key: str, size: int) -> bytes | None:
        """Return the first `size` bytes of an object, or None if the object does not exist."""

    def read_chunks(self, bucket: str, key: str) -> Iterator[bytes] | None:
        """Return an iterator over an object's content in chunks, or None if the object does not exist."""

    def write(self, bucket: str, key: str, content: BinaryIO, *, at: float, kms_key: str | None = None) -> bool:
        """Write an object and return True, or return False if the bucket does not exist.

        Args:
            bucket: The bucket's name.
            key: The object's key.
            content: A binary file, which is read from its current position to its end.
            at: The object's modification time in epoch seconds.
            kms_key: The ARN of the KMS key that encrypts the object, or None.
        """

    def policy(self, bucket: str) -> str | None:
        """Return the policy of a bucket as JSON, or None if the bucket has no policy or does not exist."""

    def keys(self, bucket: str, prefix: str) -> list[str] | None:
        """Return the keys that start with a prefix, sorted, or None if the bucket does not exist."""

    def create_bucket(self, bucket: str, region: str, partition: str) -> None:
        """Create a bucket in a region of a partition such as "aws"."""

    def delete_bucket(self, bucket: str) -> None:
        """Delete a bucket, if it exists and is empty."""

    def delete(self, bucket: str, key: str) -> None:
        """Delete an object, if it exists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """The policies of an IAM role, as JSON documents.

    Attributes:
        trust: The trust policy.
        policies: The inline policies and the attached managed policies.
        boundary: The permissions boundary, or None if the role has none.
    """

    trust: str
    policies: tuple[str, ...]
    boundary: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The IAM user or role that has sent a request, and its policies as JSON documents.

    Attributes:
        arn: The ARN of the user, or of the session that has assumed the role.
        principal_arn: The ARN of the user or role.
        policies: The inline policies and the attached managed policies. Those of a user include the policies of its
            groups.
        boundary: The permissions boundary, or None if there is none.
    """

    arn: str
    principal_arn: str
    policies: tuple[str, ...]
    boundary: str | None = None


class Environment(Protocol):
    """Access to the parts of moto that the mock uses: S3, IAM and the state manager."""

    def objects(self, account: str, region: str) -> Objects:
        """Return access to S3 on behalf of an account in a region."""

    def role(self, arn: str) -> Role | None:
        """Return the IAM role with the given ARN, or None if it does not exist."""

    def caller(self, account: str) -> Caller | None:
        """Return the IAM user or role that has sent the current request, or None if its permissions are not checked.

        The result is also None if the caller is not known, or if the mock itself makes the call.

        Args:
            account: The id of the account that the request is for.
        """

    def transition(self, arn_type: str) -> Mapping[str, Any] | None:
        """Return the transition that is set in moto's state manager for a resource type, or None if none is set.

        A transition says when statuses change, such as `{"progression": "manual", "times": 3}`.

        Args:
            arn_type: The resource type as it is written in ARNs, such as "dataset-group".
        """

"""Classification of AWS services into those that clients call to set up Personalize, such as S3 and IAM, and others.

The kind of the service that was called last decides whether a sleep of the client takes real or only simulated time.
"""

import re
from collections.abc import Container

from personalize_mock.hooks import Service

# Services that a client calls before it first calls Personalize, and for which it then waits: S3, IAM, STS, the Systems
# Manager, CloudFormation and CloudWatch. Each is a part of a host name, before the domain of the partition.
_SET_UP = re.compile(r"https?://(?:[^/]*\.)?(s3|iam|sts|ssm|cloudformation|monitoring)[.-]")
# How requests to S3 say until when an object is locked: PutObjectRetention, and uploads.
_RETENTION = re.compile(r"[^?]*\?(?:.*&)?retention(?:[=&]|$)")
_RETENTION_HEADER = "x-amz-object-lock-retain-until-date"


class ServiceKinds:
    """Classifier of AWS services as "set-up" or "other", which remembers whether the client has locked objects in S3.

    S3 is of the kind "set-up" until a client locks an object for some time (S3 Object Lock). From then on, a sleep may
    wait for the end of the lock. moto measures this lock in real time, so S3 is then of the kind "other".
    """

    def __init__(self) -> None:
        self._locks_objects = False

    def kind_of(self, url: str, headers: Container[str]) -> Service:
        """Return the kind of the service that gets a request, "set-up" or "other".

        Services of the kind "set-up" are those that clients call to set up Personalize, such as S3 and IAM.

        Args:
            url: URL of the request, which must not be a URL of Personalize.
            headers: Headers of the request.
        """
        match = _SET_UP.match(url)
        if match is None:
            return "other"
        if match[1] != "s3":
            return "set-up"
        self._locks_objects |= _RETENTION_HEADER in headers or _RETENTION.match(url) is not None
        return "other" if self._locks_objects else "set-up"

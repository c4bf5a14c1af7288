"""Removal of secrets, account ids, and names of roles and keys from recorded calls.

The same value always gets the same placeholder, so it can still be recognised in different calls. Account ids are
replaced wherever they occur. Twelve digits count as an account id if an ARN contains them, or if they are part of a
name, an S3 location, a tag or a message. Ids of users and items stay as they are, because a replay needs them.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

REMOVED = "REMOVED"
NAMES = {"name", "jobName", "path", "dataLocation", "tagKey", "tagValue", "message", "failureReason"}

_ACCOUNT_IN_ARN = re.compile(r"arn:[\w-]+:[\w-]*:[\w-]*:(\d{12}):")
_ACCOUNT = re.compile(r"(?<!\d)\d{12}(?!\d)")
_NO_ACCOUNT = re.compile(r"0{8}\d{4}|123456789012|111122223333")  # placeholders, and examples of AWS and moto
_PRINCIPAL = re.compile(r"(arn:[\w-]+:(?:iam|sts)::\d{12}:)([a-z-]+)/([\w+=,.@/-]*[\w+=@/-])")
_KMS_KEY = re.compile(r"(arn:[\w-]+:kms:[\w-]*:\d{12}:)(key|alias)/([\w/-]+)")
_SECRETS = (
    re.compile(r"()(?<![A-Z0-9])A(?:3T[A-Z0-9]|BIA|CCA|GPA|IDA|IPA|KIA|NPA|NVA|PKA|ROA|SCA|SIA)[A-Z0-9]{16}(?![A-Z0-9])"),
    re.compile(r"()(?:IQoJb3JpZ2lu|F[Qw]oGZXIvYXdz)[\w+/=%-]+"),  # session tokens
    re.compile(r"(?i)((?:x-amz-(?:signature|credential|security-token)|awsaccesskeyid|signature|credential)=)[^&\s\"',]+"),
    re.compile(r"(?i)((?:x-amz-security-token|authorization) ?: ?)[^\n]+"),
)  # fmt: skip
_UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_SIGNATURE = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")


class Redactor:
    """Object that replaces private values in recorded calls, such as account ids, by placeholders.

    The same value gets the same placeholder in all calls that one object redacts.

    Args:
        replace: Further strings to replace, with their replacements.
    """

    def __init__(self, replace: Mapping[str, str] | None = None) -> None:
        self._replace = dict(replace or {})
        self._placeholders: dict[str, dict[str, str]] = defaultdict(dict)

    def redact(self, call: dict[str, Any]) -> dict[str, Any]:
        """Return a copy of a recorded call in which private values are removed or replaced by placeholders."""
        self._learn(call)
        redacted: dict[str, Any] = self._value(call, "")
        return redacted

    def redact_text(self, text: str) -> str:
        """Return a string, such as an error message, with private values removed or replaced by placeholders."""
        return str(self.redact({"message": text})["message"])

    def _learn(self, value: Any) -> None:
        """Choose placeholders for the account ids in ARNs and for the tracking ids that a JSON value contains."""
        if isinstance(value, dict):
            if isinstance(value.get("trackingId"), str):
                self._tracking_id(value["trackingId"])
            for part in value.values():
                self._learn(part)
        elif isinstance(value, list):
            for part in value:
                self._learn(part)
        elif isinstance(value, str) and "arn:" in value:
            for match in _ACCOUNT_IN_ARN.finditer(value):
                self._account(match[1])

    def _value(self, value: Any, member: str) -> Any:
        if isinstance(value, dict):
            return {key: self._value(part, key) for key, part in value.items()}
        if isinstance(value, list):
            return [self._value(part, member) for part in value]
        return self._text(value, member) if isinstance(value, str) else value

    def _text(self, text: str, member: str) -> str:
        if member == "trackingId":
            return self._tracking_id(text)
        for pattern in _SECRETS:
            text = pattern.sub(rf"\1{REMOVED}", text)
        if "arn:" in text:
            text = _PRINCIPAL.sub(self._principal, text)
            text = _KMS_KEY.sub(self._kms_key, text)
        known = self._placeholders["account"]
        is_name = member in NAMES or member == "accountId"
        text = _ACCOUNT.sub(lambda match: self._account(match[0]) if is_name or match[0] in known else match[0], text)
        if member == "message":
            text = self._message(text)
        for old, new in self._replace.items():
            text = text.replace(old, new)
        return text

    def _message(self, text: str) -> str:
        """Return an error message in which signatures are removed and known tracking ids are replaced.

        Only messages are treated in this way. In other members, a string that looks like a tracking id may be the id of
        a user or item.
        """
        for tracking_id, placeholder in self._placeholders["tracking"].items():
            text = text.replace(tracking_id, placeholder)
        return _SIGNATURE.sub(REMOVED, text)

    def _account(self, account: str) -> str:
        return account if _NO_ACCOUNT.fullmatch(account) else self._numbered("account", account, "{:012d}".format)

    def _tracking_id(self, tracking_id: str) -> str:
        if not _UUID.fullmatch(tracking_id):
            return tracking_id  # the service has not given it
        return self._numbered("tracking", tracking_id, "00000000-0000-4000-8000-{:012d}".format)

    def _principal(self, match: re.Match[str]) -> str:
        start, kind, name = match.groups()
        return f"{start}{kind}/{self._numbered(kind, name, f'{kind}-{{}}'.format)}"

    def _kms_key(self, match: re.Match[str]) -> str:
        start, kind, name = match.groups()
        pattern = "00000000-0000-0000-0000-{:012d}" if kind == "key" else "alias-{}"
        return f"{start}{kind}/{self._numbered(kind, name, pattern.format)}"

    def _numbered(self, kind: str, value: str, placeholder: Callable[[int], str]) -> str:
        known = self._placeholders[kind]
        if value in known.values():
            return value  # it has been redacted before
        return known.setdefault(value, placeholder(len(known) + 1))

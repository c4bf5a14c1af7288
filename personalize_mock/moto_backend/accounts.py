"""Lookup of the AWS account that a request belongs to. The rules are moto's, but the lookup is faster."""

import os
import re
import sys
from collections.abc import Mapping
from typing import Any

from moto.core import DEFAULT_ACCOUNT_ID

from personalize_mock.moto_backend import iam

_VARIABLE = "MOTO_ACCOUNT_ID"
_ENCODED_VARIABLE: Any = os.environ.encodekey(_VARIABLE)
_ACCESS_KEY = re.compile(r"(?<![A-Z0-9])[A-Z0-9]{20}(?=[:/])")


def account_of(headers: Mapping[str, Any], region: str) -> str:
    """Return the id of the AWS account that a request belongs to.

    The first of these that exists is used: the environment variable MOTO_ACCOUNT_ID, the header x-moto-account-id, the
    account that owns the access key in moto's IAM or STS, and moto's default account.

    Args:
        headers: Headers of the request.
        region: Region of the request. moto's IAM stores it as the region where the access key was last used.
    """
    if _is_in_environment():
        return os.environ[_VARIABLE]
    account = header(headers, "x-moto-account-id")
    if account is not None:
        return account
    if "moto.iam.models" not in sys.modules:
        return DEFAULT_ACCOUNT_ID  # without IAM there are no access keys of other accounts
    models = iam.models()
    accounts = list(models.iam_backends.values())
    owners = [backend for account in accounts for backend in list(account.values()) if backend.access_keys]
    key = access_key_of(headers) if owners else None
    owner = next((str(owner.account_id) for owner in owners if key in owner.access_keys), None)
    if owner is None:
        return DEFAULT_ACCOUNT_ID
    models.mark_account_as_visited(account_id=owner, access_key=key, service="personalize", region=region)
    return owner


def _is_in_environment() -> bool:
    """Return whether MOTO_ACCOUNT_ID is set, without the exception that `os.environ` raises and catches otherwise."""
    variables = getattr(os.environ, "_data", None)
    return _VARIABLE in os.environ if variables is None else _ENCODED_VARIABLE in variables


def header(headers: Mapping[str, Any], name: str) -> str | None:
    """Return the value of a header as text, or None if there is no such header.

    Bytes are decoded as UTF-8, and invalid bytes are replaced.
    """
    value = headers.get(name)
    return value.decode(errors="replace") if isinstance(value, bytes) else value


def access_key_of(headers: Mapping[str, Any]) -> str | None:
    """Return the access key that signed a request, or None if the request is not signed."""
    match = _ACCESS_KEY.search(header(headers, "Authorization") or "")
    return match[0] if match else None

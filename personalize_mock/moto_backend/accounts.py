"""AWS account of a request, found by moto's rules but faster."""

import os
import re
import sys
from collections.abc import Mapping
from typing import Any

from moto.core import DEFAULT_ACCOUNT_ID

from personalize_mock.moto_backend import iam

_ACCESS_KEY = re.compile(r"(?<![A-Z0-9])[A-Z0-9]{20}(?=[:/])")


def account_of(headers: Mapping[str, Any], region: str) -> str:
    """Return the account of a request.

    The first of these applies: the environment variable MOTO_ACCOUNT_ID, the header x-moto-account-id, the account of
    the access key in moto's IAM or STS, moto's default account. IAM shows `region` as the last use of the
    access key.
    """
    if "MOTO_ACCOUNT_ID" in os.environ:
        return os.environ["MOTO_ACCOUNT_ID"]
    if "x-moto-account-id" in headers:
        return str(header_text(headers["x-moto-account-id"]))
    if "moto.iam.models" not in sys.modules:
        return str(DEFAULT_ACCOUNT_ID)  # without IAM there are no access keys of other accounts
    match = _ACCESS_KEY.search(header_text(headers.get("Authorization")) or "")
    key = match[0] if match else "AKIAEXAMPLE"
    models = iam.models()
    account = str(models.get_account_id_from(key))
    models.mark_account_as_visited(account_id=account, access_key=key, service="personalize", region=region)
    return account


def header_text(value: Any) -> str | None:
    """Decode the value of a header; None stays None. Bytes that are not UTF-8 are replaced."""
    return value.decode(errors="replace") if isinstance(value, bytes) else value

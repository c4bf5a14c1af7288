"""Operations called without a client: the second transport beside HTTP."""

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from botocore.exceptions import ClientError

from personalize_mock.exceptions import PersonalizeMockError
from personalize_mock.simulation import Store
from personalize_mock.wire.dispatch import dispatch
from personalize_mock.wire.errors import ServiceError
from personalize_mock.wire.model import named
from personalize_mock.wire.shape import as_boto3_shows


def call(store: Store, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """Runs an operation and shows its response as boto3 does, without ResponseMetadata.

    Raises:
        ClientError: the service refuses.
        PersonalizeMockError: there is no such operation, or it has no such member.
    """
    asked = named(operation)
    if asked is None:
        raise PersonalizeMockError(
            f"Amazon Personalize has no operation {operation!r}. Write its name in the API, such as 'CreateSchema'."
        )
    unknown = sorted(params.keys() - asked.input.members.keys())
    if unknown:
        known = ", ".join(asked.input.members) or "none"
        raise PersonalizeMockError(f"{operation} has no member {unknown[0]!r}; it has {known}.")
    try:
        return as_boto3_shows(asked.output, dispatch(store, asked, _plain(params)))
    except RecursionError:
        raise PersonalizeMockError(f"The parameters of {operation} are nested too deeply to be sent.") from None
    except ServiceError as error:
        raise ClientError({"Error": {"Code": error.code, "Message": str(error)}}, operation) from None


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, datetime):
        return value.replace(tzinfo=value.tzinfo or timezone.utc).timestamp()
    return value

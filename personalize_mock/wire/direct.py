"""Direct calls to the service's operations, without HTTP and a boto3 client, for `MockPersonalize.call`."""

import re
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from botocore.exceptions import ClientError
from botocore.model import ListShape, Shape, StructureShape

from personalize_mock.exceptions import PersonalizeMockError, did_you_mean
from personalize_mock.simulation import Store
from personalize_mock.wire.dispatch import dispatch
from personalize_mock.wire.errors import ServiceError
from personalize_mock.wire.model import Operation, operation_by_name, operations
from personalize_mock.wire.output import as_boto3_returns


def call(store: Store, name: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """Call an operation without HTTP and return its response as boto3 would, but without ResponseMetadata.

    Args:
        store: Store with the resources of the account and region in which the operation runs.
        name: Name of the operation in the API, such as "CreateSchema".
        params: Members of the request by their names in the API, with the types that boto3 accepts.

    Raises:
        ClientError: The operation returns an error.
        PersonalizeMockError: The operation or a member does not exist, or `params` is nested too deeply.
    """
    operation = named_operation(name)
    try:
        return as_boto3_returns(operation.output, call_with_json(store, name, as_json(params)))
    except RecursionError:
        raise PersonalizeMockError(f"The parameters of {name} are nested too deeply. Use fewer levels.") from None


def call_with_json(store: Store, name: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """Call an operation without HTTP, with JSON types for the members of both the request and the response.

    Args:
        store: Store with the resources of the account and region in which the operation runs.
        name: Name of the operation in the API, such as "CreateSchema".
        params: Members of the request by their names in the API, as JSON types.

    Raises:
        ClientError: The operation returns an error.
        PersonalizeMockError: The operation or a member does not exist.
    """
    operation = named_operation(name)
    check_members(operation.input, params, where=name)
    try:
        return dispatch(store, operation, params)
    except ServiceError as error:
        raise ClientError({"Error": {"Code": error.code, "Message": str(error)}}, name) from None


def check_caller(account: object, region: object) -> None:
    """Check that the account id and the region name of a call are well-formed.

    Raises:
        PersonalizeMockError: `account` is not a string of twelve digits, or `region` is not the name of a
            region, such as "us-east-1".
    """
    if not isinstance(account, str) or not re.fullmatch("[0-9]{12}", account):
        raise PersonalizeMockError(
            f"account={account!r}: an account is a string of twelve digits. Write account='123456789012', for example."
        )
    if not isinstance(region, str) or not re.fullmatch("[a-z]+(-[a-z0-9]+)+", region):
        raise PersonalizeMockError(
            f"region={region!r}: a region is a string such as 'us-east-1'. Write region='us-east-1', for example."
        )


def named_operation(name: object) -> Operation:
    """Return the operation with the given name in the API, such as "CreateSchema".

    Raises:
        PersonalizeMockError: There is no such operation.
    """
    operation = operation_by_name(name) if isinstance(name, str) else None
    if operation is None:
        names = [operation.name for operation in operations()]
        hint = did_you_mean(name, names, command="Run 'python -m personalize_mock coverage' to list all operations.")
        raise PersonalizeMockError(f"Amazon Personalize has no operation {name!r}. {hint}")
    return operation


def check_members(shape: Shape, value: Any, *, where: str) -> None:
    """Check that a request value has only members that its shape defines, in nested structures too.

    Args:
        shape: The shape of the value.
        value: The value, with the types that boto3 accepts. Values of other types are left to the service's checks.
        where: The operation and the path of the value, such as "CreateSchema.tags[0]", for the error message.

    Raises:
        PersonalizeMockError: The value has a member that its shape does not define.
    """
    if isinstance(shape, ListShape) and isinstance(value, (list, tuple)):
        for position, element in enumerate(value):
            check_members(shape.member, element, where=f"{where}[{position}]")
    if not isinstance(shape, StructureShape) or not isinstance(value, Mapping):
        return
    for name, member in sorted(value.items(), key=str):
        if name not in shape.members:
            hint = did_you_mean(name, shape.members) if shape.members else "It has no members."
            raise PersonalizeMockError(f"{where} has no member {name!r}. {hint}")
        check_members(shape.members[name], member, where=f"{where}.{name}")


def as_json(value: Any) -> Any:
    """Convert a value of a request that boto3 accepts to JSON types.

    Datetimes become epoch seconds. Naive datetimes are taken to be in UTC.
    """
    if isinstance(value, Mapping):
        return {key: as_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_json(item) for item in value]
    if isinstance(value, datetime):
        return value.replace(tzinfo=value.tzinfo or timezone.utc).timestamp()
    return value

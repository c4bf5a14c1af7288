"""Responses that a rule declares, checked against the output shape of their operation."""

from collections.abc import Mapping
from typing import Any

from botocore.model import Shape

from personalize_mock.exceptions import PersonalizeMockError
from personalize_mock.rules.outcomes import Returns
from personalize_mock.rules.values import check_names, to_json
from personalize_mock.wire.errors import SerializationException
from personalize_mock.wire.model import Operation
from personalize_mock.wire.validate import violations_of


def returned(operation: Operation, response: Any, *, where: str) -> Returns:
    """Return the outcome that answers a call with a given response.

    Args:
        operation: The operation to answer.
        response: Members of the response, typed as in boto3. ResponseMetadata is ignored.
        where: The declaration of the rule as text, which begins the error message.

    Raises:
        PersonalizeMockError: The response of the operation cannot have such a member or value.
    """
    if not isinstance(response, Mapping):
        raise PersonalizeMockError(
            f"{where}: a response must be a dictionary, not {response!r}. Write .returns({{}}) for an empty response."
        )
    members = {name: value for name, value in response.items() if name != "ResponseMetadata"}
    if operation.output is None:
        check_names(members, {}, where=where)
        return Returns({})
    body = to_json(operation.output, members, where=where)
    check_constraints(operation.output, body, where=where)
    return Returns(body)


def check_constraints(shape: Shape, value: Any, *, where: str, path: str = "") -> None:
    """Check a part of a response against the constraints of the service model, such as the length of a string.

    Args:
        shape: The shape of the value.
        value: The value to check, as JSON types.
        where: The declaration of the rule as text, which begins the error message.
        path: The path of the value in the response, such as `itemList`, or an empty string for the whole response.

    Raises:
        PersonalizeMockError: The value violates a constraint.
    """
    try:
        violations = violations_of(shape, value, path)
    except SerializationException as error:
        violations = [str(error).removesuffix(".")]
    if violations:
        raise PersonalizeMockError(f"{where}: the service never returns such a response. {'; '.join(violations)}.")

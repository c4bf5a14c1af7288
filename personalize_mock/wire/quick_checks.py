"""Quick check that accepts most valid requests in a few steps, before the module `validate` checks the others."""

import sys
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from typing import Any

from botocore.model import Shape

from personalize_mock.wire.model import Operation
from personalize_mock.wire.validate import constraints_of

LONGEST_REMEMBERED = 256  # characters; the longest ARN and the longest id of a user or item
REMEMBERED = 128  # values of one shape, because clients repeat ARNs

_Check = tuple[type, int, Callable[[Any], bool]]  # type and greatest length of valid values, and the rest of the check
_KINDS: Mapping[str, type] = {"string": str, "integer": int}


def is_surely_valid(operation: Operation, params: Mapping[str, Any]) -> bool:
    """Return True only if `validate` would accept a request. If this function returns False, ask `validate`.

    Requests with lists, maps, structures, nulls or unknown members are left to `validate`.

    Args:
        operation: The requested operation.
        params: Request members by their names in the API.
    """
    checks, required = _checks(operation)
    for name, value in params.items():
        check = checks.get(name)
        if check is None:
            return False
        kind, longest, is_valid = check
        if type(value) is not kind or (isinstance(value, str) and len(value) > longest) or not is_valid(value):
            return False
    return params.keys() >= required


@cache
def _checks(operation: Operation) -> tuple[dict[str, _Check], frozenset[str]]:
    """Return the checks of the members of a request that are strings or integers, and the names of required members."""
    shape = operation.input
    checks = {
        name: (_KINDS[member.type_name], member.metadata.get("max", sys.maxsize), _check(member))
        for name, member in shape.members.items()
        if member.type_name in _KINDS
    }
    return checks, frozenset(shape.required_members)


@cache
def _check(shape: Shape) -> Callable[[Any], bool]:
    """Return a function that checks a value of the right type against a shape.

    It returns True only for valid values.
    """
    constraints, is_text = constraints_of(shape), shape.type_name == "string"

    def is_valid(value: Any) -> bool:
        if is_text and not value.isascii():
            return False
        for _, is_satisfied in constraints:  # noqa: SIM110  # a generator takes more time
            if not is_satisfied(value):
                return False
        return True

    is_short = shape.metadata.get("max", LONGEST_REMEMBERED + 1) <= LONGEST_REMEMBERED
    return lru_cache(REMEMBERED)(is_valid) if is_text and is_short else is_valid

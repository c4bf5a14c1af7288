"""Registry of the HTTP endpoints that control a mock in a server, and validation of requests to them.

Each endpoint is implemented by a function. Its first parameter is the simulation, and its keyword parameters are the
members of the JSON object in the request. A parameter in braces in the path, such as `{id}`, is a keyword parameter
too.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from inspect import Parameter, signature
from types import UnionType
from typing import Any, TypeAlias, TypeVar, Union, get_args, get_origin, get_type_hints

from personalize_mock.exceptions import PersonalizeMockError, did_you_mean

F = TypeVar("F", bound=Callable[..., Any])
JsonObject: TypeAlias = dict[str, Any]
Rows: TypeAlias = list[Any]
_NOUNS = {
    str: "a string",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    dict: "an object",
    list: "a list",
    type(None): "null",
}


@dataclass(frozen=True)
class Endpoint:
    """Control endpoint: a path and an HTTP method, with the function that answers requests to them.

    Attributes:
        method: "GET", "POST" or "DELETE".
        path: The path below `/moto-api/personalize`. `{id}` stands for the number of a rule or snapshot.
        answer: The function that answers a request. The body of the response is its result, encoded as JSON.
    """

    method: str
    path: str
    answer: Callable[..., Any]

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Pattern for the paths of requests to this endpoint, with a named group for each parameter in braces."""
        return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.path))

    @property
    def summary(self) -> str:
        """The first line of the docstring of the function that answers requests, shown in the list of endpoints."""
        return (self.answer.__doc__ or "").strip().partition("\n")[0]

    @property
    def members(self) -> list[str]:
        """Names of the members that the JSON object in a request can have. Parameters in the path are left out."""
        _, *names = signature(self.answer).parameters
        return [name for name in names if f"{{{name}}}" not in self.path]

    def checked(self, members: Mapping[str, Any]) -> dict[str, Any]:
        """Check the members of a request against the parameters of `answer`, and return a copy of the members.

        Args:
            members: The members of the JSON object in the request and the parameters in its path, by name.

        Raises:
            PersonalizeMockError: A member is unknown, missing or of the wrong type.
        """
        where = f"{self.method} {self.path}"
        _, *parameters = signature(self.answer).parameters.values()
        known = {parameter.name: parameter for parameter in parameters}
        hints = get_type_hints(self.answer)
        for name, value in members.items():
            if name not in known:
                hint = did_you_mean(name, known) if known else "This path takes no members."
                raise PersonalizeMockError(f"{where}: there is no member {name!r}. {hint}")
            check_type(value, hints[name], name, where)
        missing = [name for name in known if known[name].default is Parameter.empty and name not in members]
        if missing:
            raise PersonalizeMockError(f"{where}: the member {missing[0]!r} is missing. Add it to the JSON object.")
        return dict(members)


class Endpoints:
    """Registry of the HTTP endpoints that control a mock. Iteration yields them in the order of registration."""

    def __init__(self) -> None:
        self._endpoints: list[Endpoint] = []

    def __iter__(self) -> Iterator[Endpoint]:
        return iter(self._endpoints)

    def add(self, method: str, path: str) -> Callable[[F], F]:
        """Return a decorator that registers a function as the endpoint for an HTTP method and a path."""

        def register(function: F) -> F:
            self._endpoints.append(Endpoint(method, path, function))
            return function

        return register

    def at(self, path: str) -> dict[str, tuple[Endpoint, dict[str, str]]]:
        """Return the endpoints for the path of a request, by HTTP method.

        Each endpoint comes with the values of the parameters in the path, such as {"id": "1"} for "/rules/1". The
        result is empty if no endpoint has such a path.
        """
        matches = ((endpoint, endpoint.pattern.fullmatch(path)) for endpoint in self._endpoints)
        return {endpoint.method: (endpoint, match.groupdict()) for endpoint, match in matches if match}


def check_type(value: Any, hint: Any, name: str, where: str) -> None:
    """Check the type of a value in a JSON request.

    Args:
        value: The value to check.
        hint: The expected type, or a union of types.
        name: The name of the member, such as "rate", for the error message.
        where: The endpoint, such as "POST /clock", for the error message.

    Raises:
        PersonalizeMockError: The value has none of these types.
    """
    hints = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    types = [get_origin(each) or each for each in hints]
    if not any(_has_type(value, each) for each in types):
        nouns = " or ".join(_NOUNS[each] for each in types)
        raise PersonalizeMockError(f"{where}: the member {name!r} must be {nouns}, not {value!r}.")


def _has_type(value: Any, expected: type) -> bool:
    if isinstance(value, bool) or expected is bool:
        return expected is bool and isinstance(value, bool)
    return isinstance(value, (int, float) if expected is float else expected)


ENDPOINTS = Endpoints()

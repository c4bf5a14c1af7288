"""The options of a mock with their defaults, and the signature that shows them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from inspect import Parameter, Signature
from types import MappingProxyType
from typing import Any, Literal, TypeVar

from personalize_mock.timing.instants import Instant

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Options of a mock. `mock_personalize` documents them, and the module `options` validates them."""

    seed: int = 0
    strict: bool = True
    sleep: Literal["virtual", "real"] = "virtual"
    clock: Instant | None = None
    datetime: bool = False
    pending: Literal["refuse", "wait"] = "refuse"
    autojump: bool = True
    minimum_interactions: int = 1000
    durations: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    quotas: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    check_permissions: bool = False
    reuse: bool = True
    isolated: bool = False


def default_of(option: str) -> Any:
    """Return the default of an option."""
    default = getattr(Options(), option)
    return dict(default) if isinstance(default, Mapping) else default


def shows_options(function: F) -> F:
    """Let `help` and IPython show all options with their defaults, and `server`, in the signature of a function.

    The function itself takes `**options`. It can thus refuse unknown options with a hint, and knows which were given.
    """
    decorated = Parameter("decorated", Parameter.POSITIONAL_ONLY, default=None)
    options = [
        Parameter(each.name, Parameter.KEYWORD_ONLY, default=default_of(each.name), annotation=each.type)
        for each in fields(Options)
    ]
    server = Parameter("server", Parameter.KEYWORD_ONLY, default=None, annotation="str | None")
    function.__signature__ = Signature([decorated, *options, server])  # type: ignore[attr-defined]
    return function

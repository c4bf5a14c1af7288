"""The options of a mock with their defaults, and a signature for functions that take them."""

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
    """Return the default of the option with the given name. A mapping is returned as a new dictionary."""
    default = getattr(Options(), option)
    return dict(default) if isinstance(default, Mapping) else default


def shows_options(function: F) -> F:
    """Replace the signature that `help` and IPython show for a function that takes `**options`.

    The new signature lists each option with its default, and `server`. The function itself still takes `**options`, so
    it can refuse an unknown option with a hint, and it knows which options the caller has given.
    """
    decorated = Parameter("decorated", Parameter.POSITIONAL_ONLY, default=None)
    options = [
        Parameter(each.name, Parameter.KEYWORD_ONLY, default=default_of(each.name), annotation=each.type)
        for each in fields(Options)
    ]
    server = Parameter("server", Parameter.KEYWORD_ONLY, default=None, annotation="str | None")
    function.__signature__ = Signature([decorated, *options, server])  # type: ignore[attr-defined]
    return function

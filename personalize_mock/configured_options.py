"""Options for the fixtures of pytest, from pytest's configuration file and from environment variables.

The option `minimum_interactions` is `personalize_mock_minimum_interactions` in the configuration file, which takes
precedence, and `PERSONALIZE_MOCK_MINIMUM_INTERACTIONS` in the environment. Dictionaries are written as
`campaign=5, solution-version=10`, or with one entry per line.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from difflib import get_close_matches
from typing import Any

from personalize_mock.exceptions import PersonalizeMockError
from personalize_mock.option_defaults import Options, default_of

PREFIX = "personalize_mock_"
TRUTH = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
SIMILAR = 0.75  # from 0 to 1; environment variables that are this similar to one of ours are taken for misspellings


def ini_names() -> dict[str, str]:
    """Return the settings that pytest's configuration file can have for the mock: descriptions by name."""
    return {
        f"{PREFIX}{each.name}": f"Default of the option {each.name} of mock_personalize." for each in fields(Options)
    }


def configured_options(read_ini: Callable[[str], str], environment: Mapping[str, str]) -> dict[str, Any]:
    """Return the options that are set in pytest's configuration file or in the environment, by name.

    Args:
        read_ini: Function that returns a setting of the configuration file by name, or "" if it is not set.
        environment: The environment variables.

    Raises:
        PersonalizeMockError: A value is invalid, or the name of an environment variable contains a misspelt option.
    """
    _check_names(environment)
    options = {}
    for name in ini_names():
        option = name.removeprefix(PREFIX)
        for source, text in ((name, read_ini(name)), (name.upper(), environment.get(name.upper(), ""))):
            if text.strip() and option not in options:
                options[option] = _checked(option, text.strip(), source)
    return options


def _check_names(environment: Mapping[str, str]) -> None:
    known = [name.upper() for name in ini_names()]
    for name in environment:
        if name.startswith(PREFIX.upper()) and name not in known:
            option = name.removeprefix(PREFIX.upper()).lower()
            nearest = get_close_matches(option, [each.name for each in fields(Options)], n=1, cutoff=SIMILAR)
            if nearest:
                meant = f"{PREFIX}{nearest[0]}".upper()
                raise PersonalizeMockError(f"The environment variable {name} matches no option. Did you mean {meant}?")


def _checked(option: str, text: str, source: str) -> Any:
    from personalize_mock.options import parse

    try:
        value = option_value(default_of(option), text, source)
        parse({option: value})
    except PersonalizeMockError as error:
        where = "environment variable" if source.isupper() else "pytest's configuration file,"
        raise PersonalizeMockError(f"{where} {source}: {error}") from None
    return value


def option_value(default: Any, text: str, source: str) -> Any:
    """Convert the text of an option to the type of the option's default.

    Args:
        default: The default of the option. If it is None, the text of a number is converted to a number, and any other
            text is returned unchanged.
        text: The text to convert.
        source: The name under which the option was set, such as "PERSONALIZE_MOCK_SEED" or "--seed", for error
            messages.

    Raises:
        PersonalizeMockError: The text cannot be converted.
    """
    if isinstance(default, bool):
        return _converted(TRUTH.__getitem__, text.lower(), f"{source}=true")
    if isinstance(default, int):
        return _converted(int, text, f"{source}=1")
    if isinstance(default, dict):
        pairs = [_pair(entry, source) for entry in _entries(text)]
        return dict(pairs)
    return _number(text) if default is None and _is_number(text) else text


def _pair(entry: str, source: str) -> tuple[str, float]:
    name, separator, number = entry.rpartition("=")
    if not separator or not _is_number(number):
        raise PersonalizeMockError(
            f"The entry {entry!r} is not a pair of a name and a number. Write {source}=name=10, for example."
        )
    return name.strip(), _number(number)


def _converted(convert: Callable[[str], Any], text: str, example: str) -> Any:
    try:
        return convert(text)
    except (ValueError, KeyError):
        raise PersonalizeMockError(f"The value {text!r} has the wrong type. Write {example}, for example.") from None


def _entries(text: str) -> list[str]:
    return [entry.strip() for entry in re.split(r"[\n,]", text) if entry.strip()]


def _is_number(text: str) -> bool:
    return re.fullmatch(r"\s*[+-]?[0-9]+(\.[0-9]*)?\s*", text, flags=re.ASCII) is not None


def _number(text: str) -> float:
    return float(text) if "." in text else int(text)

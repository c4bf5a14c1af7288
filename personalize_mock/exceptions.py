"""Errors and warnings about the use of the mock. The errors of the mocked service are in `wire.errors`."""

from collections.abc import Iterable


class PersonalizeMockError(Exception):
    """Raised when the mock is used incorrectly, such as with an invalid option.

    The message says what to write instead.
    """


class UnusedRuleError(PersonalizeMockError, AssertionError):
    """Raised when a mock ends and one of its rules was never applied. It counts as a failed assertion of the test."""


class PersonalizeMockWarning(UserWarning):
    """Issued for a probable mistake, or when the mock leaves something out. The mock continues after the warning."""


def did_you_mean(name: object, known: Iterable[str], *, command: str = "") -> str:
    """Return a hint for an error message about an unknown name, such as "Did you mean 'seed'?".

    Args:
        name: The unknown name.
        known: The names that exist. If none of them is similar and `command` is empty, the hint lists them all.
        command: Sentence at the end of the hint that says how to list all names.
    """
    from difflib import get_close_matches  # imported here to keep `import personalize_mock` fast

    names = list(known)
    nearest = get_close_matches(str(name), names, n=1, cutoff=0.58)
    sentences = [f"Did you mean {nearest[0]!r}?"] if nearest else []
    if not nearest and not command:
        sentences = [f"Write one of {', '.join(map(repr, names))}."]
    return " ".join([*sentences, command]).rstrip()

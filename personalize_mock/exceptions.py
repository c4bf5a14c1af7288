"""Errors and warnings about the use of the mock itself. The service's errors are in `wire.errors`."""

from collections.abc import Iterable


class PersonalizeMockError(Exception):
    """The mock is used in a way that it does not support. The message says what to write instead."""


class PersonalizeMockWarning(UserWarning):
    """The mock continues, but not as the caller may expect. The message says what it left out."""


def did_you_mean(name: object, known: Iterable[str], *, command: str = "") -> str:
    """Return the end of an error message about an unknown name.

    Args:
        name: The unknown name.
        known: The names that exist.
        command: Sentence that says how to list all names. Without it, the result lists them if no name is similar.

    Returns:
        "Did you mean 'seed'?" if a known name is similar, followed by `command`.
    """
    from difflib import get_close_matches  # imported here to keep `import personalize_mock` fast

    names = list(known)
    nearest = get_close_matches(str(name), names, n=1, cutoff=0.58)
    sentences = [f"Did you mean {nearest[0]!r}?"] if nearest else []
    if not nearest and not command:
        sentences = [f"Write one of {', '.join(map(repr, names))}."]
    return " ".join([*sentences, command]).rstrip()

"""Formatting of request values for validation messages, which quote values in Java's notation."""

from collections.abc import Iterator, Sequence
from typing import Any

MAX_QUOTED = 1000  # characters; the service's limit is not documented


def as_java(value: Any) -> str:
    """Format a value as Java's `toString` does, such as `{name=a, tags=[b, c]}`.

    If the result would be longer than 1000 characters, it is cut off there, and "..." is appended.
    """
    pieces, length = [], 0
    for piece in _java_pieces(value):
        pieces.append(piece)
        length += len(piece)
        if length > MAX_QUOTED:
            return f"{''.join(pieces)[:MAX_QUOTED]}..."
    return "".join(pieces)


def _java_pieces(value: Any) -> Iterator[str]:
    """Yield the parts of a string that represents a value in Java's notation, from left to right.

    The function uses a stack instead of recursion, because the members of a request may be nested to any depth.
    """
    stack = [value]
    while stack:
        part = stack.pop()
        if isinstance(part, _Piece):
            yield part
        elif isinstance(part, dict):
            stack += _reversed("{", [(_Piece(f"{key}="), item) for key, item in part.items()], "}")
        elif isinstance(part, (list, tuple)):
            stack += _reversed("[", [(item,) for item in part], "]")
        else:
            yield str(part)


class _Piece(str):
    """Text that is ready for output, as opposed to a string value that has yet to be written in Java's notation."""

    __slots__ = ()


def _reversed(opening: str, entries: Sequence[tuple[Any, ...]], closing: str) -> list[Any]:
    """Return a collection's brackets, entries and commas in reverse, ready to be pushed onto a stack.

    Args:
        opening: Opening bracket.
        entries: Entries of the collection. Each is a tuple of one or more parts, such as a key and a value.
        closing: Closing bracket.
    """
    parts: list[Any] = [_Piece(opening)]
    for position, entry in enumerate(entries):
        parts += [_Piece(", "), *entry] if position else entry
    return [*parts, _Piece(closing)][::-1]

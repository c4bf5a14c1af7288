"""Values of a request as validation messages quote them."""

from collections.abc import Iterator, Sequence
from typing import Any

MAX_QUOTED = 1000  # characters; ours


def as_java(value: Any) -> str:
    """Write a value as Java's `toString` does. What exceeds `MAX_QUOTED` characters is cut off."""
    pieces, length = [], 0
    for piece in _java_pieces(value):
        pieces.append(piece)
        length += len(piece)
        if length > MAX_QUOTED:
            return f"{''.join(pieces)[:MAX_QUOTED]}..."
    return "".join(pieces)


def _java_pieces(value: Any) -> Iterator[str]:
    """Yield the text of a value in pieces. It keeps a stack, because unknown members may be nested without limit."""
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
    """A piece of text that is ready, unlike a string that is a value."""

    __slots__ = ()


def _reversed(opening: str, entries: Sequence[tuple[Any, ...]], closing: str) -> list[Any]:
    """Return the parts of a collection, joined by commas, last part first."""
    parts: list[Any] = [_Piece(opening)]
    for position, entry in enumerate(entries):
        parts += [_Piece(", "), *entry] if position else entry
    return [*parts, _Piece(closing)][::-1]

"""Cuts the text of a filter expression into tokens."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from personalize_mock.filtering import errors

_WHY = dict.fromkeys("\"'", errors.UNTERMINATED) | dict.fromkeys("“”„‘’", errors.CURLY)  # noqa: RUF001  # as pasted

# No alternative can match a text in two ways, so that the time is linear.
_TOKEN = re.compile(
    r"""
    (?P<blank>[ \t\r\n]+)
    | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<placeholder>\$[A-Za-z_][A-Za-z0-9_]*)
    | (?P<number>-?[0-9]+(?:\.[0-9]+)?)
    | (?P<string>"[^"]*"|'[^']*')
    | (?P<operator><=|>=|!=|<|>|=)
    | (?P<sign>[(),|.])
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token.

    Attributes:
        kind: word, placeholder, number, string, operator, the sign itself, or `end`.
        text: as written.
        column: where it begins, from 1.
    """

    kind: str
    text: str
    column: int

    def is_word(self, *words: str) -> bool:
        """Whether it is one of these words, given in lower case, in any case."""
        return self.kind == "word" and self.text.casefold() in words


def tokens(text: str) -> Iterator[Token]:
    """The tokens of `text`, an `end` last.

    Raises:
        InvalidFilter: a character begins no token, or a string does not end.
    """
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            why = _WHY.get(text[at], errors.ILLEGAL)
            raise errors.invalid_symbol(text[at], why, column=at + 1)
        kind = str(found.lastgroup)
        if kind != "blank":
            yield Token(kind=found[0] if kind == "sign" else kind, text=found[0], column=at + 1)
        at = found.end()
    yield Token(kind="end", text=errors.END, column=len(text) + 1)

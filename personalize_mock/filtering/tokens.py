"""Tokenizer of filter expressions."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from personalize_mock.filtering import errors

_HINTS = dict.fromkeys("\"'", errors.UNTERMINATED) | dict.fromkeys("“”„‘’", errors.CURLY)  # noqa: RUF001  # as pasted

# No two alternatives match the same text, so tokenizing takes linear time.
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
    """A token of a filter expression.

    Attributes:
        kind: "word", "placeholder", "number", "string", "operator" or "end". If the token is one of the characters
            `(),|.`, the kind is the character itself.
        text: The token as written.
        column: The position of its first character in the expression, counted from 1.
    """

    kind: str
    text: str
    column: int

    def is_word(self, *words: str) -> bool:
        """Return whether the token is one of `words`, ignoring case. The words must be given in lower case."""
        return self.kind == "word" and self.text.casefold() in words


def tokenize(text: str) -> Iterator[Token]:
    """Yield the tokens of a filter expression, followed by one token of the kind "end".

    Raises:
        InvalidFilter: A character is not allowed, or a string has no closing quote.
    """
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            why = _HINTS.get(text[position], errors.ILLEGAL)
            raise errors.invalid_symbol(text[position], why, column=position + 1)
        kind = str(match.lastgroup)
        if kind != "blank":
            yield Token(kind=match[0] if kind == "sign" else kind, text=match[0], column=position + 1)
        position = match.end()
    yield Token(kind="end", text=errors.END, column=len(text) + 1)

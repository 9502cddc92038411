"""Reads a sequence of tokens and reports what was expected instead of an unexpected token."""

import re
from collections.abc import Sequence
from typing import Final, NoReturn

from shared.circuits.limits import Refused
from shared.circuits.scan import Token, shown

_INTEGER: Final = re.compile(r"[0-9]+")


class Cursor:
    """A position in a sequence of tokens.

    Attributes:
        token: The next token; at the end an empty one, placed just after the last.
    """

    def __init__(self, found: Sequence[Token]) -> None:
        self._found = found
        self._next = 0
        self._end = _end_of(found)
        self.token: Token = found[0] if found else self._end

    @property
    def done(self) -> bool:
        """Whether all tokens are consumed."""
        return self.token is self._end

    def take(self) -> Token:
        """Consume and return the next token."""
        token = self.token
        self._next += 1
        self.token = self._found[self._next] if self._next < len(self._found) else self._end
        return token

    def skip(self, text: str) -> bool:
        """Consume the next token if it has this text; return whether it did."""
        met = self.token.text == text
        if met:
            self.take()
        return met

    def expect(self, text: str, after: str) -> Token:
        """Consume a token with this text.

        Raises:
            Refused: The next token is another one.
        """
        if self.token.text != text:
            self.fail(f"expected {text!r} {after}")
        return self.take()

    def integer(self, what: str, digits: int = 18) -> int:
        """Consume a non-negative integer.

        Raises:
            Refused: The next token is no integer, or has too many digits.
        """
        token = self.token
        if not _INTEGER.fullmatch(token.text):
            self.fail(f"expected {what}, an integer from 0")
        if len(token.text.lstrip("0")) > digits:
            raise Refused(f"{what} has {len(token.text)} digits", token.line, token.column)
        return int(self.take().text)

    def fail(self, expected: str) -> NoReturn:
        """Reject the next token.

        Raises:
            Refused: Always; names what was expected and what was found.
        """
        found = "the end of the text" if self.done else shown(self.token.text)
        raise Refused(f"{expected}, found {found}", self.token.line, self.token.column)


def _end_of(found: Sequence[Token]) -> Token:
    if not found:
        return Token("", 1, 1, 0)
    last = found[-1]
    return Token("", last.line, last.column + len(last.text), last.offset + len(last.text))

"""Scans a circuit text before any parser reads it: version, nesting, declared sizes."""

import re
import unicodedata
from typing import Final, NamedTuple

from shared.circuits.limits import Limits, Refused

_TOKEN: Final = re.compile(
    r"(?P<blank>[ \t\n]+|//[^\n]*|/\*.*?\*/)"
    r"|(?P<string>\"[^\"\n]*\"|'[^'\n]*')"
    r"|(?P<word>[^\W\d]\w*|\$\d+|0[xX]\w*|(?:\d[\d_]*\.?|\.\d)[\d_]*(?:[eE][+-]?\d+)?\w*)"
    r"|(?P<pragma>#pragma[^\n]*)"
    r"|(?P<mark>\*\*|->|==|.)",
    re.DOTALL,
)
_OPERATORS: Final = frozenset(("+", "-", "*", "/", "%", "^", "**", "&", "|", "<", ">", "==", "!", "~", "="))
_PREFIXES: Final = frozenset("-+!~")
_OPEN: Final = {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}


class Token(NamedTuple):
    """A word, string or punctuation mark of the text with its one-based position."""

    text: str
    line: int
    column: int
    offset: int


def tokens(text: str) -> list[Token]:
    """Return the tokens of a text without comments and blanks; succeeds on any text."""
    found = []
    line, line_start = 1, 0
    for match in _TOKEN.finditer(text):
        piece, start = match.group(), match.start()
        if match.lastgroup != "blank":
            found.append(Token(piece, line, start - line_start + 1, start))
        if "\n" in piece:
            line += piece.count("\n")
            line_start = start + piece.rindex("\n") + 1
    return found


def normalized(text: str) -> str:
    """Normalize line endings to line feeds and remove a leading byte order mark."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def shown(text: str) -> str:
    """Format an excerpt of the text for messages: shortened, with code points for non-ASCII characters."""
    foreign = [f"U+{ord(letter):04X} {_name(letter)}".strip() for letter in text[:40] if letter > "~"]
    foreign += [f"U+{ord(letter):04X}" for letter in text[:40] if letter < " "]
    quoted = repr(text[:40]) if text.isprintable() and not text.isspace() else ""
    if not foreign:
        return quoted or repr(text[:40])
    return f"{quoted} ({', '.join(foreign[:3])})" if quoted else ", ".join(foreign[:3])


def _name(letter: str) -> str:
    return unicodedata.name(letter, "")


_CURES: Final = {
    **dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb\uff02", "write a straight quote: \""),
    **dict.fromkeys("\u2018\u2019\uff07", "write a straight quote: '"),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212\uff0d", "write a minus sign: -"),
    "\u00d7": "write *", "\u00f7": "write /", "\u03bc": "write us for microseconds",
}  # fmt: skip


def check_characters(found: list[Token], language: int) -> None:
    """Reject unterminated comments, and characters that the language allows only in strings and comments.

    Raises:
        Refused: Names the first character by its code point.
    """
    for token, following in zip(found, [*found[1:], None], strict=True):
        text = token.text
        if text == "/" and following is not None and following.text in ("*", "**"):
            if following.offset == token.offset + 1:
                raise Refused("the comment is never closed", token.line, token.column, hint="end it with */")
        if (text.isascii() and text.isprintable()) or text[0] in "\"'#":
            continue
        if language == 3 and (text.isidentifier() or _microseconds(text)):
            continue
        at = next((i for i, letter in enumerate(text) if not " " <= letter <= "~"))
        letter = text[at]
        hint = _CURES.get(letter)
        if hint is None:
            invisible = not letter.isprintable() or letter.isspace()
            hint = "write a space or delete it" if invisible else "outside of comments the text is ASCII"
        raise Refused(f"unexpected character {shown(letter)}", token.line, token.column + at, hint=hint)


def _microseconds(text: str) -> bool:
    """Return whether a word is a number with the specification's unit of microseconds."""
    return text[0] in "0123456789." and text.endswith("\u00b5s") and text[:-2].isascii()


def version(found: list[Token]) -> int:
    """Return the OpenQASM version the text declares: 2 or 3.

    Raises:
        Refused: The version line is missing or declares another version.
    """
    hint = "begin the file with OPENQASM 2.0; or OPENQASM 3.0;"
    if not found:
        raise Refused("the circuit text is empty", 1, 1, hint=hint)
    first = found[0]
    if first.text != "OPENQASM" or len(found) < 2:
        raise Refused(
            f"expected OPENQASM and a version, found {shown(first.text)}", first.line, first.column, hint=hint
        )
    number = found[1]
    if not re.fullmatch(r"[23](\.[0-9])?", number.text):
        raise Refused(
            f"OpenQASM version {shown(number.text)} is not known", number.line, number.column, hint=hint
        )
    return int(number.text[0])


def check_shape(found: list[Token], limits: Limits) -> None:
    """Reject texts nested so deeply that a recursive parser would overflow the stack, and overlong numbers.

    Raises:
        Refused: Brackets, signs or powers are nested deeper than allowed, or an expression or a number is too
            long.
    """
    depth = signs = powers = operators = 0
    for token in found:
        text = token.text
        if text[0] in "0123456789." and len(text) > limits.digits:
            problem = f"a number has {len(text)} characters"
            rule = f"at most {limits.digits} characters in a number"
            raise Refused(problem, token.line, token.column, rule=rule)
        if text in _OPEN:
            depth = max(0, depth + _OPEN[text])
        signs = signs + 1 if text in _PREFIXES else 0
        powers = 0 if text in ";{}" else powers + (text in ("^", "**"))
        operators = 0 if text in ",;{}" else operators + (text in _OPERATORS)
        if operators > limits.operators:
            raise Refused(
                f"an expression has more than {limits.operators} operators",
                token.line,
                token.column,
                rule=f"at most {limits.operators} operators in an expression",
                hint="split it",
            )
        if depth > limits.nesting or signs > limits.nesting or powers > limits.nesting:
            raise Refused(
                f"brackets or operators are nested deeper than {limits.nesting}",
                token.line,
                token.column,
                rule=f"at most {limits.nesting} levels",
            )

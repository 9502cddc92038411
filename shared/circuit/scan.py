"""A quick look over a circuit text before any parser sees it: version, nesting, declared sizes."""

import re
from typing import Final, NamedTuple

from shared.circuit.limits import Limits, Refused

_TOKEN: Final = re.compile(
    r"(?P<blank>\s+|//[^\n]*|/\*.*?\*/)"
    r"|(?P<string>\"[^\"\n]*\"|'[^'\n]*')"
    r"|(?P<word>[^\W\d]\w*|\$\d+|[\d.][\w.]*)"
    r"|(?P<mark>\*\*|->|.)",
    re.DOTALL,
)
_PREFIXES: Final = frozenset("-+!~")
_OPEN: Final = {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}


class Token(NamedTuple):
    """A word, string or mark of the text with its one-based place."""

    text: str
    line: int
    column: int
    offset: int


def tokens(text: str) -> list[Token]:
    """The tokens of a text, comments and blanks left out; any text gives some."""
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


def version(found: list[Token]) -> int:
    """The OpenQASM version the text declares: 2 or 3.

    Raises:
        Refused: There is no version line, or another version is asked for.
    """
    hint = "begin the file with OPENQASM 2.0; or OPENQASM 3.0;"
    if not found:
        raise Refused("the circuit text is empty", 1, 1, hint=hint)
    first = found[0]
    if first.text != "OPENQASM" or len(found) < 2:
        raise Refused(
            f"expected OPENQASM and a version, found {first.text[:40]!r}", first.line, first.column, hint=hint
        )
    number = found[1]
    if not re.fullmatch(r"[23](\.[0-9])?", number.text):
        raise Refused(
            f"OpenQASM version {number.text[:40]!r} is not known", number.line, number.column, hint=hint
        )
    return int(number.text[0])


def check_shape(found: list[Token], limits: Limits) -> None:
    """Refuse texts nested so deeply that a recursive parser would run out of stack.

    Raises:
        Refused: Brackets, signs or powers are nested deeper than allowed.
    """
    depth = signs = powers = 0
    for token in found:
        text = token.text
        depth = max(0, depth + _OPEN.get(text, 0))
        signs = signs + 1 if text in _PREFIXES else 0
        powers = 0 if text in ";{}" else powers + (text in ("^", "**"))
        if max(depth, signs, powers) > limits.nesting:
            raise Refused(
                f"brackets or operators are nested deeper than {limits.nesting}",
                token.line,
                token.column,
                rule=f"at most {limits.nesting} levels",
            )


def check_declared(found: list[Token], limits: Limits) -> None:
    """Refuse OpenQASM 2 registers over the limits before a parser allocates them.

    Raises:
        Refused: The declared qubits or bits are too many.
    """
    totals = {"qreg": 0, "creg": 0}
    allowed = {"qreg": limits.qubits, "creg": limits.bits}
    for position, token in enumerate(found[:-3]):
        size = found[position + 3].text
        if token.text in totals and found[position + 2].text == "[" and size.isascii() and size.isdigit():
            totals[token.text] += int(size) if len(size) < 12 else 10**12
            if totals[token.text] > allowed[token.text]:
                kind = "qubits" if token.text == "qreg" else "classical bits"
                problem = f"the circuit declares {totals[token.text]} {kind}"
                rule = f"at most {allowed[token.text]} {kind}"
                raise Refused(problem, token.line, token.column, rule=rule)

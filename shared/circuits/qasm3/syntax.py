"""Parses OpenQASM 3 text to a syntax tree with positions.

The reference parser takes about half a millisecond per statement. Plain gate statements, which make up nearly
all of a long circuit, are therefore parsed here; the reference parser gets the rest of the text, with these
blanked out.
"""

import re
from typing import Any, Final, NoReturn

from antlr4 import CommonTokenStream, InputStream
from antlr4.error.ErrorListener import ErrorListener
from openqasm3._antlr.qasm3Lexer import qasm3Lexer
from openqasm3._antlr.qasm3Parser import qasm3Parser
from openqasm3.parser import QASM3ParsingError, QASMNodeVisitor

from shared.circuits.limits import LIMITS, Limits, Refused
from shared.circuits.qasm3.plain import plain_statements
from shared.circuits.scan import Token

SHOWN: Final = 120
"""Maximum number of characters shown of a reference parser message."""
_FOREIGN: Final = "token recognition error at: "
_UNEXPECTED: Final = re.compile(
    r"(?:extraneous|mismatched) input (?P<met>.*?) expecting (?P<wanted>.*)", re.DOTALL
)
_TRAILING: Final = re.compile(r"[ \t]+\n")
_NOT_NEWLINE: Final = re.compile(r"[^\n]")


def parse(text: str, found: list[Token], limits: Limits = LIMITS) -> list[Any]:
    """Return the statements of a program, in order.

    Raises:
        Refused: A syntax error, with its position, or a text too large for the reference parser.
    """
    plain = plain_statements(found)
    rest = len(found) - sum(statement.n_tokens for statement in plain)
    if rest > limits.tokens:
        raise Refused(
            f"the circuit has {rest} words and marks in other statements than plain gates and measurements",
            rule=f"at most {limits.tokens} of them",
            hint="write gates without modifiers outside of blocks",
        )
    pieces, end = [], 0
    for statement in plain:
        pieces += [text[end : statement.start], _NOT_NEWLINE.sub(" ", text[statement.start : statement.end])]
        end = statement.end
    nodes = _reference_parse(_TRAILING.sub("\n", "".join([*pieces, text[end:]])))
    return sorted([*(statement.node for statement in plain), *nodes], key=_start)


def construct(node: Any) -> str:
    """Describe a syntax tree node in words: "while loop"."""
    name = type(node).__name__
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name).strip()


def _start(node: Any) -> tuple[int, int]:
    return node.span.start_line, node.span.start_column


class _Listener(ErrorListener):  # type: ignore[misc]
    def syntaxError(  # noqa: N802 - the name the runtime calls
        self, recognizer: Any, symbol: Any, line: int, column: int, message: str, error: Any
    ) -> NoReturn:
        raise Refused(f"syntax error: {_plainly(message)}", line, column + 1)


def _plainly(message: str) -> str:
    """Return a parser message without its list of expected tokens."""
    if message.startswith(_FOREIGN):
        return f"unexpected {message.removeprefix(_FOREIGN)[:SHOWN]}"
    found = _UNEXPECTED.fullmatch(message)
    if found is None:
        return message[:SHOWN]
    met, wanted = found["met"][:SHOWN], found["wanted"]
    problem = "the text ends before its last statement does" if met == "'<EOF>'" else f"unexpected {met}"
    return problem if len(wanted) > SHOWN // 2 else f"{problem}, expected {wanted}"


def _mended(stream: CommonTokenStream) -> CommonTokenStream:
    """Return the token stream, corrected where the reference parser misreads it.

    It reports the offset into the text as the column of single-token nodes, and takes the specification's
    function `pow` for the modifier of that name.
    """
    stream.fill()
    for token in stream.tokens:
        token.text = token.text
        token.start, token.stop = token.column, token.column + len(token.text) - 1
    for position, token in enumerate(stream.tokens):
        if token.type == qasm3Lexer.POW and not _modifies(stream.tokens, position):
            token.type = qasm3Lexer.Identifier
    return stream


def _modifies(tokens: list[Any], position: int) -> bool:
    """Return whether an at sign follows the brackets behind the token at a position."""
    depth = 0
    for following, token in enumerate(tokens[position + 1 :], position + 2):
        depth += (token.type == qasm3Lexer.LPAREN) - (token.type == qasm3Lexer.RPAREN)
        if depth == 0:
            return following < len(tokens) and bool(tokens[following].type == qasm3Lexer.AT)
    return True


def _reference_parse(text: str) -> list[Any]:
    listener = _Listener()
    lexer = qasm3Lexer(InputStream(text))
    lexer.removeErrorListeners()
    lexer.addErrorListener(listener)
    parser = qasm3Parser(_mended(CommonTokenStream(lexer)))
    parser.removeErrorListeners()
    parser.addErrorListener(listener)
    try:
        return list(QASMNodeVisitor().visitProgram(parser.program()).statements)
    except QASM3ParsingError as error:
        place = re.match(r"L(\d+):C(\d+): (.*)", str(error), re.DOTALL)
        if place is None:
            raise Refused(f"syntax error: {error}") from None
        raise Refused(place[3], int(place[1]), int(place[2]) + 1) from None

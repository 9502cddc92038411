"""Invalid circuits derived from valid ones: tokens exchanged, removed, duplicated, or from both languages."""

from __future__ import annotations

import random
from pathlib import Path

from novacron.errors import BadInput
from shared.circuits import scan
from shared.circuits.limits import Limits
from shared.circuits.reader import read
from shared.circuits.validation import record_from_json

DATA = Path(__file__).resolve().parents[2] / "tests" / "data"
LIMITS = Limits(instructions=5_000, loop_iterations=2_000, work=100_000, qubits=200, bits=500)
SOUP = """
    h x cx rx U gphase q c a b g f n i t [ ] ( ) { } ; , . : -> = == != < <= > >= + - * / % ** ^ ~ !
    & | && || << >> += -= @ 0 1 2 3 7 -1 0.5 1.0e-04 1e999 1_0 0b1 0x1F "01" true false pi π tau im
    10ns 5dt gate def extern qubit bit int uint float angle bool complex array duration stretch
    const input output let measure reset barrier if else for while in switch case default break
    continue return end inv pow ctrl negctrl box delay include opaque qreg creg mutable readonly
    void sizeof popcount sin sqrt ln log exp mod rotl real durationof nop cal defcal OPENQASM 2.0
    3.0 "qelib1.inc" "stdgates.inc" if_else mcx $0 #pragma __x λ
""".split()


def samples() -> list[str]:
    """Return valid circuits of both languages."""
    return [path.read_text() for path in sorted((DATA / "qasm").glob("*.qasm"))]


def _class(piece: str) -> str:
    """Return the class of a token: those that can usually replace it without a syntax error."""
    return "number" if piece[0] in "0123456789." else "word" if piece.isidentifier() else "mark"


def exchanged(text: str, rng: random.Random) -> str:
    """Return the text with a few tokens exchanged for others of their class, from the text or elsewhere."""
    pieces = [token.text for token in scan.tokens(text)]
    for _ in range(rng.choice((1, 1, 2, 3))):
        at = rng.randrange(4, max(5, len(pieces)))
        alike = [piece for piece in (*pieces[4:], *SOUP) if _class(piece) == _class(pieces[at])]
        pieces[at] = rng.choice(alike)
    return " ".join(pieces)


def changed(text: str, rng: random.Random) -> str:
    """Return the text with a few of its tokens changed."""
    pieces = [token.text for token in scan.tokens(text)]
    for _ in range(rng.choice((1, 1, 1, 2, 3, 6))):
        at = rng.randrange(4, max(5, len(pieces)))
        kind = rng.randrange(6)
        if kind == 0:
            pieces[at:at] = [rng.choice(SOUP)]
        elif kind == 1:
            pieces[at : at + 1] = [rng.choice(SOUP)]
        elif kind == 2:
            pieces[at : at + rng.choice((1, 2, 5))] = []
        elif kind == 3:
            pieces[at:at] = pieces[at : at + rng.randrange(1, 12)]
        elif kind == 4:
            pieces[at : at + 1] = [rng.choice(pieces)]
        else:
            other = rng.randrange(4, max(5, len(pieces)))
            pieces[at:at] = pieces[other : other + rng.randrange(1, 10)]
    return " ".join(pieces)


def soup(rng: random.Random) -> str:
    """Return tokens in random order behind declarations."""
    head = rng.choice((
        'OPENQASM 2.0; include "qelib1.inc"; qreg q[3]; creg c[3]; gate g(t) a, b { cx a, b; rx(t) a; } ',
        'OPENQASM 3.0; include "stdgates.inc"; qubit[3] q; bit[3] c; int[8] n = 2; float t = 0.5;'
        " gate g(t) a, b { cx a, b; rx(t) a; } def f(qubit a) -> bit { return measure a; } ",
    ))  # fmt: skip
    return head + " ".join(rng.choices(SOUP, k=rng.randrange(1, 30)))


def feed(text: str) -> None:
    """Read a text; the result must be a record or a refusal with a reason.

    Raises:
        AssertionError: The reader itself is at fault.
    """
    try:
        record = read(text, "some.qasm", LIMITS)
    except BadInput as error:
        assert error.file == "some.qasm" and error.rule
        assert "a fault of the reader" not in error.rule, error.rule
        if error.line is not None:
            lines = scan.normalized(text).split("\n")
            assert 1 <= error.line <= len(lines) + 1, error
            assert error.column is not None
            assert 1 <= error.column <= len((*lines, "")[error.line - 1]) + 1, error
    else:
        assert record_from_json(record.to_json()) == record

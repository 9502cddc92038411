"""Gates of qelib1.inc that the record has no name for."""

from functools import cache
from pathlib import Path

from shared.circuits import scan
from shared.circuits.cursor import Cursor
from shared.circuits.limits import LIMITS
from shared.circuits.qasm2.definition import read_gate
from shared.circuits.qasm2.gate import BUILT_IN, RECORD, AnyGate

COMPOSED = Path(__file__).with_name("composed.inc")


@cache
def composed() -> dict[str, AnyGate]:
    """Return gates such as `c3x` and `rccx` by name, composed of other library gates."""
    cursor = Cursor(scan.tokens(COMPOSED.read_text()))
    known = {**BUILT_IN, **RECORD}
    while cursor.skip("gate"):
        name = cursor.take()
        gate = read_gate(cursor, name, lambda token: known[token.text], LIMITS, opaque=False)
        known.setdefault(name.text, gate)
    return {name: gate for name, gate in known.items() if name not in RECORD and name not in BUILT_IN}

"""OpenQASM text, and the parsed circuit that the scheduler stores in its place."""

from typing import Annotated, Any

from pydantic import AfterValidator, Discriminator, Tag, ValidationInfo

from novacron.specs.record import Record, by_key, keyed
from novacron.specs.refusal import refuse
from novacron.specs.scalars import Text

MAX_BYTES = 1_000_000
MAX_LINES = 100_000


def _check_size(text: str) -> str:
    if not text.strip():
        raise refuse("must not be empty")
    n_bytes = len(text.encode())
    if n_bytes > MAX_BYTES:
        raise refuse(f"must have at most {MAX_BYTES} bytes, has {n_bytes}")
    n_lines = text.count("\n") + 1
    if n_lines > MAX_LINES:
        raise refuse(f"must have at most {MAX_LINES} lines, has {n_lines}")
    return text


def _from_storage(record: object, info: ValidationInfo) -> object:
    """Accept only records that the scheduler parsed itself, since workers trust them."""
    if not (info.context or {}).get("stored"):
        raise refuse("is made by the scheduler", hint="give the circuit as OpenQASM text under qasm")
    return record


Qasm = Annotated[Text, AfterValidator(_check_size)]
StoredRecord = Annotated[dict[str, Any], AfterValidator(_from_storage)]


class QasmText(Record):
    """A circuit as OpenQASM 2 or 3 text; the scheduler parses it."""

    qasm: Qasm


class ParsedCircuit(Record):
    """A circuit as stored by the scheduler; refused from any other source."""

    record: StoredRecord

    @property
    def n_qubits(self) -> int | None:
        """Number of qubits the circuit declares."""
        n_qubits = self.record.get("n_qubits")
        return n_qubits if isinstance(n_qubits, int) else None


Source = Annotated[
    Annotated[QasmText, Tag("qasm")] | Annotated[ParsedCircuit, Tag("record")],
    Discriminator(by_key("qasm", "record")),
    keyed("qasm", "record"),
]
"""A circuit, discriminated by the key `qasm` or `record`."""

"""Reads OpenQASM 2 or 3 text into a circuit record."""

from novacron.errors import BadInput
from shared.circuits import scan
from shared.circuits.limits import LIMITS, Limits, Refused
from shared.circuits.record import CircuitRecord, matrix_entries


def read(text: str, filename: str | None = None, limits: Limits = LIMITS) -> CircuitRecord:
    """Read a circuit; the version line decides the language.

    Args:
        text: OpenQASM 2 or 3.
        filename: Named in errors.
        limits: Size limits.

    Raises:
        BadInput: The text is malformed, uses features that a record cannot represent, or is over the limits;
            carries line and column (one-based) if they are known.
    """
    try:
        return read_or_refuse(text, limits)
    except Refused as error:
        raise bad_input(error, filename) from None


def bad_input(error: Refused, filename: str | None) -> BadInput:
    """Return the public error for a refusal, naming the file."""
    text = f"{error.message} ({error.rule})" if error.rule else error.message
    return BadInput(text, file=filename, line=error.line, column=error.column, hint=error.hint)


def read_or_refuse(text: str, limits: Limits = LIMITS) -> CircuitRecord:
    """Read as `read` does, raising only `Refused`.

    Raises:
        MemoryError: Reading exceeded this process's memory limit; the text is not at fault.
    """
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > limits.text_bytes:
        raise Refused(f"the circuit text has {size} bytes", rule=f"at most {limits.text_bytes} bytes")
    try:
        record = _read(text, limits)
    except RecursionError:
        raise Refused(
            "the circuit is nested too deeply to be read", hint="flatten expressions and blocks"
        ) from None
    entries = matrix_entries(record.instructions)
    if entries > limits.matrix_entries:
        raise Refused(
            f"the circuit's matrices have {entries} entries",
            rule=f"at most {limits.matrix_entries} entries of matrices in all",
            hint="define the gates by others instead of powers and controls",
        )
    return record


def _read(text: str, limits: Limits) -> CircuitRecord:
    text = scan.normalized(text)
    found = scan.tokens(text)
    language = scan.version(found)
    scan.check_characters(found, language)
    scan.check_shape(found, limits)
    # Both readers import heavy parsers; a process that reads one language should not load the other's.
    if language == 2:
        from shared.circuits.qasm2.reader import read_qasm2

        return read_qasm2(found, limits)
    from shared.circuits.qasm3.reader import read_qasm3

    return read_qasm3(text, found, limits)

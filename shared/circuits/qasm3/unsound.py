"""Turns internal errors of the reader into refusals that say so."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from shared.circuits.limits import Refused
from shared.circuits.qasm3.refusal import place

log = logging.getLogger(__name__)


@contextmanager
def sound(node: Any) -> Iterator[None]:
    """Refuse a statement whose reading raises an unexpected internal error.

    Raises:
        Refused: Placed at the statement; names the error and does not blame the circuit.
    """
    try:
        yield
    except ArithmeticError as error:
        raise Refused(f"a value in this statement is out of range: {error}", *place(node)) from None
    except (AssertionError, AttributeError, LookupError, TypeError, ValueError) as error:
        log.exception("reading line %s", place(node)[0])
        raise Refused(
            f"NovaCron cannot read this statement: {type(error).__name__}: {str(error)[:200]}",
            *place(node),
            rule="a fault of the reader, not of the circuit",
            hint="please report it; writing the statement in another way may help",
        ) from error

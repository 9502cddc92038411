"""Names of an OpenQASM 3 program and what they stand for."""

from dataclasses import dataclass, field
from typing import Any

from shared.circuit.limits import Refused
from shared.circuit.values import Value


@dataclass(slots=True)
class Symbol:
    """A declared name.

    Attributes:
        value: What it stands for.
        type: Its declared classical type, None for qubits, aliases and parameters.
        const: Whether it is fixed.
    """

    value: Value
    type: Any = None
    const: bool = True


@dataclass(slots=True)
class Scope:
    """One block's names; lookups go on to the enclosing block.

    Attributes:
        conditional: Whether it depends on a measurement that this block runs at all.
    """

    parent: "Scope | None" = None
    conditional: bool = False
    symbols: dict[str, Symbol] = field(default_factory=dict)

    def declare(self, name: str, symbol: Symbol) -> None:
        """Add a name to this block.

        Raises:
            Refused: The block has the name already.
        """
        if name in self.symbols:
            raise Refused(f"{name!r} is already declared")
        self.symbols[name] = symbol

    def find(self, name: str) -> Symbol | None:
        """The innermost symbol of this name."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.symbols:
                return scope.symbols[name]
            scope = scope.parent
        return None

    def assign(self, name: str, value: Value) -> None:
        """Change a variable.

        Raises:
            Refused: It is constant, or a measurement would decide whether it changes.
        """
        scope, conditional = self, False
        while name not in scope.symbols:
            conditional = conditional or scope.conditional
            if scope.parent is None:
                raise Refused(f"{name!r} is not declared")
            scope = scope.parent
        symbol = scope.symbols[name]
        if symbol.const:
            raise Refused(f"{name!r} is constant and cannot be assigned")
        if conditional:
            raise Refused(
                f"the value of {name!r} would depend on a measurement",
                rule="classical variables must be known before the circuit runs",
            )
        symbol.value = value

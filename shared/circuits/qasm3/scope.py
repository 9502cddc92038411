"""Scopes and symbols of an OpenQASM 3 program."""

from dataclasses import dataclass, field
from typing import Any, Protocol

from shared.circuits.classical.types import Type
from shared.circuits.classical.values import Value
from shared.circuits.limits import Refused


class Runner(Protocol):
    """The interface that expressions use to call back into the interpreter."""

    assumed: dict[int, int]

    def call(self, node: Any) -> Value | None:
        """Return the value of a call of one of the program's subroutines, or None if the name is unknown."""
        ...

    def returns(self, name: str) -> Any:
        """Return the type (a syntax tree node) that the program's own subroutine returns, or None."""
        ...

    def branch(self, condition: Value, node: Any) -> Value:
        """Return the truth of an operand that is evaluated only if a run-time condition holds."""
        ...


@dataclass(slots=True, eq=False)
class Symbol:
    """A declared name, or an element of an array.

    Attributes:
        value: Its value; an array is a list of symbols, or of lists of them.
        type: Its declared type, None for qubits, aliases, parameters and durations.
        const: Whether it is constant.
        level: Number of blocks that depend on measurements around its declaration.
        storage: Its location in the circuit's memory, once it has one.
    """

    value: Value
    type: Type | None = None
    const: bool = True
    level: int = 0
    storage: tuple[int, ...] | None = None


@dataclass(slots=True)
class Scope:
    """One block's names; lookups continue in the enclosing block.

    Attributes:
        owned: Bits of the circuit's memory that are released at the end of the block.
        runner: Set on the outermost scope; runs calls.
    """

    parent: "Scope | None" = None
    symbols: dict[str, Symbol] = field(default_factory=dict)
    owned: list[int] = field(default_factory=list)
    runner: Runner | None = None

    @property
    def root(self) -> "Scope":
        """The outermost scope."""
        scope = self
        while scope.parent is not None:
            scope = scope.parent
        return scope

    def declare(self, name: str, symbol: Symbol) -> None:
        """Add a name to this block.

        Raises:
            Refused: The block already declares the name.
        """
        if name in self.symbols:
            raise Refused(f"{name!r} is already declared")
        self.symbols[name] = symbol

    def holder(self, name: str) -> "Scope | None":
        """Return the innermost block that declares a name."""
        scope: Scope | None = self
        while scope is not None and name not in scope.symbols:
            scope = scope.parent
        return scope

    def find(self, name: str) -> Symbol | None:
        """Return the innermost symbol of this name."""
        holder = self.holder(name)
        return holder.symbols[name] if holder is not None else None

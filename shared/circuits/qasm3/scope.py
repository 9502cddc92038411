"""Names of an OpenQASM 3 program and what they stand for."""

from dataclasses import dataclass, field
from typing import Any, Protocol

from shared.circuits.classical.types import Type
from shared.circuits.classical.values import Value
from shared.circuits.limits import Refused


class Runner(Protocol):
    """What expressions need of the machine that runs the program."""

    assumed: dict[int, int]

    def call(self, node: Any) -> Value | None:
        """The value of a call of the program's own subroutine, None where there is none of that name."""
        ...

    def returns(self, name: str) -> Any:
        """The type (a syntax tree node) that the program's own subroutine returns, None where it has none."""
        ...

    def branch(self, condition: Value, node: Any) -> Value:
        """The truth of an operand that is evaluated only where a condition holds as the circuit runs."""
        ...


@dataclass(slots=True, eq=False)
class Symbol:
    """A declared name, or an element of an array.

    Attributes:
        value: What it stands for; an array is a list of symbols, or of lists of them.
        type: Its declared type, None for qubits, aliases, parameters and durations.
        const: Whether it is fixed.
        level: How many blocks that depend on measurements enclose its declaration.
        storage: Its place in the circuit's memory, once it has one.
    """

    value: Value
    type: Type | None = None
    const: bool = True
    level: int = 0
    storage: tuple[int, ...] | None = None


@dataclass(slots=True)
class Scope:
    """One block's names; lookups go on to the enclosing block.

    Attributes:
        owned: Bits of the circuit's memory that are given back at the end of the block.
        runner: Of the outermost block: runs calls.
    """

    parent: "Scope | None" = None
    symbols: dict[str, Symbol] = field(default_factory=dict)
    owned: list[int] = field(default_factory=list)
    runner: Runner | None = None

    @property
    def root(self) -> "Scope":
        """The outermost block."""
        scope = self
        while scope.parent is not None:
            scope = scope.parent
        return scope

    def declare(self, name: str, symbol: Symbol) -> None:
        """Add a name to this block.

        Raises:
            Refused: The block has the name already.
        """
        if name in self.symbols:
            raise Refused(f"{name!r} is already declared")
        self.symbols[name] = symbol

    def holder(self, name: str) -> "Scope | None":
        """The innermost block that declares a name."""
        scope: Scope | None = self
        while scope is not None and name not in scope.symbols:
            scope = scope.parent
        return scope

    def find(self, name: str) -> Symbol | None:
        """The innermost symbol of this name."""
        holder = self.holder(name)
        return holder.symbols[name] if holder is not None else None

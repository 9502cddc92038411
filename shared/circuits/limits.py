"""Size limits for circuits, and the one internal error that the circuit readers raise."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of the circuit readers; a circuit over a limit is rejected before it costs memory or time.

    Attributes:
        text_bytes: Size of the UTF-8 text in bytes.
        qubits: Declared qubits.
        bits: Declared classical bits.
        memory_bits: Bits of memory that a circuit computes with while it runs.
        instructions: Instructions after all gates, loops and subroutines are expanded.
        nesting: Depth of brackets, blocks and conditions.
        loop_iterations: Iterations of all loops together.
        work: Statement executions and subexpression evaluations.
        tokens: Tokens of OpenQASM 3 statements passed to the reference parser.
        operators: Operators between two separators, each of which may deepen the parser's recursion.
        digits: Characters of a number.
        matrix_entries: Entries of all explicit matrices in a record.
    """

    text_bytes: int = 1_000_000
    qubits: int = 1_000
    bits: int = 10_000
    memory_bits: int = 20_000
    instructions: int = 200_000
    nesting: int = 64
    loop_iterations: int = 200_000
    work: int = 5_000_000
    tokens: int = 250_000
    operators: int = 1_000
    digits: int = 3_500
    matrix_entries: int = 2_000_000


LIMITS = Limits()


class Refused(Exception):  # noqa: N818 - reads as what happened to the text
    """A rejected circuit text or record, with the position of the error.

    Attributes:
        message: What is wrong, naming the offending value.
        line: One-based line, or None if unknown.
        column: One-based column, or None.
        rule: The rule that was broken, or None.
        hint: How to fix it, or None.
    """

    def __init__(
        self,
        message: str,
        line: int | None = None,
        column: int | None = None,
        rule: str | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column
        self.rule = rule
        self.hint = hint


class Budget:
    """Counts what an expansion produces and stops it at the limits."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.instructions = 0
        self.iterations = 0
        self.worked = 0

    def spend(self, instructions: int = 1) -> None:
        """Account for emitted instructions.

        Raises:
            Refused: The circuit has more instructions than allowed.
        """
        self.instructions += instructions
        self.allow(self.instructions)

    def allow(self, instructions: int) -> None:
        """Check a number of instructions against the limit, without accounting for them.

        Raises:
            Refused: It is larger than allowed.
        """
        if instructions > self.limits.instructions:
            raise Refused(
                f"the circuit expands to more than {self.limits.instructions} instructions",
                rule=f"at most {self.limits.instructions} instructions after expansion",
                hint="split the circuit or use fewer repetitions",
            )

    def work(self, amount: int) -> None:
        """Account for reading work that may produce no instruction.

        Raises:
            Refused: The text takes more work than allowed.
        """
        self.worked += amount
        if self.worked > self.limits.work:
            raise Refused(
                f"reading the circuit takes more than {self.limits.work} steps",
                rule=f"at most {self.limits.work} steps: statements and operations, as often as they run",
                hint="use fewer repetitions, or simpler expressions within them",
            )

    def iterate(self, work: int) -> None:
        """Account for one loop iteration, and for the work of its header.

        Raises:
            Refused: All loops together run more iterations than allowed.
        """
        self.iterations += 1
        if self.iterations > self.limits.loop_iterations:
            raise Refused(
                f"the loops run more than {self.limits.loop_iterations} iterations",
                rule=f"at most {self.limits.loop_iterations} loop iterations in all",
            )
        self.work(work)

"""The compiler: rewrites circuits for devices with few two-qubit gates, and proves each result."""

from workers.quantum.compiler.compiled import VERSION, Compiled, Options
from workers.quantum.compiler.pipeline import compile
from workers.quantum.compiler.verify import DOUBTS

__all__ = ["DOUBTS", "VERSION", "Compiled", "Options", "compile"]

"""Finds the names that a part of a program may assign: the variables that a conditional block may change."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from openqasm3 import ast


def assigned(nodes: Any, subroutines: Mapping[str, Any]) -> set[str]:
    """Return the names that are assigned, measured into, or passed to a subroutine, including inner blocks.

    Args:
        nodes: A syntax tree node, or several.
        subroutines: The program's definitions by name; their bodies count where they are called.
    """
    found: set[str] = set()
    called: set[str] = set()
    waiting = [nodes]
    while waiting:
        for node in _walked(waiting.pop()):
            found.update(_targets(node))
            if isinstance(node, ast.FunctionCall) and node.name.name in subroutines:
                found.update(filter(None, (_root(argument) for argument in node.arguments)))
                if node.name.name not in called:
                    called.add(node.name.name)
                    waiting.append(subroutines[node.name.name].body)
    return found


def _walked(node: Any) -> Iterator[Any]:
    if isinstance(node, list | tuple):
        for item in node:
            yield from _walked(item)
    elif isinstance(node, ast.QASMNode):
        yield node
        if is_dataclass(node):
            for field in fields(node):
                if field.name != "span":
                    yield from _walked(getattr(node, field.name))


def _targets(node: Any) -> Iterable[str]:
    if isinstance(node, ast.ClassicalAssignment):
        return filter(None, [_root(node.lvalue)])
    if isinstance(node, ast.QuantumMeasurementStatement) and node.target is not None:
        return filter(None, [_root(node.target)])
    return ()


def _root(node: Any) -> str | None:
    """Return the name at the root of an operand."""
    while isinstance(node, ast.IndexExpression | ast.IndexedIdentifier):
        node = node.collection if isinstance(node, ast.IndexExpression) else node.name
    return node.name if isinstance(node, ast.Identifier) else None

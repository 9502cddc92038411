"""Work estimates of OpenQASM 3 statements, so that reading is limited by work instead of wall-clock time."""

from typing import Any

from openqasm3 import ast


def weight(node: Any) -> int:
    """Count the nodes of a statement's syntax tree, without nested statements."""
    known: int | None = node.__dict__.get("_weight")
    if known is None:
        known = node._weight = _nodes(node)
    return known


def _nodes(root: Any) -> int:
    count, rest = 0, [root]
    while rest:
        node = rest.pop()
        if isinstance(node, list | tuple):
            rest.extend(node)
        elif isinstance(node, ast.QASMNode) and (node is root or not isinstance(node, ast.Statement)):
            count += 1
            rest.extend(vars(node).values())
    return count

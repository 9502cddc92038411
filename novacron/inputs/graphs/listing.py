"""Nodes and edges as listed in a graph file, converted to the `maxcut` of a spec."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final

from novacron.errors import BadInput, nearest

NO_WEIGHTS = frozenset({"id", "key", "label", "name", "index", "color", "colour"})
"""Edge attributes that are not weights, even if they are numbers."""


class Choice(Enum):
    """Sentinel for "no weight was chosen", which differs from None, "ignore weights"."""

    DEFAULT = "weight"


DEFAULT: Final = Choice.DEFAULT
Weight = str | None | Choice
"""Edge attribute that is the weight; None ignores all of them."""


@dataclass(slots=True)
class Edge:
    """One edge of the file.

    Attributes:
        ends: names of its two nodes.
        attributes: data by name; values are text or numbers.
        line: line in the file, if known.
    """

    ends: tuple[str, str]
    attributes: dict[str, Any] = field(default_factory=dict)
    line: int | None = None


@dataclass
class Listing:
    """The content of a graph file.

    Attributes:
        file: path, for messages.
        nodes: names of the nodes that the file lists explicitly; the ends of edges are added to them.
        edges: edges in the file's order.
        closed: whether the file lists all nodes, so that an edge with another end is an error.
    """

    file: str
    nodes: list[str] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    closed: bool = False

    def error(
        self, rule: str, edge: Edge | None = None, *, value: object = None, hint: str | None = None
    ) -> BadInput:
        """Return the error about the file, or about one of its edges."""
        if edge is not None:
            rule = f"the edge {edge.ends[0]} - {edge.ends[1]} {rule}"
        return BadInput(rule, file=self.file, line=edge.line if edge else None, value=value, hint=hint)

    def maxcut(self, weight: Weight = DEFAULT) -> dict[str, Any]:
        """Return the `maxcut` of a spec: `n_nodes`, `edges`, `weights` if any, and `nodes`, the names.

        Nodes named 0 to n - 1 are those indices and have no other names; other numbers are sorted, other
        names keep the order of the file.

        Raises:
            BadInput: there are no edges, an edge joins a node to itself or is given twice, or the weight is
                ambiguous.
        """
        if not self.edges:
            raise self.error("has no edges")
        self._check_nodes()
        self._check_edges()
        weights = self._weights(weight)
        names = self._names()
        number = {name: position for position, name in enumerate(names)}
        graph: dict[str, Any] = {
            "n_nodes": len(names),
            "edges": [[number[end] for end in edge.ends] for edge in self.edges],
        }
        if names != [str(position) for position in range(len(names))]:
            graph["nodes"] = names
        return graph if weights is None else graph | {"weights": weights}

    def _names(self) -> list[str]:
        names = list(dict.fromkeys([*self.nodes, *(end for edge in self.edges for end in edge.ends)]))
        by_number = all(name.isascii() and name.isdigit() and str(int(name)) == name for name in names)
        return sorted(names, key=int) if by_number else names

    def _check_nodes(self) -> None:
        listed: set[str] = set()
        for name in self.nodes:
            if name in listed:
                raise self.error("the node is given twice", value=name)
            listed.add(name)
        for edge in self.edges if self.closed else ():
            for end in edge.ends:
                if end not in listed:
                    close = nearest(end, listed)
                    hint = f"did you mean {close!r}?" if close else f"the file lists {len(listed)} nodes"
                    raise self.error("ends at a node that the file does not list", edge, value=end, hint=hint)

    def _check_edges(self) -> None:
        seen: dict[frozenset[str], Edge] = {}
        for edge in self.edges:
            if edge.ends[0] == edge.ends[1]:
                raise self.error("joins a node to itself", edge, hint="no cut can part it: leave it out")
            first = seen.setdefault(frozenset(edge.ends), edge)
            if first is not edge:
                where = f", first in line {first.line}" if first.line else ""
                hint = "give each pair once, with the sum of the weights"
                raise self.error(f"is given twice{where}", edge, hint=hint)

    def _weights(self, wanted: Weight) -> list[float] | None:
        if wanted is None:
            return None
        if wanted is DEFAULT:
            if not any("weight" in edge.attributes for edge in self.edges):
                self._refuse_ignored()
                return None
            wanted = "weight"
        if not any(wanted in edge.attributes for edge in self.edges):
            there = self._attributes()
            close = nearest(wanted, there)
            hint = (
                f"did you mean {close!r}?" if close else f"edges have {', '.join(there) or 'no attributes'}"
            )
            raise self.error("no edge has this attribute", value=wanted, hint=hint)
        return [self._weight(edge, wanted) for edge in self.edges]

    def _weight(self, edge: Edge, name: str) -> float:
        if name not in edge.attributes:
            raise self.error(
                f"has no {name}, and others have one", edge, hint="give all edges a weight or none"
            )
        number = as_number(edge.attributes[name])
        if number is None or not math.isfinite(number):
            raise self.error(f"has a {name} that is not a finite number", edge, value=edge.attributes[name])
        return number

    def _refuse_ignored(self) -> None:
        """Refuse numeric edge attributes of which none is called weight, rather than ignore them silently."""
        numbers = [
            name
            for name in self._attributes()
            if name.lower() not in NO_WEIGHTS
            and all(as_number(edge.attributes.get(name, 0)) is not None for edge in self.edges)
        ]
        if numbers:
            rule = f"the edges carry {', '.join(numbers)}, and nothing called weight"
            hint = f"beside `file` say `weight: {numbers[0]}` to use it, or `weight: null` for weights of 1"
            raise self.error(rule, hint=hint)

    def _attributes(self) -> list[str]:
        return list(dict.fromkeys(name for edge in self.edges for name in edge.attributes))


def as_number(value: object) -> float | None:
    """Return a number, or text that is one, as a number; None for anything else, including True and False."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        return None if isinstance(value, str) and "_" in value else float(value)
    except (ValueError, OverflowError):
        return None


def undirected(listing: Listing, edges: Sequence[Edge]) -> list[Edge]:
    """Return each edge once if the file gives each in both directions; otherwise all edges.

    Raises:
        BadInput: the two directions have different data.
    """
    by_ends = {edge.ends: edge for edge in edges}
    if len(by_ends) != len(edges) or not all(ends[::-1] in by_ends for ends in by_ends):
        return list(edges)
    once = []
    for position, edge in enumerate(edges):
        back = by_ends[edge.ends[::-1]]
        if back.attributes != edge.attributes:
            raise listing.error("has another weight in the other direction", edge)
        if edge is back or (edge.line or position) < (back.line or len(edges)):
            once.append(edge)
    return once

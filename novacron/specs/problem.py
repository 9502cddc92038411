"""Binary optimization problems: cuts of a graph, QUBO and Ising."""

import math
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Self

from pydantic import Discriminator, Field, ModelWrapValidatorHandler, Tag, model_validator

from novacron.specs.hamiltonian import MAX_QUBITS
from novacron.specs.record import Record, by_key, keyed
from novacron.specs.refusal import refuse
from novacron.specs.scalars import Integer, Label, Number

MAX_PAIRS = MAX_QUBITS * (MAX_QUBITS - 1) // 2
SHOWN_COMPONENTS = 4
SHOWN_NODES = 8
KEYS = ("maxcut", "qubo", "ising")

Size = Annotated[Integer, Field(ge=1, le=MAX_QUBITS)]
Edges = Annotated[tuple[tuple[Integer, Integer], ...], Field(min_length=1, max_length=MAX_PAIRS)]
Names = Annotated[tuple[Label, ...], Field(max_length=MAX_QUBITS)]
Couplings = Annotated[tuple[tuple[Integer, Integer, Number], ...], Field(max_length=MAX_PAIRS)]


class MaxCut(Record):
    """A weighted graph for maximum cut; node i is qubit i.

    Attributes:
        n_nodes: nodes are 0 .. n_nodes - 1; default: one more than the greatest in `edges`, or one per name.
            A node without edges may be on either side.
        edges: pairs of nodes, each pair once.
        weights: one weight per edge, signed; 1 by default.
        nodes: names of the nodes; None if the indices are the names.
    """

    _filled = ("n_nodes", "weights")

    n_nodes: Annotated[Integer, Field(ge=2, le=MAX_QUBITS)]
    edges: Edges
    weights: Annotated[tuple[Number, ...], Field(max_length=MAX_PAIRS)]
    nodes: Names | None = None

    @model_validator(mode="before")
    @classmethod
    def _fill(cls, data: Any) -> Any:
        if not isinstance(data, Mapping) or not isinstance(edges := data.get("edges"), list | tuple):
            return data
        for position, edge in enumerate(edges):
            if isinstance(edge, list | tuple) and len(edge) == 3:
                raise refuse(
                    "must be two nodes", at=("edges", position), value=edge, hint="weights go under weights"
                )
            if isinstance(edge, list | tuple) and any(isinstance(node, str) for node in edge):
                hint = "nodes are numbers from 0; their names go under nodes"
                raise refuse("must be two numbers", at=("edges", position), value=edge, hint=hint)
        ends = [
            node for edge in edges if isinstance(edge, list | tuple) for node in edge if isinstance(node, int)
        ]
        n_names = len(names) if isinstance(names := data.get("nodes"), list | tuple) else 0
        n_nodes = max([1, *ends, n_names - 1]) + 1
        if data.get("n_nodes") is None and not n_names and len(ends) == 2 * len(edges):
            _check_listed(n_nodes, ends)
        filled = {"n_nodes": n_nodes, "weights": [1.0] * len(edges)}
        return filled | {key: value for key, value in data.items() if key not in filled or value is not None}

    @model_validator(mode="after")
    def _check(self) -> Self:
        _check_pairs(self.edges, self.n_nodes, "edges", "node")
        if len(self.weights) != len(self.edges):
            rule = f"must be one for each of the {len(self.edges)} edges, not {len(self.weights)}"
            raise refuse(rule, at=("weights",))
        _check_names(self.nodes, self.n_nodes, "nodes")
        if not any(self.weights):
            raise refuse("must not all be zero", at=("weights",))
        _check_connected(self.n_nodes, self.edges)
        return self

    @property
    def names(self) -> Names | None:
        """Names of the nodes."""
        return self.nodes

    @property
    def size(self) -> int:
        """Number of nodes."""
        return self.n_nodes

    @property
    def n_terms(self) -> int:
        """Number of edges."""
        return len(self.edges)

    @property
    def coefficients(self) -> tuple[float, ...]:
        """Coefficients of the terms."""
        return self.weights


class Qubo(Record):
    """Minimise sum_i linear_i x_i + sum quadratic_ij x_i x_j + constant over x in {0, 1}; x_i is qubit i.

    An entry [i, i, q] of `quadratic` is linear since x_i^2 = x_i: it is added to linear_i.
    """

    _filled = ("n_variables", "linear")

    n_variables: Size
    linear: tuple[Number, ...]
    quadratic: Couplings = ()
    constant: Number = 0.0
    variables: Names | None = None

    @model_validator(mode="before")
    @classmethod
    def _fill(cls, data: Any) -> Any:
        return _fill_fields(data, "n_variables", "linear", "quadratic")

    @model_validator(mode="after")
    def _check(self) -> Self:
        _check_fields(self.linear, self.n_variables, "linear")
        _check_pairs(self.quadratic, self.n_variables, "quadratic", "variable", diagonal=True)
        _check_names(self.variables, self.n_variables, "variables")
        return self

    @model_validator(mode="wrap")
    @classmethod
    def _move_diagonal(cls, data: Any, validate: ModelWrapValidatorHandler["Qubo"]) -> "Qubo":
        """Move the diagonal to `linear`: equal problems have equal specs. Runs after the validators above."""
        given = validate(data)
        diagonal = {i: value for i, j, value in given.quadratic if i == j}
        if not diagonal:
            return given
        linear = tuple(value + diagonal.get(i, 0.0) for i, value in enumerate(given.linear))
        if not all(map(math.isfinite, linear)):
            raise refuse("is too large together with the diagonal of quadratic", at=("linear",))
        pairs = tuple(entry for entry in given.quadratic if entry[0] != entry[1])
        return given.model_copy(update={"linear": linear, "quadratic": pairs})

    @property
    def names(self) -> Names | None:
        """Names of the variables."""
        return self.variables

    @property
    def size(self) -> int:
        """Number of variables."""
        return self.n_variables

    @property
    def n_terms(self) -> int:
        """Number of coefficients, without the constant."""
        return len(self.linear) + len(self.quadratic)

    @property
    def coefficients(self) -> tuple[float, ...]:
        """Coefficients of the terms, without the constant."""
        return (*self.linear, *(value for _, _, value in self.quadratic))


class Ising(Record):
    """Minimise sum_i h_i s_i + sum J_ij s_i s_j + constant over s in {1, -1}; s_i = 1 is bit 0 of qubit i."""

    _filled = ("n_spins", "h")

    n_spins: Size
    h: tuple[Number, ...]
    J: Couplings = ()
    constant: Number = 0.0
    spins: Names | None = None

    @model_validator(mode="before")
    @classmethod
    def _fill(cls, data: Any) -> Any:
        return _fill_fields(data, "n_spins", "h", "J")

    @model_validator(mode="after")
    def _check(self) -> Self:
        _check_fields(self.h, self.n_spins, "h")
        _check_pairs(self.J, self.n_spins, "J", "spin")
        _check_names(self.spins, self.n_spins, "spins")
        return self

    @property
    def names(self) -> Names | None:
        """Names of the spins."""
        return self.spins

    @property
    def size(self) -> int:
        """Number of spins."""
        return self.n_spins

    @property
    def n_terms(self) -> int:
        """Number of coefficients, without the constant."""
        return len(self.h) + len(self.J)

    @property
    def coefficients(self) -> tuple[float, ...]:
        """Coefficients of the terms, without the constant."""
        return (*self.h, *(value for _, _, value in self.J))


class MaxCutProblem(Record):
    """A maximum-cut problem."""

    maxcut: MaxCut

    @property
    def body(self) -> MaxCut:
        """The graph."""
        return self.maxcut


class QuboProblem(Record):
    """A QUBO problem."""

    qubo: Qubo

    @property
    def body(self) -> Qubo:
        """The QUBO."""
        return self.qubo


class IsingProblem(Record):
    """An Ising problem."""

    ising: Ising

    @property
    def body(self) -> Ising:
        """The Ising model."""
        return self.ising


Problem = Annotated[
    Annotated[MaxCutProblem, Tag("maxcut")]
    | Annotated[QuboProblem, Tag("qubo")]
    | Annotated[IsingProblem, Tag("ising")],
    Discriminator(by_key(*KEYS)),
    keyed(*KEYS),
]
"""A problem, discriminated by its only key."""


_LOOPS = {
    "node": "no cut can part it: leave it out",
    "spin": "s_i s_i is 1 for every spin: add it to constant",
}


def _fill_fields(data: Any, size: str, fields: str, couplings: str) -> Any:
    """Infer the size, and fill missing fields with zeros."""
    if not isinstance(data, Mapping):
        return data
    filled = dict(data)
    linear, pairs = data.get(fields), data.get(couplings)
    if isinstance(linear, Mapping):
        raise refuse("must be a list of numbers", at=(fields,), value=linear, hint="in the order of the bits")
    if isinstance(pairs, Mapping):
        hint = "[[i, j, value] for (i, j), value in Q.items()] in Python"
        raise refuse("must be a list of triples [i, j, value]", at=(couplings,), value=pairs, hint=hint)
    if data.get(size) is None and isinstance(linear, list | tuple):
        filled[size] = len(linear)
    elif data.get(size) is None and isinstance(pairs, list | tuple):
        ends = [
            node
            for pair in pairs
            if isinstance(pair, list | tuple)
            for node in pair[:2]
            if isinstance(node, int)
        ]
        filled[size] = max(ends, default=0) + 1
    n = filled.get(size)
    if linear is None and isinstance(n, int) and 0 < n <= MAX_QUBITS:
        filled[fields] = [0.0] * n
    return filled


def _check_fields(fields: Sequence[float], n: int, name: str) -> None:
    if len(fields) != n:
        raise refuse(f"must have {n} entries, not {len(fields)}", at=(name,))


def _check_names(names: Sequence[str] | None, n: int, key: str) -> None:
    if names is None:
        return
    if len(names) != n:
        raise refuse(f"must be {n} names, not {len(names)}", at=(key,))
    for position, name in enumerate(names):
        if name in names[:position]:
            raise refuse("is given twice", at=(key, position), value=name)


def _check_pairs(
    pairs: Sequence[tuple[Any, ...]], n: int, name: str, what: str, *, diagonal: bool = False
) -> None:
    seen: dict[tuple[int, int], int] = {}
    for position, (a, b, *_) in enumerate(pairs):
        at = (name, position)
        if not (0 <= a < n and 0 <= b < n):
            wrong = b if 0 <= a < n else a
            raise refuse(
                f"there is no {what} {wrong}", at=at, value=[a, b], hint=f"they run from 0 to {n - 1}"
            )
        if a == b and not diagonal:
            raise refuse(f"joins {what} {a} to itself", at=at, value=[a, b], hint=_LOOPS[what])
        first = seen.setdefault((min(a, b), max(a, b)), position)
        if first != position:
            rule = f"the same pair as {name}[{first}]"
            raise refuse(rule, at=at, value=[a, b], hint="give each pair once, with the sum of the weights")


def _check_listed(n: int, ends: Sequence[int]) -> None:
    """Refuse gaps in the node numbers, probably a mistake, unless the number of nodes is given."""
    missing = sorted(set(range(n)) - set(ends)) if min(ends, default=-1) >= 0 and n <= MAX_QUBITS else ()
    if missing:
        hint = f"give n_nodes: {n} where nodes without edges are meant. Nodes are counted from 0"
        raise refuse(f"no edge has {_nodes(missing)}", at=("edges",), hint=hint)


def _check_connected(n: int, edges: Sequence[tuple[int, int]]) -> None:
    """Refuse several components with edges: separately they are cheaper. Isolated nodes are allowed."""
    parts = [part for part in components(n, edges) if len(part) > 1]
    if len(parts) == 1:
        return
    shown = ", ".join(_nodes(part) for part in parts[:SHOWN_COMPONENTS])
    more = f" and {len(parts) - SHOWN_COMPONENTS} more" if len(parts) > SHOWN_COMPONENTS else ""
    rule = f"the graph falls into {len(parts)} components: {shown}{more}"
    raise refuse(rule, at=("edges",), hint="submit the components apart; their cuts add up")


def _nodes(part: Sequence[int]) -> str:
    dots = ", ..." if len(part) > SHOWN_NODES else ""
    return "{" + ", ".join(map(str, part[:SHOWN_NODES])) + dots + "}"


def components(n: int, edges: Sequence[tuple[int, int]]) -> list[list[int]]:
    """Return the connected components of a graph: ascending nodes each, ordered by their smallest node."""
    parent = list(range(n))

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for a, b in edges:
        parent[root(a)] = root(b)
    parts: dict[int, list[int]] = {}
    for node in range(n):
        parts.setdefault(root(node), []).append(node)
    return list(parts.values())

"""Graph files: JSON, GraphML and edge lists, read to the `maxcut` of a spec."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.parsers import expat

from novacron.errors import BadInput
from novacron.problems.document import read_json

JSON_KEYS = ("n_nodes", "edges", "weights")


def read_graph(text: str, file: str) -> dict[str, Any]:
    """A graph, in the format the file's name tells: .json, .graphml or .xml, anything else an edge list.

    Returns:
        `edges` and, where the file has them, `n_nodes` and `weights`. Not validated yet.

    Raises:
        BadInput: the file is malformed.
    """
    suffix = Path(file).suffix.lower()
    if suffix == ".json":
        return graph_of(read_json(text, file), file)
    return read_graphml(text, file) if suffix in (".graphml", ".xml") else read_edge_list(text, file)


def graph_of(document: object, file: str) -> dict[str, Any]:
    """The graph in a JSON document; what else it holds is left out.

    Raises:
        BadInput: it has no edges.
    """
    if not isinstance(document, Mapping) or "edges" not in document:
        raise BadInput("must be a mapping with the key edges", file=file)
    graph = {key: document[key] for key in JSON_KEYS if document.get(key) is not None}
    if "n" in document:
        graph.setdefault("n_nodes", document["n"])
    return graph


def read_edge_list(text: str, file: str) -> dict[str, Any]:
    """Lines `a b` or `a b weight`, by spaces or commas; `#` starts a comment.

    Raises:
        BadInput: a line is something else, or some edges have a weight and others not.
    """
    edges: list[tuple[str, str]] = []
    weights: list[float] = []
    for number, line in enumerate(text.splitlines(), 1):
        words = line.partition("#")[0].replace(",", " ").split()
        if not words:
            continue
        if len(words) not in (2, 3):
            raise BadInput(
                "must be two nodes and an optional weight", file=file, line=number, value=line.strip()
            )
        edges.append((words[0], words[1]))
        if len(words) == 3:
            weights.append(_weight(words[2], file, number))
        if len(weights) not in (0, len(edges)):
            raise BadInput("give all edges a weight or none", file=file, line=number)
    return _numbered([], edges, weights)


def _weight(word: str, file: str, line: int) -> float:
    try:
        return float(word)
    except ValueError:
        raise BadInput("the weight must be a number", file=file, line=line, value=word) from None


def _numbered(
    nodes: Sequence[str], edges: Sequence[tuple[str, str]], weights: Sequence[float]
) -> dict[str, Any]:
    """Nodes that are all numbers keep them; others are numbered as they first appear."""
    names = list(dict.fromkeys([*nodes, *(end for edge in edges for end in edge)]))
    by_number = all(name.isascii() and name.isdigit() and len(name) < 10 for name in names)
    number = {name: int(name) if by_number else position for position, name in enumerate(names)}
    graph: dict[str, Any] = {"edges": [[number[a], number[b]] for a, b in edges]}
    if names:
        graph["n_nodes"] = max(number.values()) + 1
    return graph | ({"weights": list(weights)} if weights else {})


def read_graphml(text: str, file: str) -> dict[str, Any]:
    """Nodes, edges and the edge data named `weight` of an undirected GraphML graph.

    Source: Brandes et al., "GraphML progress report", Graph Drawing 2001.

    Raises:
        BadInput: it is malformed, has a document type (so no entities are ever expanded), is directed, or an
            edge lacks an end or has a weight that is no number.
    """
    reader = _GraphML(file)
    try:
        reader.parser.Parse(text.encode("utf-8", "replace"), True)
    except expat.ExpatError as error:
        rule = f"malformed GraphML: {expat.ErrorString(error.code)}"
        raise BadInput(rule, file=file, line=error.lineno, column=error.offset + 1) from None
    weights = [1.0 if weight is None else weight for weight in reader.weights]
    weighted = any(weight is not None for weight in reader.weights)
    return _numbered(reader.nodes, reader.edges, weights if weighted else [])


class _GraphML:
    """Collects from expat's events; edges without weight data have the key's default, else None."""

    def __init__(self, file: str) -> None:
        self.nodes: list[str] = []
        self.edges: list[tuple[str, str]] = []
        self.weights: list[float | None] = []
        self.parser = expat.ParserCreate("utf-8", namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters
        self._file = file
        self._weight_key = ""
        self._in_weight_key = False
        self._in_edge = False
        self._default: float | None = None
        self._text: list[str] | None = None
        self._graphs = 0

    def _refuse(self, rule: str, value: object = None) -> BadInput:
        return BadInput(rule, file=self._file, line=self.parser.CurrentLineNumber, value=value)

    def _doctype(self, *_: object) -> None:
        raise self._refuse("must not have a document type declaration")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        handler = getattr(self, f"_start_{tag.rpartition(' ')[2]}", None)
        if handler is not None:
            handler(attributes)

    def _start_graph(self, attributes: dict[str, str]) -> None:
        self._graphs += 1
        if self._graphs > 1:
            raise self._refuse("must hold one graph only")
        if attributes.get("edgedefault") == "directed":
            raise self._refuse("must be an undirected graph", "directed")

    def _start_node(self, attributes: dict[str, str]) -> None:
        self._in_edge = False
        self.nodes.append(self._required(attributes, "id"))

    def _start_edge(self, attributes: dict[str, str]) -> None:
        if attributes.get("directed") == "true":
            raise self._refuse("must be an undirected graph", "directed")
        self.edges.append((self._required(attributes, "source"), self._required(attributes, "target")))
        self.weights.append(self._default)
        self._in_edge = True

    def _start_key(self, attributes: dict[str, str]) -> None:
        self._in_weight_key = attributes.get("attr.name") == "weight" and attributes.get("for") in (
            "edge",
            "all",
        )
        if self._in_weight_key:
            self._weight_key = self._required(attributes, "id")

    def _start_default(self, attributes: dict[str, str]) -> None:
        self._text = [] if self._in_weight_key else None

    def _start_data(self, attributes: dict[str, str]) -> None:
        of_weight = self._in_edge and self._weight_key and attributes.get("key") == self._weight_key
        self._text = [] if of_weight else None

    def _required(self, attributes: dict[str, str], name: str) -> str:
        if name not in attributes:
            raise self._refuse(f"the attribute {name} is missing")
        return attributes[name]

    def _characters(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)

    def _end(self, tag: str) -> None:
        name = tag.rpartition(" ")[2]
        if self._text is None or name not in ("data", "default"):
            return
        weight = _weight("".join(self._text).strip(), self._file, self.parser.CurrentLineNumber)
        self._text = None
        if name == "data":
            self.weights[-1] = weight
        else:
            self._default = weight

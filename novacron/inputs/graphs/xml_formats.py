"""GraphML and GEXF, parsed by expat with the line of every error; entities are never expanded."""

from collections.abc import Callable
from typing import Any
from xml.parsers import expat

from novacron.errors import BadInput
from novacron.inputs.graphs.listing import Edge, Listing


def read_graphml(text: str, file: str) -> Listing:
    """Return nodes, edges and edge data, with the defaults of their keys.

    Source: Brandes et al., "GraphML progress report", Graph Drawing 2001.

    Raises:
        BadInput: it is malformed, has a document type, is directed, holds more than one graph, has
            hyperedges, or an edge lacks an end.
    """
    return _GraphML(file).read(text)


def read_gexf(text: str, file: str) -> Listing:
    """Return nodes by label (by id where labels repeat), edges, their weights and attributes.

    Source: GEXF 1.3, gexf.net; 1.1 and 1.2 are read in the same way.

    Raises:
        BadInput: as `read_graphml`; or it is dynamic.
    """
    return _Gexf(file).read(text)


class _Reader:
    """Calls `_start_NAME(attributes)` and `_end_NAME(text)` for the elements of a document."""

    def __init__(self, file: str, form: str) -> None:
        self.listing = Listing(file, closed=True)
        self._form = form
        self._parser = expat.ParserCreate("utf-8", namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._text: list[str] = []
        self._key: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._defaults: dict[str, str] = {}
        self._graphs = 0

    def read(self, text: str) -> Listing:
        try:
            self._parser.Parse(text.encode("utf-8", "replace"), True)
        except expat.ExpatError as error:
            rule = f"malformed {self._form}: {expat.ErrorString(error.code)}"
            raise BadInput(rule, file=self.listing.file, line=error.lineno, column=error.offset + 1) from None
        if not self._graphs:
            raise BadInput(f"is not {self._form}: there is no element graph", file=self.listing.file)
        for edge in self.listing.edges:
            edge.attributes = self._defaults | edge.attributes
        return self.listing

    def _refuse(self, rule: str, value: object = None) -> BadInput:
        return BadInput(rule, file=self.listing.file, line=self._parser.CurrentLineNumber, value=value)

    def _doctype(self, *_: object) -> None:
        raise self._refuse("must not have a document type declaration")

    def _handler(self, when: str, tag: str) -> Callable[[Any], None] | None:
        return getattr(self, f"_{when}_{tag.rpartition(' ')[2]}", None)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._text = []
        handler = self._handler("start", tag)
        if handler is not None:
            handler(attributes)

    def _characters(self, text: str) -> None:
        self._text.append(text)

    def _end(self, tag: str) -> None:
        handler = self._handler("end", tag)
        if handler is not None:
            handler("".join(self._text).strip())

    def _required(self, attributes: dict[str, str], name: str) -> str:
        if name not in attributes:
            raise self._refuse(f"the attribute {name} is missing")
        return attributes[name]

    def _graph(self, edge_type: str | None) -> None:
        self._graphs += 1
        if self._graphs > 1:
            raise self._refuse("must hold one graph only")
        self._undirected(edge_type)

    def _undirected(self, edge_type: str | None) -> None:
        """Refuse an edge type that is not `undirected` or, as XML's boolean `directed`, false."""
        if edge_type not in (None, "undirected", "false", "0"):
            directed = edge_type in ("true", "1")
            raise self._refuse("must be an undirected graph", "directed" if directed else edge_type)

    def _edge(self, attributes: dict[str, str]) -> Edge:
        ends = self._required(attributes, "source"), self._required(attributes, "target")
        edge = Edge(ends, {}, self._parser.CurrentLineNumber)
        self.listing.edges.append(edge)
        return edge


class _GraphML(_Reader):
    def __init__(self, file: str) -> None:
        super().__init__(file, "GraphML")
        self._in_edge = False
        self._datum = ""

    def _start_graph(self, attributes: dict[str, str]) -> None:
        self._graph(attributes.get("edgedefault"))

    def _start_node(self, attributes: dict[str, str]) -> None:
        self._in_edge = False
        self.listing.nodes.append(self._required(attributes, "id"))

    def _start_edge(self, attributes: dict[str, str]) -> None:
        self._undirected(attributes.get("directed"))
        self._edge(attributes)
        self._in_edge = True

    def _start_hyperedge(self, attributes: dict[str, str]) -> None:
        raise self._refuse("has a hyperedge, which is no pair of nodes")

    def _start_key(self, attributes: dict[str, str]) -> None:
        self._key = attributes
        if attributes.get("for") in ("edge", "all", None):
            key = self._required(attributes, "id")
            self._names[key] = attributes.get("attr.name", key)

    def _end_default(self, text: str) -> None:
        if self._key.get("id") in self._names:
            self._defaults[self._names[self._key["id"]]] = text

    def _start_data(self, attributes: dict[str, str]) -> None:
        self._datum = self._required(attributes, "key")

    def _end_data(self, text: str) -> None:
        if self._in_edge:
            name = self._names.get(self._datum, self._datum)
            self.listing.edges[-1].attributes[name] = text

    def _end_edge(self, text: str) -> None:
        self._in_edge = False


class _Gexf(_Reader):
    def __init__(self, file: str) -> None:
        super().__init__(file, "GEXF")
        self._labels: list[str | None] = []
        self._class = ""

    def read(self, text: str) -> Listing:
        listing = super().read(text)
        labels = self._labels
        if all(labels) and len(set(labels)) == len(labels) == len(set(listing.nodes)):
            name = dict(zip(listing.nodes, map(str, labels), strict=True))
            listing.nodes = list(name.values())
            for edge in listing.edges:
                edge.ends = name.get(edge.ends[0], edge.ends[0]), name.get(edge.ends[1], edge.ends[1])
        return listing

    def _start_graph(self, attributes: dict[str, str]) -> None:
        if attributes.get("mode") == "dynamic":
            raise self._refuse("must be a static graph", "dynamic")
        self._graph(attributes.get("defaultedgetype"))

    def _start_attributes(self, attributes: dict[str, str]) -> None:
        self._class = attributes.get("class", "")

    def _start_attribute(self, attributes: dict[str, str]) -> None:
        self._key = attributes
        if self._class == "edge":
            key = self._required(attributes, "id")
            self._names[key] = attributes.get("title", key)

    def _end_default(self, text: str) -> None:
        if self._class == "edge":
            self._defaults[self._names[self._key["id"]]] = text

    def _start_node(self, attributes: dict[str, str]) -> None:
        self._class = "node"
        self.listing.nodes.append(self._required(attributes, "id"))
        self._labels.append(attributes.get("label"))

    def _start_edge(self, attributes: dict[str, str]) -> None:
        self._class = "edge"
        self._undirected(attributes.get("type"))
        edge = self._edge(attributes)
        if "weight" in attributes:
            edge.attributes["weight"] = attributes["weight"]

    def _start_attvalue(self, attributes: dict[str, str]) -> None:
        if self._class == "edge":
            key = self._required(attributes, "for")
            self.listing.edges[-1].attributes[self._names.get(key, key)] = self._required(attributes, "value")

"""Graphs in text formats: edge lists, Gset (rudy), DIMACS and Pajek."""

import ast
import csv
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from novacron.errors import BadInput
from novacron.inputs.graphs.listing import Edge, Listing, undirected

HEADERS = {("source", "target"), ("from", "to"), ("node1", "node2"), ("node_1", "node_2"), ("u", "v")}
"""Names of the node columns, in a header line of an edge list."""

_KONECT = re.compile(r"%\s*(asym|bip)\b")
"""First line of a directed or bipartite graph of KONECT, konect.cc, and of the Network Repository."""

Line = tuple[int, list[str]]


def read_edge_list(text: str, file: str) -> Listing:
    """Read lines `a b`, `a b weight` or `a b {'weight': 3}`, by spaces, tabs or commas.

    Comments begin with `#` or `%`, at the start of a line or after a space. A first line `source target ...`
    names the columns, in any order; the columns other than the nodes are attributes of the edges. If a later
    line has one of these two names as a node, the first line is an edge as well.

    Raises:
        BadInput: a line is something else; the graph is directed or bipartite by KONECT's header.
    """
    listing = Listing(file)
    header = _KONECT.match(text)
    if header:
        what = "undirected" if header[1] == "asym" else "numbered as one set of nodes"
        raise BadInput(f"must be {what}", file=file, line=1, value=text.splitlines()[0])
    lines = list(_lines(text, "[#%]"))
    columns = _Columns.of(lines, file)
    if columns is not None:
        listing.edges = [columns.edge(line, number) for number, line in lines[1:]]
        return listing
    for number, line in lines:
        data = line[line.index("{") :] if "{" in line else ""
        bare = line.removesuffix(data)
        words = _fields(bare) if '"' in bare else bare.replace(",", " ").split()
        if len(words) not in ((2,) if data else (2, 3)):
            rule = "must be two nodes and an optional weight"
            hint = "names with spaces need another format, GraphML for instance" if len(words) > 3 else None
            raise BadInput(rule, file=file, line=number, value=line, hint=hint)
        if '"' not in bare:
            _check_names(words[:2], file, number)
        attributes = _data(data, file, number) if data else {"weight": words[2]} if len(words) == 3 else {}
        listing.edges.append(Edge((words[0], words[1]), attributes, number))
    return listing


@dataclass(frozen=True)
class _Columns:
    """The named columns of an edge list.

    Attributes:
        names: names of all columns.
        ends: positions of the two node columns.
        file: path, for messages.
    """

    names: list[str]
    ends: tuple[int, int]
    file: str

    @classmethod
    def of(cls, lines: list[tuple[int, str]], file: str) -> "_Columns | None":
        """Return the columns named by the first line; None if it is an edge.

        Raises:
            BadInput: a column has no name.
        """
        if not lines:
            return None
        names = _fields(lines[0][1])
        lower = [name.lower() for name in names]
        ends = next(((lower.index(a), lower.index(b)) for a, b in HEADERS if a in lower and b in lower), None)
        if ends is None:
            return None
        nodes = {names[at] for at in ends}
        rows = [_fields(line) for _, line in lines[1:]]
        if any(row[at] in nodes for row in rows for at in ends if at < len(row)):
            return None
        if "" in names:
            hint = "pandas writes the index of the rows so; index=False leaves it out"
            raise BadInput(
                f"column {names.index('') + 1} has no name", file=file, line=lines[0][0], hint=hint
            )
        return cls(names, ends, file)

    def edge(self, line: str, number: int) -> Edge:
        """Return the edge on a line.

        Raises:
            BadInput: it has more or fewer values than there are columns.
        """
        values = _fields(line)
        if len(values) != len(self.names):
            rule = f"has {len(values)} values for {len(self.names)} columns"
            raise BadInput(rule, file=self.file, line=number, value=line)
        row = list(zip(self.names, values, strict=True))
        if ("type", "directed") in [(name.lower(), value.lower()) for name, value in row]:
            raise BadInput("must be an undirected graph", file=self.file, line=number, value=line)
        attributes = {name: value for at, (name, value) in enumerate(row) if at not in self.ends}
        return Edge((values[self.ends[0]], values[self.ends[1]]), attributes, number)


def _fields(line: str) -> list[str]:
    """Return the fields between commas, or else spaces; quotes group a field and are removed."""
    if "," not in line and '"' not in line:
        return line.split()
    separator = "," if "," in line else " "
    row = [line.replace("\t", " ").strip()]
    try:
        (fields,) = csv.reader(row, delimiter=separator, skipinitialspace=True)
    except csv.Error:  # a field of more than 128 KiB
        return line.split()
    return [field.strip() for field in fields]


def _check_names(names: list[str], file: str, line: int) -> None:
    """Refuse what is more likely a separator or a comment than a node: `--`, `->`, `//`, `b#1`."""
    for name in names:
        if "#" in name:
            hint = "put a space before a comment, or quotes around the name"
            raise BadInput("must not have # inside a word", file=file, line=line, value=name, hint=hint)
        if not any(map(str.isalnum, name)):
            hint = "separate the nodes by a space or a comma; comments begin with #"
            raise BadInput("is no name of a node", file=file, line=line, value=name, hint=hint)


def _data(text: str, file: str, line: int) -> dict[str, Any]:
    """Return the data of an edge as written by NetworkX's `write_edgelist`, a Python dictionary."""
    try:
        data = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        data = None
    if not isinstance(data, dict) or not all(isinstance(key, str) for key in data):
        raise BadInput("must be a dictionary such as {'weight': 3}", file=file, line=line, value=text)
    return data


def read_gset(text: str, file: str) -> Listing:
    """Read the format of rudy and the Gset: a line `nodes edges`, then lines `a b [weight]`, counted from 1.

    Raises:
        BadInput: the first line is something else, or contradicts the rest.
    """
    lines = list(_words(text, "#"))
    if not lines or len(lines[0][1]) != 2:
        raise BadInput("must begin with the numbers of nodes and edges", file=file, line=1)
    (first, head), *rest = lines
    n_nodes, n_edges = (_count(word, file, first) for word in head)
    listing = _numbered(n_nodes, file)
    for number, words in rest:
        if len(words) not in (2, 3):
            raise BadInput("must be two nodes and an optional weight", file=file, line=number)
        listing.edges.append(_edge(words, n_nodes, file, number))
    if len(listing.edges) != n_edges:
        rule = f"announces {n_edges} edges and {len(listing.edges)} follow; the file may be cut short"
        raise BadInput(rule, file=file, line=first, value=" ".join(head))
    return listing


def is_gset(text: str, file: str) -> bool:
    """Return whether lines of numbers are in the Gset format, according to their first line.

    Raises:
        BadInput: they are valid as an edge list as well, or the announced number of edges is missing.
    """
    lines = [words for _, words in _words(text, "#")]
    if (
        len(lines) < 2
        or len(lines[0]) != 2
        or not all(re.fullmatch(r"[0-9]{1,9}", word) for words in lines for word in words[:2])
    ):
        return False
    n_nodes, n_edges = map(int, lines[0])
    rest = lines[1:]
    ends = [frozenset(map(int, words[:2])) for words in rest]
    within = all(1 <= end <= n_nodes for pair in ends for end in pair)
    if all(len(words) == 3 for words in rest) and n_nodes > 1 and (within or n_edges == len(rest)):
        return True
    if not within:
        return False
    if n_edges == len(rest) and ({n_nodes, n_edges} in ends or n_nodes == n_edges or n_edges > n_nodes):
        return True
    if n_edges == len(rest) or not any(n_edges in pair for pair in ends):
        rule = "may be the numbers of nodes and edges (Gset), or an edge itself"
        if n_edges != len(rest):
            rule += f"; {len(rest)} lines follow"
        hint = "beside `file` say `format: gset` or `format: edge_list`"
        raise BadInput(rule, file=file, line=1, value=" ".join(lines[0]), hint=hint)
    return False


def read_dimacs(text: str, file: str) -> Listing:
    """Read DIMACS: `c` comments, a line `p edge nodes edges`, lines `e a b [weight]`, counted from 1.

    Files that give each edge in both directions are read as one edge per pair.

    Raises:
        BadInput: a line is something else, the graph is directed, or the number of edges differs.
    """
    listing, head, n_nodes = Listing(file), None, 0
    for number, words in _words(text, "c"):
        if words[0] == "p" and head is None and len(words) == 4 and words[1] in ("edge", "edges", "col"):
            head, n_nodes = (number, _count(words[3], file, number)), _count(words[2], file, number)
            listing = _numbered(n_nodes, file)
        elif words[0] == "e" and head is not None and len(words) in (3, 4):
            listing.edges.append(_edge(words[1:], n_nodes, file, number))
        elif words[0] != "n" or head is None:
            hint = "arcs of directed graphs are not read" if words[0] == "a" or "sp" in words[:2] else None
            rule = "must be `p edge NODES EDGES` once, then lines `e A B`"
            raise BadInput(rule, file=file, line=number, value=" ".join(words), hint=hint)
    if head is None:
        raise BadInput("must have a line `p edge NODES EDGES`", file=file)
    once = undirected(listing, listing.edges)
    if head[1] not in (len(listing.edges), len(once)):
        rule = f"announces {head[1]} edges and {len(listing.edges)} follow; the file may be cut short"
        raise BadInput(rule, file=file, line=head[0])
    listing.edges = once
    return listing


def read_pajek(text: str, file: str) -> Listing:
    """Read Pajek: `*Vertices n` with lines `number "label"`, then `*Edges` with lines `a b [weight]`.

    Raises:
        BadInput: arcs, lists or matrices; a line that is something else.
    """
    reader = _Pajek(file)
    for number, line in _lines(text, "%"):
        reader.take(number, line)
    if len(reader.labels) < reader.n_nodes and reader.labels:
        rule = f"announces {reader.n_nodes} vertices and names {len(reader.labels)}"
        raise BadInput(rule, file=file, line=reader.head, hint="the file may be cut short")
    return reader.listing()


class _Pajek:
    def __init__(self, file: str) -> None:
        self.labels: dict[str, str] = {}
        self.n_nodes, self.head = 0, 0
        self._edges: list[Edge] = []
        self._file, self._section = file, ""

    def take(self, number: int, line: str) -> None:
        if line.startswith("*"):
            self._open(number, line)
            return
        try:
            words = shlex.split(line)
        except ValueError as error:
            raise BadInput(f"malformed: {error}", file=self._file, line=number) from None
        if self._section == "*vertices":
            if not words[0].isdecimal() or not 1 <= int(words[0]) <= self.n_nodes or words[0] in self.labels:
                rule = f"must begin with a number from 1 to {self.n_nodes}, each once"
                raise BadInput(rule, file=self._file, line=number, value=line)
            self.labels[words[0]] = words[1] if len(words) > 1 else words[0]
        elif self._section == "*arcs":
            raise BadInput("arcs are directed", file=self._file, line=number, value=line, hint="write *Edges")
        elif self._section == "*edges" and len(words) >= 2:
            attributes = {"weight": words[2]} if len(words) > 2 else {}
            edge = _edge(words[:2], self.n_nodes, self._file, number)
            self._edges.append(Edge(edge.ends, attributes, number))
        elif self._section != "*network":
            raise BadInput("belongs to no section", file=self._file, line=number, value=line)

    def _open(self, number: int, line: str) -> None:
        section, *rest = line.lower().split()
        if section not in ("*network", "*vertices", "*edges", "*arcs"):
            rule = "only the sections *Vertices and *Edges are read"
            raise BadInput(rule, file=self._file, line=number, value=section)
        if section == "*vertices":
            if self.n_nodes or not rest:
                rule = "must be `*Vertices N`, once"
                raise BadInput(rule, file=self._file, line=number, value=line)
            self.n_nodes, self.head = _count(rest[0], self._file, number), number
        self._section = section

    def listing(self) -> Listing:
        """Return the listing by label, if labels are unique."""
        numbers = [str(number) for number in range(1, self.n_nodes + 1)]
        apart = len(set(self.labels.values())) == len(self.labels)
        name = {number: self.labels.get(number, number) if apart else number for number in numbers}
        edges = [
            Edge((name[edge.ends[0]], name[edge.ends[1]]), edge.attributes, edge.line) for edge in self._edges
        ]
        return Listing(self._file, list(name.values()), edges, closed=True)


def _lines(text: str, comment: str) -> Iterator[tuple[int, str]]:
    """Yield number and content of the non-empty lines, without comments; `comment` is a regular expression.

    A comment begins at the start of a line or after a space, outside of quotes and of the data of an edge.
    """
    kept_or_not = re.compile(r'("[^"]*"|\{.*\})|(?:^|(?<=\s))' + comment + ".*")
    for number, line in enumerate(text.splitlines(), 1):
        kept = (kept_or_not.sub(lambda found: found[1] or "", line) if comment else line).strip()
        if kept:
            yield number, kept


def _words(text: str, comment: str) -> Iterator[Line]:
    """Yield the words of non-empty lines; a comment of DIMACS is a line whose first word is `c`."""
    for number, line in _lines(text, "" if comment == "c" else comment):
        words = line.split()
        if words[0] != comment:
            yield number, words


def _numbered(n_nodes: int, file: str) -> Listing:
    return Listing(file, [str(number) for number in range(1, n_nodes + 1)])


def _edge(words: list[str], n_nodes: int, file: str, line: int) -> Edge:
    for word in words[:2]:
        if not re.fullmatch(r"[0-9]{1,9}", word) or not 1 <= int(word) <= n_nodes:
            raise BadInput(f"nodes are numbers from 1 to {n_nodes}", file=file, line=line, value=word)
    ends = str(int(words[0])), str(int(words[1]))
    return Edge(ends, {"weight": words[2]} if len(words) > 2 else {}, line)


def _count(word: str, file: str, line: int) -> int:
    if not re.fullmatch(r"[0-9]{1,6}", word):
        raise BadInput("must be a number below a million", file=file, line=line, value=word)
    return int(word)

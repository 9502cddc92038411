"""Detection of a graph file's format, and parsing."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from novacron.errors import BadInput, nearest
from novacron.inputs.data_file import YAML_SUFFIXES, DataFile
from novacron.inputs.graphs import gml, json_formats, text_formats, xml_formats
from novacron.inputs.graphs.listing import DEFAULT, Edge, Listing, Weight, undirected
from novacron.inputs.matrix_market import BANNER, read_matrix

Reader = Callable[[str, str], Listing]

READERS: dict[str, Reader] = {
    "edge_list": text_formats.read_edge_list,
    "gset": text_formats.read_gset,
    "dimacs": text_formats.read_dimacs,
    "pajek": text_formats.read_pajek,
    "graphml": xml_formats.read_graphml,
    "gexf": xml_formats.read_gexf,
    "gml": gml.read_gml,
    "matrix_market": lambda text, file: _of_matrix(text, file),
}
FORMATS = ("json", *READERS)
_SUFFIXES = {
    **dict.fromkeys((".json", *YAML_SUFFIXES), "json"),
    **dict.fromkeys((".net", ".paj", ".pajek"), "pajek"),
    **dict.fromkeys((".col", ".dimacs"), "dimacs"),
    **dict.fromkeys((".rud", ".rudy", ".gset", ".mc"), "gset"),
    **{f".{name}": name for name in ("graphml", "gexf", "gml")},
    ".mtx": "matrix_market",
}
_UNREAD = frozenset(
    ".adjlist .multiline_adjlist .dot .gv .g6 .graph6 .s6 .sparse6 .graph .metis .lp .mps .qplib".split()
)
"""Suffixes of formats whose lines may be mistaken for edges."""


def read_graph(text: str, file: str, form: object = None, weight: Weight = DEFAULT) -> dict[str, Any]:
    """Return the `maxcut` of a graph file, not yet validated.

    Args:
        text: content of the file.
        file: path of the file.
        form: one of `FORMATS`; None detects it from the file's name, else from its content.
        weight: edge attribute that is the weight; None ignores all.

    Raises:
        BadInput: the file is malformed, contradicts itself, or is not a graph that can be cut.
    """
    form = _checked(form) or detect(text, file)
    if form == "json":
        return json_formats.graph_of(DataFile(text, file), weight)
    return READERS[form](text, file).maxcut(weight)


def _checked(form: object) -> str | None:
    if form is None or (isinstance(form, str) and form in FORMATS):
        return form
    close = nearest(form, FORMATS)
    hint = f"did you mean {close!r}?" if close else None
    raise BadInput("must be one of " + ", ".join(FORMATS), field="format", value=form, hint=hint)


def detect(text: str, file: str) -> str:
    """Return the format's name, by suffix, else by the beginning of the text; an edge list by default.

    Raises:
        BadInput: it may be an edge list or a Gset file, or the suffix is of a format that is not supported.
    """
    suffix, head = Path(file).suffix.lower(), text.lstrip()[:2000].lower()
    if suffix in _SUFFIXES:
        return _SUFFIXES[suffix]
    if suffix in _UNREAD:
        hint = (
            f"convert it to one of {', '.join(FORMATS)}, or beside `file` say which of them it is by `format`"
        )
        raise BadInput("files of this format are not read", file=file, value=suffix, hint=hint)
    if head.startswith("<"):
        return "gexf" if "<gexf" in head else "graphml"
    if head.startswith("{"):
        return "json"
    if head.startswith(BANNER.lower()):
        return "matrix_market"
    if head.startswith(("*vertices", "*network")):
        return "pajek"
    lines = [line.split() for line in head.splitlines() if line.strip()]
    if any(words[0] == "p" and len(words) == 4 for words in lines):
        return "dimacs"
    if any(words[:2] == ["graph", "["] or words == ["graph"] for words in lines):
        return "gml"
    return "gset" if text_formats.is_gset(text, file) else "edge_list"


def _of_matrix(text: str, file: str) -> Listing:
    """Read a symmetric matrix as a graph: an off-diagonal entry is an edge with its weight."""
    matrix = read_matrix(text, file)
    listing = Listing(file, [str(node) for node in range(matrix.size)])
    for row, column, value, line in matrix.entries:
        if row == column and not value:
            continue
        attributes: dict[str, Any] = {} if matrix.pattern else {"weight": value}
        listing.edges.append(Edge((str(row), str(column)), attributes, line))
    if not matrix.symmetric:
        once = undirected(listing, listing.edges)
        if len(once) == len(listing.edges) and once:
            raise listing.error("is not there in the other direction: the matrix must be symmetric", once[0])
        listing.edges = once
    return listing

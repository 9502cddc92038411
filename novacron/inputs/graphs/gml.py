"""GML, parsed by NetworkX (extra `graphs`)."""

from typing import Any

from novacron.errors import BadInput
from novacron.inputs.graphs.listing import Edge, Listing


def read_gml(text: str, file: str) -> Listing:
    """Return nodes by label (by id where labels repeat or are missing), and edges with their data.

    Raises:
        BadInput: NetworkX is not installed; it is malformed, directed or a multigraph.
    """
    try:
        import networkx
    except ImportError:
        raise BadInput("GML is read by NetworkX", file=file, hint="pip install 'novacron[graphs]'") from None
    try:
        graph: Any = networkx.parse_gml(text.splitlines(), label=None)
    except (networkx.NetworkXException, ValueError, KeyError, IndexError, TypeError, RecursionError) as error:
        raise BadInput(f"malformed GML: {error}"[:300], file=file) from None
    if graph.is_directed():
        raise BadInput("must be an undirected graph", file=file, value="directed 1")
    labels = {node: str(data.get("label", "")) for node, data in graph.nodes(data=True)}
    apart = all(labels.values()) and len(set(labels.values())) == len(labels)
    name = labels if apart else {node: str(node) for node in graph}
    edges = [Edge((name[a], name[b]), dict(data)) for a, b, data in graph.edges(data=True)]
    return Listing(file, list(name.values()), edges, closed=True)

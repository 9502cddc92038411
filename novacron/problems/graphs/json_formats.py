"""Graphs in JSON or YAML: our own keys, and NetworkX's node-link form."""

from typing import Any

from novacron.errors import BadInput
from novacron.problems.data_file import DataFile
from novacron.problems.graphs.listing import DEFAULT, Edge, Listing, Weight

KEYS = ("edges", "weights", "n_nodes", "n", "nodes")
_TOLD = (
    *("problem", "kind", "seed", "weighted", "max_cut", "best_assignment", "n_optimal_assignments"),
    *("total_weight", "random_cut_expectation"),
)
_NODE_LINK = ("directed", "multigraph", "graph", "nodes", "links", "edges")


def graph_of(found: DataFile, weight: Weight = DEFAULT) -> dict[str, Any]:
    """The `maxcut` of a file of our own keys (`edges`, `weights`, `n_nodes`, `nodes`) or in node-link form.

    Raises:
        BadInput: it has no edges or an unknown key, or contradicts itself.
    """
    if is_node_link(found.value):
        return _node_link(found).maxcut(weight)
    if "edges" not in found.value:
        raise BadInput("must be a mapping with the key edges", file=found.file)
    found.check_keys((*KEYS, *_TOLD), cures={"links": "a node-link file has nodes as well"})
    if isinstance(weight, str):
        rule = "the edges of this file have no attributes"
        raise BadInput(rule, file=found.file, value=weight, hint="it gives weights under the key weights")
    _check(found)
    value = found.value
    graph = {
        key: value[key] for key in ("edges", "weights", "n_nodes", "nodes") if value.get(key) is not None
    }
    if value.get("n") is not None:
        graph["n_nodes"] = value["n"]
    return graph if weight is DEFAULT else {key: graph[key] for key in graph if key != "weights"}


def _check(found: DataFile) -> None:
    value = found.value
    edges, weights, nodes = (value.get(key) for key in ("edges", "weights", "nodes"))
    sizes = [value[key] for key in ("n", "n_nodes") if value.get(key) is not None]
    if isinstance(nodes, list):
        sizes.append(len(nodes))
    if any(size != sizes[0] for size in sizes):
        raise found.error(
            f"contradicts the {sizes[0]} nodes of the same file", "nodes" if nodes else "n_nodes"
        )
    if isinstance(edges, list) and isinstance(weights, list) and len(edges) != len(weights):
        rule = f"must be one for each of the {len(edges)} edges, not {len(weights)}"
        raise found.error(rule, "weights", hint="the file may be cut short")
    if value.get("weighted") is True and weights is None:
        raise found.error("there are no weights", "weighted", value=True)
    if value.get("problem", "maxcut") != "maxcut":
        raise found.error("a file of edges is a maxcut", "problem", value=value["problem"])
    total = value.get("total_weight")
    if isinstance(total, int | float) and isinstance(edges, list):
        given = [1.0] * len(edges) if weights is None else weights
        if isinstance(given, list) and all(isinstance(one, int | float) for one in given):
            if abs(sum(given) - total) > 1e-6 * max(1.0, sum(map(abs, given))):
                raise found.error(f"the weights add up to {sum(given):.12g}", "total_weight", value=total)


def is_node_link(value: dict[str, Any]) -> bool:
    """Whether a document is in node-link form: its nodes are mappings."""
    nodes, edges = value.get("nodes"), value.get("links", value.get("edges"))
    return (
        isinstance(nodes, list)
        and isinstance(edges, list)
        and any(isinstance(one, dict) for one in nodes + edges)
    )


def _node_link(found: DataFile) -> Listing:
    value = found.value
    found.check_keys(_NODE_LINK)
    if value.get("directed"):
        raise found.error("must be an undirected graph", "directed", value=True)
    if "links" in value and "edges" in value:
        raise found.error("is given as edges, too", "links")
    key = "links" if "links" in value else "edges"
    listing = Listing(found.file, closed=True)
    for position, node in enumerate(value["nodes"]):
        if not isinstance(node, dict) or "id" not in node:
            raise found.error("must be a mapping with an id", "nodes", position)
        listing.nodes.append(_name(found, node["id"], "nodes", position))
    for position, edge in enumerate(value[key]):
        if not isinstance(edge, dict) or not {"source", "target"} <= edge.keys():
            raise found.error("must be a mapping with source and target", key, position)
        ends = [_name(found, edge[end], key, position) for end in ("source", "target")]
        attributes = {name: one for name, one in edge.items() if name not in ("source", "target", "key")}
        listing.edges.append(Edge((ends[0], ends[1]), attributes))
    return listing


def _name(found: DataFile, name: object, *at: str | int) -> str:
    if isinstance(name, bool) or not isinstance(name, str | int | float):
        raise found.error("a node must be named by text or a number", *at, value=name)
    return str(name)

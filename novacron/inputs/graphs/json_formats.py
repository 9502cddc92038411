"""Graphs in JSON or YAML: our own keys, and NetworkX's node-link form."""

from typing import Any

from novacron.errors import BadInput
from novacron.inputs.data_file import DataFile
from novacron.inputs.graphs.listing import DEFAULT, Edge, Listing, Weight

KEYS = ("edges", "weights", "n_nodes", "n", "nodes")
_TOLD = (
    *("problem", "kind", "seed", "weighted", "max_cut", "best_assignment", "n_optimal_assignments"),
    *("total_weight", "random_cut_expectation"),
)
_NODE_LINK = ("directed", "multigraph", "graph", "nodes", "links", "edges")


def graph_of(found: DataFile, weight: Weight = DEFAULT) -> dict[str, Any]:
    """Return the `maxcut` of a file with our keys (`edges`, `weights`, `n_nodes`, `nodes`) or node-link form.

    Raises:
        BadInput: it has no edges or an unknown key, or contradicts itself.
    """
    if is_node_link(found.value):
        return _node_link(found).maxcut(weight)
    if "edges" not in found.value:
        hint = "NetworkX writes edges by node_link_data" if "adjacency" in found.value else None
        raise BadInput("must be a mapping with the key edges", file=found.file, hint=hint)
    found.check_keys((*KEYS, *_TOLD), cures={"links": "a node-link file has nodes as well"})
    if isinstance(weight, str):
        rule = "the edges of this file have no attributes"
        raise BadInput(rule, file=found.file, value=weight, hint="it gives weights under the key weights")
    _check(found)
    value = found.value
    if _by_name(value):
        return _named(found).maxcut(None if weight is None else DEFAULT)
    graph = {
        key: value[key] for key in ("edges", "weights", "n_nodes", "nodes") if value.get(key) is not None
    }
    if value.get("n") is not None:
        graph["n_nodes"] = value["n"]
    return graph if weight is DEFAULT else {key: graph[key] for key in graph if key != "weights"}


def _check(found: DataFile) -> None:
    value = found.value
    for key in ("edges", "weights", "nodes"):
        if value.get(key) is not None and not isinstance(value[key], list):
            raise found.error("must be a list", key, value=value[key])
    _check_sizes(found)
    if value.get("weighted") is True and value.get("weights") is None:
        raise found.error("there are no weights", "weighted", value=True)
    if value.get("problem", "maxcut") != "maxcut":
        raise found.error("a file of edges is a maxcut", "problem", value=value["problem"])
    _check_total(found)


def _check_sizes(found: DataFile) -> None:
    edges, weights, nodes = (found.value.get(key) for key in ("edges", "weights", "nodes"))
    sizes = [found.value[key] for key in ("n", "n_nodes") if found.value.get(key) is not None]
    if nodes is not None:
        sizes.append(len(nodes))
    if any(size != sizes[0] for size in sizes):
        raise found.error(
            f"contradicts the {sizes[0]} nodes of the same file", "nodes" if nodes else "n_nodes"
        )
    if edges is not None and weights is not None and len(edges) != len(weights):
        rule = f"must be one for each of the {len(edges)} edges, not {len(weights)}"
        raise found.error(rule, "weights", hint="the file may be cut short")


def _check_total(found: DataFile) -> None:
    total, edges = found.value.get("total_weight"), found.value.get("edges") or []
    given = found.value.get("weights") or [1.0] * len(edges)
    if not all(isinstance(one, int | float) for one in (total, *given)):
        return
    if abs(sum(given) - total) > 1e-6 * max(1.0, sum(map(abs, given))):
        raise found.error(f"the weights add up to {sum(given):.12g}", "total_weight", value=total)


def _by_name(value: dict[str, Any]) -> bool:
    """Return whether edges have named ends, or weights of their own: `["a", "b"]`, `[0, 1, 2.5]`."""
    edges, nodes = value.get("edges"), value.get("nodes")
    if not isinstance(edges, list) or not all(isinstance(edge, list) for edge in edges):
        return False
    named = any(isinstance(end, str) for edge in edges for end in edge[:2])
    numbered = isinstance(nodes, list) and any(isinstance(node, int) for node in nodes)
    return named or numbered or any(len(edge) == 3 for edge in edges)


def _named(found: DataFile) -> Listing:
    value = found.value
    names, weights, size = value.get("nodes"), value.get("weights"), value.get("n_nodes", value.get("n"))
    listing = Listing(found.file, closed=names is not None)
    listing.nodes = [_name(found, node, "nodes", position) for position, node in enumerate(names or ())]
    for position, edge in enumerate(value["edges"]):
        if len(edge) not in (2, 3) or (len(edge) == 3 and weights is not None):
            rule = "must be two nodes" if weights is not None else "must be two nodes and an optional weight"
            raise found.error(rule, "edges", position, value=edge)
        ends = [_name(found, end, "edges", position) for end in edge[:2]]
        given = edge[2:] if weights is None else [weights[position]]
        listing.edges.append(Edge((ends[0], ends[1]), {"weight": given[0]} if given else {}))
    ends_named = {end for edge in listing.edges for end in edge.ends}
    if size is not None and names is None and size != len(ends_named):
        raise found.error(
            f"the edges join {len(ends_named)} nodes", "n_nodes" if "n_nodes" in value else "n", value=size
        )
    return listing


def is_node_link(value: dict[str, Any]) -> bool:
    """Return whether a document is in node-link form: its nodes are mappings."""
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

"""Graph files of every format: what they hold is read, or refused with its place."""

import json
from pathlib import Path
from typing import Any

import networkx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from novacron.errors import BadInput
from novacron.inputs.graphs.formats import detect, read_graph
from novacron.specs import QAOA

GRAPHML = """<?xml version="1.0" encoding="utf-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
  <key id="d0" for="edge" attr.name="weight" attr.type="double"><default>2.5</default></key>
  <key id="d1" for="node" attr.name="colour" attr.type="string"><default>red</default></key>
  <graph edgedefault="undirected">
    <node id="n0"/><node id="n1"><data key="d1">blue</data></node><node id="n2"/>
    <edge source="n2" target="n0"><data key="d0">-1.5</data></edge>
    <edge source="n0" target="n1"/>
  </graph>
</graphml>
"""
GEXF = """<?xml version="1.0" encoding="UTF-8"?>
<gexf xmlns="http://gexf.net/1.3" version="1.3">
  <graph defaultedgetype="undirected">
    <attributes class="edge"><attribute id="0" title="capacity" type="double"/></attributes>
    <nodes><node id="0" label="ada"/><node id="1" label="bob"/><node id="2" label="cy"/></nodes>
    <edges>
      <edge source="0" target="1" weight="2.5"><attvalues><attvalue for="0" value="7"/></attvalues></edge>
      <edge source="1" target="2" weight="-1"><attvalues><attvalue for="0" value="8"/></attvalues></edge>
    </edges>
  </graph>
</gexf>
"""
GML = """graph [
  node [ id 0 label "ada" ]
  node [ id 1 label "bob" ]
  node [ id 2 label "cy" ]
  edge [ source 0 target 1 value 2.5 ]
  edge [ source 1 target 2 value -1 ]
]
"""
PAJEK = '*Vertices 3\n1 "ada" 0.1 0.2\n2 "bob"\n3 "cy"\n*Edges\n1 2 2.5\n2 3 -1\n'
GSET = "3 2\n1 2 2.5\n2 3 -1\n"
DIMACS = "c a path\np edge 3 2\ne 1 2\ne 2 3\n"
MATRIX = "%%MatrixMarket matrix coordinate real symmetric\n% a path\n3 3 2\n2 1 2.5\n3 2 -1\n"
PEOPLE = {"n_nodes": 3, "edges": [[0, 1], [1, 2]], "weights": [2.5, -1.0], "nodes": ["ada", "bob", "cy"]}
FROM_ONE = {"n_nodes": 3, "edges": [[0, 1], [1, 2]], "nodes": ["1", "2", "3"]}


def refusal(*arguments: Any) -> Any:
    with pytest.raises(BadInput) as refused:
        read_graph(*arguments)
    return refused.value


def test_graphml_has_its_own_node_names_and_the_defaults_of_its_keys() -> None:
    assert read_graph(GRAPHML, "g.graphml") == {
        "n_nodes": 3,
        "edges": [[2, 0], [0, 1]],
        "weights": [-1.5, 2.5],
        "nodes": ["n0", "n1", "n2"],
    }
    plain = GRAPHML.replace("n0", "5").replace("n1", "1").replace("n2", "3")
    assert read_graph(plain, "g.graphml")["nodes"] == ["1", "3", "5"]
    assert read_graph(plain, "g.graphml")["edges"] == [[1, 2], [2, 0]]


@pytest.mark.parametrize(
    ("text", "file", "weight", "expected"),
    [
        (GEXF, "g.gexf", "weight", PEOPLE),
        (GEXF, "g.gexf", "capacity", PEOPLE | {"weights": [7.0, 8.0]}),
        (GML, "g.gml", "value", PEOPLE),
        (PAJEK, "g.net", "weight", PEOPLE),
        (GSET, "G1", "weight", FROM_ONE | {"weights": [2.5, -1.0]}),
        (DIMACS, "g.col", None, FROM_ONE),
        (MATRIX, "g.mtx", "weight", {"n_nodes": 3, "edges": [[1, 0], [2, 1]], "weights": [2.5, -1.0]}),
    ],
)
def test_each_format_is_read(text: Any, file: Any, weight: Any, expected: Any) -> None:
    assert read_graph(text, file, None, weight) == expected
    assert read_graph(text, "graph", None, weight) == expected, "told by content"


def test_edge_lists() -> None:
    assert read_graph("# square\n0 1\n1,2\n\n2 3 # last\n3\t0\n", "g.txt") == {
        "n_nodes": 4, "edges": [[0, 1], [1, 2], [2, 3], [3, 0]],
    }  # fmt: skip
    named = read_graph("a b 1.5\nb c -2\n", "g.edges")
    assert named == {
        "n_nodes": 3,
        "edges": [[0, 1], [1, 2]],
        "weights": [1.5, -2.0],
        "nodes": ["a", "b", "c"],
    }
    assert read_graph("1 2\n2 3\n", "g.txt") == FROM_ONE
    assert read_graph("% sym unweighted\n% 2 3 3\n1 2 % first\n2 3\n", "g.txt") == FROM_ONE
    assert read_graph('"#1" b\nb "50 %" # last\n', "g.txt")["nodes"] == ["#1", "b", "50 %"]
    assert read_graph("0 1 2\n1 2 3\n", "g.dot", "edge_list")["weights"] == [2.0, 3.0]
    coloured = "0 1 {'weight': 3, 'color': '#ff0000'} # red\n"
    assert read_graph(coloured, "g.txt")["weights"] == [3.0]
    data = "0 1 {'weight': 3}\n1 2 {'weight': 0.5, 'kind': 'road'}\n"
    assert read_graph(data, "g.txt")["weights"] == [3.0, 0.5]
    assert "weights" not in read_graph("0 1 {}\n1 2 {}\n", "g.txt")
    table = "source,target,weight,toll\n0,1,3,7\n1,2,0.5,8\n"
    assert read_graph(table, "g.csv")["weights"] == [3.0, 0.5]
    assert read_graph(table, "g.csv", None, "toll")["weights"] == [7.0, 8.0]
    turned = "toll,target,weight,source\n7,1,3,0\n8,2,0.5,1\n"
    assert read_graph(turned, "g.csv") == read_graph(table, "g.csv")
    quoted = '"source","target","weight"\n"New York",Rome,3\n"Rome","Lima, Peru",1\n'
    assert read_graph(quoted, "g.csv")["nodes"] == ["New York", "Rome", "Lima, Peru"]
    assert read_graph('"a b" c 2\nc d 3\n', "g.txt")["nodes"] == ["a b", "c", "d"]
    assert read_graph("u v\nv w\n", "g.txt")["nodes"] == ["u", "v", "w"]
    assert read_graph(PAJEK.replace("*Edges", "*Arcs\n*Edges"), "g.net") == PEOPLE


@pytest.mark.parametrize(
    ("old", "new", "line", "rule"),
    [
        ("undirected", "directed", 5, "must be an undirected graph"),
        (' target="n1"', "", 8, "the attribute target is missing"),
        (' target="n1"', ' target="n1" directed="1"', 8, "must be an undirected graph"),
        (' target="n1"', ' target="n1" directed="yes"', 8, "must be an undirected graph"),
        ("-1.5", "heavy", 7, "the edge n2 - n0 has a weight that is not a finite number"),
        ("-1.5", "inf", 7, "not a finite number"),
        ("</graph>", "", 10, "malformed GraphML: mismatched tag"),
        ("<graphml", '<!DOCTYPE g [<!ENTITY a "aa">]><graphml', 2, "must not have a document type"),
        ("</graphml>", '<graph edgedefault="undirected"/></graphml>', 10, "one graph only"),
        ('target="n1"', 'target="n7"', 8, "ends at a node that the file does not list"),
        ('target="n1"', 'target="n0"', 8, "joins a node to itself"),
        ('target="n1"', 'target="n2"', 8, "is given twice, first in line 7"),
        ("<default>2.5</default>", "", 8, "has no weight, and others have one"),
        ('<edge source="n0" target="n1"/>', "<hyperedge/>", 8, "hyperedge"),
        ("</graph>\n</graphml>\n", "", 9, "malformed GraphML"),
    ],
)
def test_bad_graphml_has_its_line(old: Any, new: Any, line: Any, rule: Any) -> None:
    error = refusal(GRAPHML.replace(old, new), "g.graphml")
    assert (error.file, error.line) == ("g.graphml", line)
    assert rule in error.rule


@pytest.mark.parametrize(
    ("text", "file", "line", "rule"),
    [
        ("0 1\n2\n", "g.txt", 2, "must be two nodes"),
        ("0 1 2 3\n", "g.txt", 1, "must be two nodes"),
        ("0 1\n1 2 3\n", "g.txt", 1, "has no weight, and others have one"),
        ("0 1 x\n", "g.txt", 1, "not a finite number"),
        ("0 1\n1 0\n", "g.txt", 2, "is given twice, first in line 1"),
        ("0 1\n1 1\n", "g.txt", 2, "joins a node to itself"),
        ("0 1 {'weight': 3\n", "g.txt", 1, "must be a dictionary"),
        ("1 -- 2\n2 -- 3\n", "g.txt", 1, "is no name of a node"),
        ("// roads\n1 2\n", "g.txt", 1, "is no name of a node"),
        ("1 2\nb c#1 2\n", "g.txt", 2, "must not have # inside a word"),
        ("% asym weighted\n1 2 3\n", "g.txt", 1, "must be undirected"),
        ("% bip weighted\n1 2 3\n", "g.txt", 1, "must be numbered as one set of nodes"),
        ("0 1 2\n1 2 3\n", "g.adjlist", None, "files of this format are not read"),
        ("", "g.txt", None, "has no edges"),
        ("4 3\n1 2 1\n2 3 1\n", "g.rud", 1, "announces 3 edges and 2 follow"),
        ("3 2\n1 2 1\n2 4 1\n", "g.rud", 3, "nodes are numbers from 1 to 3"),
        ("9 100\n1 2\n2 3\n", "g.txt", 1, "may be the numbers of nodes and edges"),
        ("5 4\n1 2\n1 3\n1 4\n1 5\n", "g.txt", 1, "may be the numbers of nodes and edges"),
        (DIMACS.replace("3 2", "3 5"), "g.col", 2, "announces 5 edges and 2 follow"),
        (DIMACS.replace("e 2 3", "e 2 9"), "g.col", 4, "nodes are numbers from 1 to 3"),
        (DIMACS.replace("e 2 3", "x 2 3"), "g.col", 4, "must be `p edge"),
        ("p sp 3 2\na 1 2 4\n", "g.dimacs", 1, "must be `p edge"),
        ("e 1 2\n", "g.col", 1, "must be `p edge"),
        (PAJEK.replace("*Edges", "*Arcs"), "g.net", 6, "arcs are directed"),
        ("source,target,w\n0,1,2\n1,2\n", "g.csv", 3, "has 2 values for 3 columns"),
        ("Source,Target,Type\n0,1,Undirected\n1,2,Directed\n", "g.csv", 3, "must be an undirected graph"),
        (",source,target\n0,1,2\n1,2,0\n", "g.csv", 1, "column 1 has no name"),
        (PAJEK.replace("*Edges", "*Edgeslist"), "g.net", 5, "only the sections"),
        (PAJEK.replace("2 3 -1", "2 4 -1"), "g.net", 7, "nodes are numbers from 1 to 3"),
        (PAJEK.replace('3 "cy"\n', ""), "g.net", 1, "announces 3 vertices and names 2"),
        (GEXF.replace("undirected", "directed"), "g.gexf", 3, "must be an undirected graph"),
        (
            GEXF.replace('defaultedgetype="undirected"', 'mode="dynamic"'),
            "g.gexf",
            3,
            "must be a static graph",
        ),
        (GEXF[:300], "g.gexf", 5, "malformed GEXF"),
        (GML[:60], "g.gml", None, "malformed GML"),
        (GML.replace("graph [", "graph [ directed 1"), "g.gml", None, "must be an undirected graph"),
        (GML.replace("target 2", "target 1"), "g.gml", None, "joins a node to itself"),
        (MATRIX.replace("real", "complex"), "g.mtx", 1, "must be real or integer or pattern"),
        (MATRIX.replace("3 3 2", "3 3 3"), "g.mtx", 3, "announces 3 entries and 2 follow"),
        (MATRIX.replace("3 2 -1", "3 3 -1"), "g.mtx", 5, "joins a node to itself"),
        (MATRIX.replace("symmetric", "general"), "g.mtx", 4, "must be symmetric"),
    ],
)
def test_what_is_wrong_in_a_file_has_its_line(text: Any, file: Any, line: Any, rule: Any) -> None:
    error = refusal(text, file)
    assert rule in error.rule
    assert (error.line, error.file) == (line, file)


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"edges": [[0, 1, 2.5], [1, 2, -1]]}, {"weights": [2.5, -1.0]}),
        ({"edges": [["ada", "bob", 2.5], ["bob", "cy", -1]]}, PEOPLE),
        ({"edges": [["ada", "bob"], ["bob", "cy"]], "weights": [2.5, -1]}, PEOPLE),
        ({"edges": [["bob", "cy"]], "nodes": ["cy", "bob"]}, {"nodes": ["cy", "bob"], "edges": [[1, 0]]}),
        ({"edges": [[10, 20]], "nodes": [20, 10]}, {"nodes": ["10", "20"], "edges": [[0, 1]]}),
        ({"edges": [[0, 1]], "nodes": ["ada", "bob"]}, {"nodes": ["ada", "bob"], "edges": [[0, 1]]}),
        ({"edges": [[0, 1, 3]], "n": 2}, {"n_nodes": 2, "weights": [3.0]}),
    ],
)
def test_edges_may_carry_names_and_weights(document: Any, expected: Any) -> None:
    read = read_graph(json.dumps(document), "g.json")
    assert {key: read[key] for key in expected} == expected


@pytest.mark.parametrize(
    ("document", "field", "rule"),
    [
        ({"edges": [[0, 1]], "weight": [2]}, "weight", "unknown key"),
        ({"edges": [[0, 1, 2]], "weights": [2]}, "edges[0]", "must be two nodes"),
        ({"edges": [["a", "b", 2, 3]]}, "edges[0]", "must be two nodes"),
        ({"edges": [["a", None]]}, "edges[0]", "must be named by text"),
        ({"edges": [["a", "b"]], "n": 3}, "n", "the edges join 2 nodes"),
        ({"edges": [[0, 1]], "n": 2, "n_nodes": 3}, "n_nodes", "contradicts the 2 nodes"),
        ({"edges": [[0, 1]], "n": 3, "nodes": ["a", "b"]}, "nodes", "contradicts"),
        ({"edges": [[0, 1], [1, 2]], "weights": [1]}, "weights", "one for each of the 2 edges"),
        ({"edges": [[0, 1]], "weighted": True}, "weighted", "there are no weights"),
        ({"edges": [[0, 1]], "total_weight": 3}, "total_weight", "add up to 1"),
        ({"edges": [[0, 1]], "problem": "qubo"}, "problem", "is a maxcut"),
        ({"nodes": [{"id": 0}], "links": [], "directed": True}, "directed", "undirected"),
        ({"nodes": [{"id": 0}, {"name": 1}], "links": []}, "nodes[1]", "with an id"),
        ({"nodes": [{"id": 0}], "links": [{"source": 0}]}, "links[0]", "source and target"),
        ({"nodes": [{"id": 0}], "links": [], "multigraf": 0}, "multigraf", "unknown key"),
    ],
)
def test_bad_json_graphs_name_the_key(document: Any, field: Any, rule: Any) -> None:
    error = refusal(json.dumps(document), "g.json")
    assert error.field == field and rule in error.rule and error.line == 1


@pytest.mark.parametrize("name", ["capacity", "Weight", "value"])
def test_a_number_that_may_be_the_weight_is_never_dropped(name: Any) -> None:
    graph = networkx.path_graph(4)
    networkx.set_edge_attributes(graph, {(0, 1): 1.5, (1, 2): 2.0, (2, 3): 0.25}, name)
    texts = {
        "g.graphml": "\n".join(networkx.generate_graphml(graph)),
        "g.gexf": "\n".join(networkx.generate_gexf(graph)),
        "g.gml": "\n".join(networkx.generate_gml(graph)),
        "g.json": json.dumps(networkx.node_link_data(graph)),
        "g.txt": "\n".join(networkx.generate_edgelist(graph)),
    }
    for file, text in texts.items():
        assert name in refusal(text, file).rule and f"weight: {name}" in refusal(text, file).hint
        assert read_graph(text, file, None, name)["weights"] == [1.5, 2.0, 0.25]
        assert "weights" not in read_graph(text, file, None, None)
        assert "no edge has this attribute" in refusal(text, file, None, "cost").rule


def test_an_unknown_format_names_the_nearest() -> None:
    error = refusal("0 1\n", "g.txt", "gest")
    assert (error.field, error.hint) == ("format", "did you mean 'gset'?")
    assert read_graph("5 4\n1 2\n1 3\n1 4\n1 5\n", "g.txt", "gset")["n_nodes"] == 5
    assert len(read_graph("5 4\n1 2\n1 3\n1 4\n1 5\n", "g.txt", "edge_list")["edges"]) == 5


def test_a_file_in_both_directions_is_one_edge_a_pair() -> None:
    both = "p col 3 4\ne 1 2\ne 2 1\ne 2 3\ne 3 2\n"
    assert read_graph(both, "g.col") == FROM_ONE
    matrix = "%%MatrixMarket matrix array real general\n2 2\n0\n3.5\n3.5\n0\n"
    assert read_graph(matrix, "g.mtx") == {"n_nodes": 2, "edges": [[1, 0]], "weights": [3.5]}
    assert "another weight" in refusal(matrix.replace("3.5\n3.5", "3.5\n4"), "g.mtx").rule


def test_gml_without_networkx_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "networkx", None)
    assert refusal(GML, "g.gml").hint == "pip install 'novacron[graphs]'"


NAMES = st.sampled_from(["a", "b", "c", "d", "e x", "7", "é", "x.1"])


@st.composite
def graphs(draw: Any) -> networkx.Graph:
    """Weighted graphs under names of their own."""
    names = draw(st.lists(NAMES, min_size=2, max_size=8, unique=True))
    pairs = [(a, b) for position, a in enumerate(names) for b in names[:position]]
    chosen = draw(st.lists(st.sampled_from(pairs), min_size=1, unique=True))
    graph = networkx.Graph()
    graph.add_nodes_from(names)
    for a, b in chosen:
        graph.add_edge(a, b, weight=draw(st.floats(-9, 9).map(lambda value: round(value, 3))))
    return graph


def cuts(found: dict[str, Any]) -> dict[frozenset[str], float]:
    names = found.get("nodes") or [str(node) for node in range(found["n_nodes"])]
    pairs = [frozenset((names[a], names[b])) for a, b in found["edges"]]
    return dict(zip(pairs, found["weights"], strict=True))


@given(graphs())
@settings(deadline=None, max_examples=60)
def test_what_networkx_writes_is_what_is_read(graph: networkx.Graph) -> None:
    expected = {frozenset((a, b)): data["weight"] for a, b, data in graph.edges(data=True)}
    for form, text in {
        "graphml": "\n".join(networkx.generate_graphml(graph)),
        "gexf": "\n".join(networkx.generate_gexf(graph)),
        "gml": "\n".join(networkx.generate_gml(graph)),
        "json": json.dumps(networkx.node_link_data(graph)),
    }.items():
        found = read_graph(text, f"g.{form}")
        assert cuts(found) == expected
        assert set(found.get("nodes", ())) in ({*graph.nodes}, set())
    pajek = "\n".join(networkx.generate_pajek(graph))
    assert cuts(read_graph(pajek, "g.net")) == expected
    numbered = networkx.convert_node_labels_to_integers(graph)
    for data in (True, ["weight"]):
        text = "\n".join(networkx.generate_edgelist(numbered, data=data))
        assert len(read_graph(text, "g.txt", "edge_list")["edges"]) == len(expected)


WORDS = st.text("ab1#%-/:>", min_size=1, max_size=3).filter(lambda word: word[0] not in "#%")


@given(st.lists(st.tuples(WORDS, WORDS, st.integers(1, 9)), min_size=1, max_size=4))
def test_an_edge_list_is_read_as_it_stands_or_refused(edges: list[tuple[str, str, int]]) -> None:
    text = "".join(f"{a} {b} {weight}\n" for a, b, weight in edges)
    try:
        found = cuts(read_graph(text, "g.txt", "edge_list"))
    except BadInput:
        return
    assert found == {frozenset((a, b)): weight for a, b, weight in edges}


def test_names_reach_the_spec(tmp_path: Path) -> None:
    (tmp_path / "g.graphml").write_text(GRAPHML)
    spec = QAOA(problem=str(tmp_path / "g.graphml"))
    assert spec.model_dump()["problem"]["maxcut"]["nodes"] == ("n0", "n1", "n2")
    chosen = {"file": str(tmp_path / "g.graphml"), "weight": None}
    assert QAOA(problem={"maxcut": chosen}).model_dump()["problem"]["maxcut"]["weights"] == (1.0, 1.0)
    with pytest.raises(BadInput, match="edge attribute"):
        QAOA(problem=chosen | {"weight": 3})


@given(
    st.text(max_size=60),
    st.sampled_from(["g.gml", "g.net", "g.col", "g.txt", "g.gexf", "g.mtx", "g.json", "g"]),
)
@settings(deadline=None)
def test_any_text_is_read_or_refused(text: str, file: str) -> None:
    try:
        read_graph(text, file)
    except BadInput as error:
        assert error.rule


def test_formats_are_told_by_content() -> None:
    found = [detect(text, "x") for text in (GRAPHML, GEXF, GML, PAJEK, GSET, DIMACS, MATRIX, "{}", "0 1\n")]
    assert found == [
        "graphml",
        "gexf",
        "gml",
        "pajek",
        "gset",
        "dimacs",
        "matrix_market",
        "json",
        "edge_list",
    ]

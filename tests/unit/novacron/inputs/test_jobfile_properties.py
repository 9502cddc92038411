"""Whatever a file holds, a job or a `BadInput` comes out."""

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from novacron.errors import BadInput
from novacron.inputs import jobfile
from novacron.inputs.document import read_json, read_yaml

DATA = Path(__file__).parents[3] / "data"
PIECES = st.lists(
    st.sampled_from(
        [
            "kind", ": ", "hybrid_vqe", "\n", "  ", "- ", "[", "]", "{", "}", ",", "&a ", "*a", "!!str ",
            "'", '"', "#", "---", "...", "|", ">", "?", "<<", "1e3", ".nan", "0110", "null", "\t", "\ud800",
            "\x00", "\x85", "é", "%Y",
        ]
    ),
    max_size=30,
).map("".join)  # fmt: skip
FINITE = st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | FINITE | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)  # fmt: skip
REFERENCES = {
    "x.json": "kind: hybrid_vqe\nhamiltonian: x.json\nansatz: hardware_efficient\n",
    "x.fcidump": "kind: hybrid_vqe\nhamiltonian: x.fcidump\nansatz: hardware_efficient\n",
    "x.graphml": "kind: hybrid_qaoa\nproblem: x.graphml\n",
    "x.txt": "kind: hybrid_qaoa\nproblem: x.txt\n",
    "x.csv": "kind: quantum_ml\ndata: {file: x.csv, target: y}\nmodel: kernel_svm\n",
    "x.qasm": "kind: pure_quantum\ncircuit: x.qasm\n",
}
VALID = {
    "x.json": (DATA / "hamiltonians/h2_sto3g_0.7414.json").read_bytes(),
    "x.fcidump": b"&FCI NORB=2,NELEC=2,MS2=0,\n&END\n 0.5 1 1 1 1\n 0.1 0 0 0 0\n",
    "x.graphml": b'<graphml><graph><node id="a"/><node id="b"/>'
    b'<edge source="a" target="b"/></graph></graphml>',
    "x.txt": b"0 1\n1 2\n",
    "x.csv": b"a,y\n1,0\n2,1\n3,0\n4,1\n",
    "x.qasm": b"OPENQASM 2.0;\nqreg q[1];\n",
}


def read_or_refuse(read: Any, *arguments: Any) -> Any:
    try:
        return read(*arguments)
    except BadInput as error:
        assert str(error)
        json.dumps(error.entries(), ensure_ascii=False, allow_nan=False).encode()
        return None


def read_file(name: Any, content: Any, job: Any = None) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, name).write_bytes(content)
        path = Path(folder, "job.yaml" if job else name)
        if job:
            path.write_text(job)
        return read_or_refuse(jobfile.read, path)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(["j.yaml", "j.json", "j.qasm"]),
    st.binary(max_size=60) | PIECES.map(lambda s: s.encode("utf-8", "replace")),
)
def test_arbitrary_bytes_are_a_job_or_bad_input(name: Any, content: Any) -> None:
    read_file(name, content)


@settings(max_examples=300, deadline=None)
@given(PIECES | st.text(st.characters(), max_size=40))
def test_arbitrary_text_is_a_document_or_bad_input(text: Any) -> None:
    read_or_refuse(read_yaml, text, "x.yaml")
    read_or_refuse(read_json, text, "x.json")


@settings(max_examples=150, deadline=None)
@given(JSON)
def test_yaml_reads_json_as_json_does(value: Any) -> None:
    text = json.dumps(value, ensure_ascii=True)
    document = read_or_refuse(read_yaml, text)
    assert read_json(text) == value
    if "\\ud" not in text:
        assert document.value == value


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(REFERENCES)), st.binary(max_size=60))
def test_arbitrary_data_files_are_read_or_refused(name: Any, content: Any) -> None:
    read_file(name, content, REFERENCES[name])


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(REFERENCES)), st.data())
def test_damaged_data_files_are_read_or_refused(name: Any, data: Any) -> None:
    content = VALID[name]
    start = data.draw(st.integers(0, len(content)))
    stop = data.draw(st.integers(start, min(start + 8, len(content))))
    read_file(name, content[:start] + data.draw(st.binary(max_size=3)) + content[stop:], REFERENCES[name])


@pytest.mark.parametrize("name", sorted(REFERENCES))
def test_undamaged_data_files_are_read(name: Any) -> None:
    assert read_file(name, VALID[name], REFERENCES[name])


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(
        st.text(st.characters(), max_size=8) | st.sampled_from(["a.b", "shots", "map.0", "ansatz.x"]), PIECES
    )
)
def test_arbitrary_overrides_are_taken_or_refused(overrides: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "job.yaml")
        path.write_text(REFERENCES["x.txt"])
        Path(folder, "x.txt").write_bytes(VALID["x.txt"])
        read_or_refuse(jobfile.read, path, overrides)

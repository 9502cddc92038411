import gzip
import json
import lzma
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from novacron.errors import BadInput
from novacron.inputs import jobfile
from novacron.specs import SPECS, VQE, parse_spec

ROOT = Path(__file__).parents[4]
DATA = ROOT / "tests" / "data"
EXAMPLES = sorted(
    path for path in (ROOT / "examples").iterdir() if path.suffix in (".yaml", ".qasm", ".qasm3")
)

JOB = """\
kind: hybrid_vqe
hamiltonian: {model: tfim, n_qubits: 4}
ansatz: hardware_efficient
optimizer:
  name: lbfgs
  tolerance: 1e-8
"""


Write = Callable[[str, str | bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Any:
    def put(name: Any, text: Any) -> Any:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return put


def refusal(path: Any, overrides: Any = ()) -> Any:
    with pytest.raises(BadInput) as refused:
        jobfile.read(path, overrides)
    return refused.value


def test_yaml_and_json_say_the_same(write: Write) -> None:
    as_yaml = jobfile.read(write("job.yaml", JOB))
    job = {
        "kind": "hybrid_vqe",
        "hamiltonian": {"model": "tfim", "n_qubits": 4},
        "ansatz": {"name": "hardware_efficient"},
        "optimizer": {"name": "lbfgs", "tolerance": 1e-8},
    }
    assert jobfile.read(write("job.json", json.dumps(job, indent="\t"))) == as_yaml
    assert as_yaml == parse_spec({**job, "name": "job"}).model_dump(mode="json")


def test_a_job_has_its_files_name_unless_it_has_its_own(write: Write) -> None:
    assert jobfile.read(write("first.yml", JOB))["name"] == "first"
    assert jobfile.read(write("first.yml", JOB + "name: own\n"))["name"] == "own"


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_examples_are_valid(path: Any) -> None:
    job = jobfile.read(path)
    assert parse_spec(job).model_dump(mode="json") == job


def test_examples_cover_the_kinds() -> None:
    assert {jobfile.load(path).kind for path in EXAMPLES} == set(SPECS)


def test_a_circuit_file_is_a_job(write: Write) -> None:
    text = "OPENQASM 3.0;\nqubit q;\n"
    job = jobfile.read(write("bell.qasm3", text), {"shots": "100"})
    assert (job["kind"], job["name"], job["circuit"], job["shots"]) == (
        "pure_quantum",
        "bell",
        {"qasm": text},
        100,
    )
    assert jobfile.read(write("line.qasm", "qreg q[1];"))["circuit"] == {"qasm": "qreg q[1];"}


def test_paths_are_relative_to_the_job_file(write: Write) -> None:
    write("data/h.json", json.dumps({"terms": [["Z", 1.0]]}))
    path = write("job.yaml", "kind: hybrid_vqe\nhamiltonian: data/h.json\nansatz: hardware_efficient\n")
    assert jobfile.read(path)["hamiltonian"]["terms"] == [["Z", 1.0]]


def test_overrides_are_typed_and_make_what_is_missing(write: Write) -> None:
    path = write("job.yaml", JOB)
    changes = ["optimizer.max_iterations=5", "ansatz.layers=3", "budget.usd=1.5", "name=a=b", "cache=false"]
    job = jobfile.read(path, changes)
    assert (job["optimizer"]["max_iterations"], job["ansatz"]["layers"], job["budget"]["usd"]) == (5, 3, 1.5)
    assert (job["name"], job["cache"]) == ("a=b", False)
    job = jobfile.read(path, {"hamiltonian": "{terms: [[ZZ, 1], [XI, 2]]}", "hamiltonian.terms.1.1": "-3"})
    assert job["hamiltonian"]["terms"] == [["ZZ", 1.0], ["XI", -3.0]]


@pytest.mark.parametrize(
    ("change", "field", "rule"),
    [
        ("shots", "--set", "must be key=value"),
        ("a..b=1", "--set", "keys with dots"),
        ("shots=[1", "shots", "is not YAML"),
        ("shots=many", "shots", "must be an integer"),
        ("seed.x=1", "seed.x", "not a mapping"),
        ("optimizer.nam=adam", "optimizer.nam", "unknown key"),
        ("depends_on.0=a", "depends_on.0", "is not a position in a list of 0"),
    ],
)
def test_a_bad_override_is_named(write: Write, change: Any, field: Any, rule: Any) -> None:
    error = refusal(write("job.yaml", JOB + "depends_on: []\nseed: 1\n"), [change])
    assert (error.field, error.file) == (field, None)
    assert rule in error.rule


@pytest.mark.parametrize(
    ("text", "line", "column", "rule"),
    [
        ("kind: hybrid_vqe\nseed: [1\nname: x\n", 3, 5, "malformed YAML"),
        ("kind: [\n", 2, 1, "malformed YAML"),
        ("kind: a\nkind: b\n", 2, 1, "the key is given twice"),
        ("kind: {a: 1,\n  a: 2}", 2, 3, "the key is given twice"),
        ("a: !!python/object/apply:os.system [x]", 1, 4, "tags are not supported"),
        ("a: !!int '3'", 1, 4, "tags are not supported"),
        ("a: *b", 1, 4, "the alias has no anchor"),
        ("[a]: 3", 1, 1, "keys must be text"),
        ("? {a: 1}\n: 2", 1, 3, "keys must be text"),
        ("a: 1\n---\nb: 2", 2, 1, "one document only"),
        ("a: \x07", 1, 4, "cannot be printed"),
        ("a: " + "[" * 100, 1, 67, "nested more than 64 deep"),
        ("a: " + "9" * 500, 1, 4, "too many digits"),
    ],
)
def test_malformed_yaml_has_its_place(write: Write, text: Any, line: Any, column: Any, rule: Any) -> None:
    path = write("job.yaml", text)
    error = refusal(path)
    assert (error.file, error.line, error.column) == (str(path), line, column)
    assert rule in error.rule


@pytest.mark.parametrize(
    ("text", "line", "column", "rule"),
    [
        ('{"kind": "a",\n "seed" 1}', 2, 9, "malformed JSON: Expecting ':'"),
        ('{"kind": "a",\n "kind": "b"}', 2, 2, "the key is given twice"),
        ('{"kind": "\\ud800", "kind": "b"}', 1, None, "the key is given twice"),
        ("", 1, 1, "malformed JSON"),
        ("[" * 100_000, None, None, "nested too deep"),
        ("1" * 5000, None, None, "too many digits"),
    ],
)
def test_malformed_json_has_its_place(write: Write, text: Any, line: Any, column: Any, rule: Any) -> None:
    error = refusal(write("job.json", text))
    assert rule in error.rule
    assert column is None or (error.line, error.column) == (line, column)


def test_alias_bombs_are_refused_and_honest_aliases_are_not(write: Write) -> None:
    lines = ["a: &a [" + ", ".join(["x"] * 10) + "]"]
    lines += [
        f"{b}: &{b} [" + ", ".join([f"*{a}"] * 10) + "]" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    ]
    assert "aliases expand to more than" in refusal(write("bomb.yaml", "\n".join(lines))).rule
    text_bomb = "a: &a '" + "x" * 100_000 + "'\nb: [" + ", ".join(["*a"] * 400) + "]"
    assert "aliases expand to more than" in refusal(write("bomb.yaml", text_bomb)).rule
    path = write("job.yaml", JOB.replace("lbfgs", "&o lbfgs") + "name: *o\n")
    assert jobfile.load(path).name == "lbfgs"


def test_yaml_scalars_follow_the_rules_of_yaml_1_2(write: Write) -> None:
    text = (
        "kind: pure_classical\nfunction: f\narguments: {a: 1e-8, b: 0110, c: no, d: 1:30, e: ~,"
        " f: 'true', g: .5, h: -3, i: 2024-01-01, j: 1., k: 0o7, l: True, m: !!str 7, n: ''}\n"
    )
    assert jobfile.read(write("job.yaml", text))["arguments"] == {
        "a": 1e-8, "b": "0110", "c": "no", "d": "1:30", "e": None, "f": "true", "g": 0.5, "h": -3,
        "i": "2024-01-01", "j": 1.0, "k": "0o7", "l": True, "m": "7", "n": "",
    }  # fmt: skip
    error = refusal(write("job.yaml", "kind: pure_classical\nfunction: f\narguments:\n  x: .nan\n"))
    assert (error.field, error.line, error.column) == ("arguments.x", 4, 3)


def test_every_error_of_a_spec_has_its_place(write: Write) -> None:
    path = write("job.yaml", JOB.replace("tolerance", "tolernace") + "shots: 0\nhamiltonain: 3\n")
    error = refusal(path)
    assert [(one.field, one.line, one.column) for one in error.all] == [
        ("optimizer.tolernace", 6, 3),
        ("shots", 7, 1),
        ("hamiltonain", 8, 1),
    ]
    assert str(error).split("\n")[0] == (
        f"{path}:6:3: optimizer.tolernace: unknown key (did you mean 'tolerance'?)"
    )


def test_errors_of_a_json_job_have_their_place_too(write: Write) -> None:
    terms = '[["ZZ", 1],\n\t\t["Z", 2]]'
    text = '{"kind": "hybrid_vqe",\n\t"hamiltonian": {"terms": ' + terms + '},\n\t"ansatz": "uccsd"}'
    error = refusal(write("job.json", text))
    assert (error.field, error.line) == ("hamiltonian.terms[1][0]", 3)


def test_an_error_inside_a_data_file_names_that_file(write: Write) -> None:
    data = write("h.json", json.dumps({"terms": [["ZZ", 1], ["ZQ", 1]]}))
    path = write("job.yaml", "kind: hybrid_vqe\nhamiltonian: {file: h.json}\nansatz: uccsd\nseed: -1\n")
    error = refusal(path)
    assert [(one.file, one.field) for one in error.all] == [
        (str(data), "hamiltonian.terms[1][0]"), (str(path), "seed"),
    ]  # fmt: skip


def test_missing_files_are_told_with_all_else_that_is_wrong_in_the_order_of_lines(write: Write) -> None:
    text = "nme: x\nkind: hybrid_vqe\nnoise: none.yaml\nansatz: uccds\nhamiltonian: {fcidump: nofile}\n"
    error = refusal(write("job.yaml", text + "shots: -1\n"))
    assert [one.field for one in error.all] == ["nme", "noise", "ansatz.name", "hamiltonian", "shots"]
    assert [one.rule for one in error.all if one.field in ("noise", "hamiltonian")] == [
        "there is no such file"
    ] * 2
    lines = str(error).split("\n")
    assert len(lines) == 5 and lines[4].startswith(f"{error.file}:6:1: shots = -1")


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        (
            "kind: hybrid_qaoa\nlayrs: 1\nproblem: {maxcut: no}\nseed: x\n",
            ["layrs", "problem.maxcut", "seed"],
        ),
        ("kind: hybrid_qaoa\nproblem: {qubo: {file: no}}\nseed: x\n", ["problem.qubo", "seed"]),
        ("kind: pure_quantum\nseeed: 1\ncircuit: no.qasm\n", ["seeed", "circuit"]),
        (
            "kind: hybrid_vqe\nansatz: no.qasm\nhamiltonian: no\nstarts: x\n",
            ["ansatz", "hamiltonian", "starts"],
        ),
        ("seed: x\nkind: quantum_ml\ndata: {file: no.csv, target: y}\n", ["seed", "data", "model"]),
        (
            "kind: pure_classical\nfunction: noop\narguments: {maxcut: no, data: no.json}\n"
            "map: [{hamiltonian: no}, {hamiltonian: {terms: 3}}]\nsed: 1\n",
            ["arguments.maxcut", "arguments.data", "map[0].hamiltonian", "map[1].hamiltonian.terms", "sed"],
        ),
    ],
)
def test_so_are_those_of_every_kind(write: Write, text: str, fields: list[str]) -> None:
    assert [one.field for one in refusal(write("job.yaml", text)).all] == fields


def test_what_is_wrong_inside_a_file_stands_where_the_job_names_it(write: Write) -> None:
    data = write("h.json", '{"terms": [["ZZ", 1]], "n_electron": 2}')
    path = write("job.yaml", "nme: x\nhamiltonian: h.json\nkind: hybrid_vqe\nansatz: uccsd\nseed: -1\n")
    assert [(one.file, one.field) for one in refusal(path).all] == [
        (str(path), "nme"), (str(data), "n_electron"), (str(path), "seed"),
    ]  # fmt: skip


def test_so_are_those_given_to_a_class(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadInput) as refused:
        VQE(hamiltonian="nofile", ansatz="uccds", shots=0)
    assert {one.field for one in refused.value.all} == {"hamiltonian", "ansatz.name", "shots"}


def test_files_that_cannot_be_read_say_why(write: Write, tmp_path: Path) -> None:
    job = JOB.replace("{model: tfim, n_qubits: 4}", "{file: lih.jsn}")
    write("lih.json", "{}")
    error = refusal(write("job.yaml", job))
    assert (error.file, error.field, error.rule, error.hint) == (
        str(tmp_path / "lih.jsn"), "hamiltonian", "there is no such file", "did you mean 'lih.json'?",
    )  # fmt: skip
    assert "there is no folder" in refusal(tmp_path / "none" / "job.yaml").hint
    assert "is a folder" in refusal(tmp_path).rule
    os.mkfifo(tmp_path / "pipe.yaml")
    assert "is not a regular file" in refusal(tmp_path / "pipe.yaml").rule
    assert "must be a job file or a circuit" in refusal(write("job.toml", "")).rule
    assert "is not a file name" in refusal("a\x00b.yaml").rule
    assert "cannot be read" in refusal("x" * 5000 + ".yaml").rule
    error = refusal(write("job.yaml", b"kind: a\nname: \xff\n"))
    assert (error.line, error.column, error.rule) == (2, 7, "is not UTF-8 text: byte 0xff")


@pytest.mark.parametrize(
    ("data", "hint"),
    [
        ("kind: noop".encode("utf-16"), "save it as UTF-8, not UTF-16"),
        ("# é".encode("latin-1"), "save it as UTF-8"),
        (gzip.compress(b"kind: noop", mtime=0), "it is compressed by gzip: unpack it"),
        (lzma.compress(b"kind: noop"), "it is compressed by xz: unpack it"),
    ],
)
def test_what_is_no_utf_8_says_how_to_make_it_so(write: Write, data: bytes, hint: str) -> None:
    assert refusal(write("job.yaml", data)).hint == hint


def test_a_byte_order_mark_is_no_matter(write: Write) -> None:
    assert jobfile.read(write("job.yaml", b"\xef\xbb\xbf" + JOB.encode()))["kind"] == "hybrid_vqe"


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "job.yaml"
    with path.open("wb") as file:
        file.truncate(100_000_000)
    assert refusal(path).rule == "has 100000000 bytes, the limit is 16777216 bytes (16 MiB)"


@pytest.mark.parametrize("text", ["", "3", "[]", "null", "kind: [1]", "kind: no_such_kind"])
def test_what_is_no_job_is_refused(write: Write, text: Any) -> None:
    assert refusal(write("job.yaml", text)).file is not None


def test_reading_gives_what_python_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT / "examples")
    made = VQE(name="h2", hamiltonian="data/h2_sto3g_0.7414.json", ansatz="uccsd", seed=7)
    assert jobfile.load("h2.yaml") == made


@pytest.mark.parametrize(
    ("field", "overrides", "file", "line"),
    [
        ("circuit.qasm", {}, "bell.qasm", None),
        ("noise.errors[0].gates[0]", {}, "job.yaml", 5),
        ("backend", {}, "job.yaml", 3),
        ("shots", {}, "job.yaml", None),
        ("backend", {"backend": "auto"}, None, None),
    ],
)
def test_refusals_of_the_scheduler_name_the_file_that_holds_the_field(tmp_path, field, overrides, file, line):
    (tmp_path / "bell.qasm").write_text("OPENQASM 2.0;\nqreg q[1];\n")
    noise = "noise:\n  errors: [{name: bit_flip, p: 0.1, gates: [x]}]\n"
    path = tmp_path / "job.yaml"
    path.write_text(f"kind: pure_quantum\ncircuit: bell.qasm\nbackend: statevector\n{noise}")
    job = jobfile.JobFile(path, overrides)
    assert job.spec() == jobfile.load(path, overrides)
    with pytest.raises(BadInput) as caught, job.blamed():
        raise BadInput("is refused", field=field)
    assert caught.value.file == (None if file is None else str(tmp_path / file))
    assert caught.value.line == line

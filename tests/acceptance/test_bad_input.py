"""Bad job files through the command line: told where and how to mend it, and nothing is written."""

from pathlib import Path

import pytest

from tests.acceptance.stack import Stack

VQE = "kind: hybrid_vqe\nansatz: {name: hardware_efficient}\n"
CUT = "kind: hybrid_qaoa\nproblem:\n  maxcut:\n"
CALL = "kind: pure_classical\nfunction: noop\n"
QASM2 = 'OPENQASM 2.0;\ninclude "qelib1.inc";\n'

CASES: dict[str, tuple[str, str, list[str]]] = {
    # name: (file, its text, what the message must say)
    "malformed YAML": (
        "job.yaml", "kind: hybrid_vqe\nansatz: {name: [}\n",
        ["job.yaml:2:", "malformed YAML"],
    ),
    "malformed JSON": (
        "job.json", '{"kind": "hybrid_vqe",\n  "ansatz": }',
        ["job.json:2:13", "malformed JSON"],
    ),
    "unknown key": (
        "job.yaml", CALL + "prioriti: 3\n",
        ["job.yaml:3:1", "prioriti", "did you mean 'priority'"],
    ),
    "unknown kind": ("job.yaml", "kind: hybrid_vqa\n", ["job.yaml:1:1", "kind", "did you mean 'hybrid_vq"]),
    "wrong type": (
        "job.yaml", CALL + "seed: many\n",
        ["job.yaml:3:1", "seed", "'many'", "must be an integer"],
    ),
    "out of range": ("job.yaml", CALL + "priority: 900\n", ["job.yaml:3", "priority = 900", "at most 100"]),
    "missing field": ("job.yaml", "kind: hybrid_vqe\n", ["job.yaml", "hamiltonian", "is required"]),
    "missing file": (
        "job.yaml", VQE + "hamiltonian: {file: nothing.json}\n",
        ["nothing.json", "hamiltonian", "no such file"],
    ),
    "string too short": (
        "job.yaml", VQE + "hamiltonian:\n  terms:\n    - [ZZ, 1.0]\n    - [X, 1.0]\n",
        ["job.yaml:6", "hamiltonian.terms[1]", "'X'", "1 letters"],
    ),
    "wrong letter": (
        "job.yaml", VQE + "hamiltonian: {terms: [[ZQ, 1.0]]}\n",
        ["hamiltonian.terms[0]", "'ZQ'", "only I, X, Y, Z"],
    ),
    "empty Hamiltonian": (
        "job.yaml", VQE + "hamiltonian: {terms: []}\n",
        ["job.yaml:3", "terms", "at least 1"],
    ),
    "NaN": ("job.yaml", VQE + "hamiltonian: {terms: [[ZZ, .nan]]}\n", ["hamiltonian.terms[0]", "NaN"]),
    "infinity": ("job.json", '{"kind": "pure_classical", "function": "noop", "timeout_s": Infinity}',
                 ["timeout_s", "finite"]),
    "disconnected graph": (
        "job.yaml", CUT + "    edges: [[0, 1], [2, 3]]\n",
        ["job.yaml:4", "problem.maxcut.edges", "2 components", "{2, 3}"],
    ),
    "self-loop": ("job.yaml", CUT + "    edges: [[0, 1], [1, 1]]\n", ["job.yaml:4", "edges[1]"]),
    "edge to nowhere": (
        "job.yaml", CUT + "    n_nodes: 2\n    edges: [[0, 1], [1, 7]]\n",
        ["job.yaml:5", "edges[1]"],
    ),
    "unknown optimizer": (
        "job.yaml", VQE + "hamiltonian: {model: tfim, n_qubits: 4}\noptimizer: {name: lbfgss}\n",
        ["job.yaml:4", "optimizer.name", "did you mean 'lbfgs'"],
    ),
    "unknown backend": (
        "job.yaml", VQE + "hamiltonian: {model: tfim, n_qubits: 4}\nbackend: warp_drive\n",
        ["backend", "'warp_drive'", "statevector"],
    ),
    "backend that is not there": (
        "job.yaml", VQE + "hamiltonian: {model: tfim, n_qubits: 4}\nbackend: gpu\n",
        ["backend", "backend: auto"],
    ),
    "too many qubits": (
        "job.yaml", VQE + "hamiltonian: {model: tfim, n_qubits: 60}\n", ["60 qubits", "use fewer qubits"],
    ),
    "unknown function": (
        "job.yaml", "kind: pure_classical\nfunction: noob\n", ["function", "'noob'", "did you mean 'noop'"],
    ),
    "unknown argument": ("job.yaml", CALL + "arguments: {x: 1}\n", ["arguments", "x"]),
    "no such dependency": (
        "job.yaml", CALL + "depends_on: ['0123456789abcdef']\n",
        ["depends_on[0]", "no such job"],
    ),
    "unknown algorithm": (
        "job.yaml", "kind: cryptographic\noperation: sign_verify\nalgorithm: ML-DSA-66\n",
        ["algorithm", "ML-DSA-65"],
    ),
    "wrong operation": (
        "job.yaml", "kind: cryptographic\noperation: sign_verify\nalgorithm: ML-KEM-768\n", ["ML-KEM-768"],
    ),
    "malformed circuit": (
        "circuit.qasm", QASM2 + "qreg q[2];\nfoo q;\n",
        ["circuit.qasm", "line 4, column 1", "'foo' is not defined"],
    ),
    "huge circuit": ("circuit.qasm", QASM2 + "qreg q[100000];\nh q;\n", ["circuit", "qubits"]),
    "endless circuit": (
        "circuit.qasm3", "OPENQASM 3.0;\nqubit q;\nfor int i in [0:1000000000] { U(0,0,0) q; }\n",
        ["circuit"],
    ),
    "wrong suffix": ("job.txt", CALL, ["job.txt", ".yaml"]),
    "not UTF-8": ("job.yaml", "kind: pure_classical\nname: caf\udce9\n", ["job.yaml:2:10", "not UTF-8"]),
    "NUL": (
        "job.json", '{"kind": "pure_classical", "function": "noop", "arguments": {"a": "\\u0000"}}',
        ["arguments"],
    ),
    "huge integer": ("job.yaml", CALL + f"seed: {10**30}\n", ["job.yaml:3", "seed", "less than"]),
    "digits without end": (
        "job.json", '{"kind": "pure_classical", "seed": ' + "1" * 5000 + "}",
        ["too many digits"],
    ),
    "very long name": (
        "job.yaml", CALL + f"name: {'n' * 100_000}\n",
        ["job.yaml:3", "name", "200 characters"],
    ),
    "deeply nested": ("job.yaml", CALL + "arguments: " + "[" * 300 + "]" * 300, ["job.yaml:3", "nested"]),
    "bomb": ("job.yaml",
             "a: &a [" + "x," * 5000 + "]\nb: &b [" + "*a," * 5000 + "]\nc: [" + "*b," * 5000 + "]\n",
             ["aliases"]),
    "no mapping": ("job.yaml", "- a\n- b\n", ["mapping"]),
    "empty file": ("job.yaml", "", ["mapping"]),
}  # fmt: skip


@pytest.fixture
def refused(stack: Stack, tmp_path: Path):
    """Submits a file that must be refused; gives the message."""
    before = stack.n_rows()

    def submit(name: str, text: str, *options: str) -> str:
        (tmp_path / name).write_bytes(text.encode("utf-8", "surrogateescape"))
        done = stack.run("submit", str(tmp_path / name), "--json", *options)
        assert (done.returncode, done.stdout) == (2, ""), done.stderr
        assert "Traceback" not in done.stderr
        assert len(done.stderr) < 5000
        return done.stderr

    yield submit
    assert stack.n_rows() == before


@pytest.mark.parametrize("case", CASES)
def test_a_bad_file_is_refused_with_its_place_and_cure(refused, case):
    name, text, wanted = CASES[case]
    message = refused(name, text)
    assert [words for words in wanted if words not in message] == [], message


def test_a_file_of_a_hundred_megabytes_is_refused_unread(stack: Stack, tmp_path):
    with (tmp_path / "large.yaml").open("wb") as file:
        file.truncate(100 << 20)
    done = stack.run("submit", str(tmp_path / "large.yaml"))
    assert done.returncode == 2 and "limit" in done.stderr


def test_a_missing_or_unreadable_file_is_refused(stack: Stack, tmp_path):
    (tmp_path / "job.yaml").mkdir()
    for path, words in (
        (tmp_path / "jub.yaml", "no such file"),
        (tmp_path / "job.yaml", "is a folder"),
    ):
        done = stack.run("submit", str(path))
        assert done.returncode == 2 and words in done.stderr and "Traceback" not in done.stderr


def test_a_bad_change_on_the_command_line_is_refused(refused):
    assert "seed" in refused("job.yaml", CALL, "--set", "seed=never")
    assert "KEY=VALUE" in refused("job.yaml", CALL, "--set", "seed")


def test_explain_refuses_what_submit_refuses(stack: Stack, tmp_path):
    (tmp_path / "job.yaml").write_text(CALL + "prioriti: 3\n")
    done = stack.run("explain", str(tmp_path / "job.yaml"), "--json")
    assert (done.returncode, done.stdout) == (2, "") and "did you mean 'priority'" in done.stderr


@pytest.mark.parametrize("command", ["job", "result", "cancel", "events", "replay"])
def test_an_unknown_job_is_refused(stack: Stack, command):
    for job_id in ("0123456789abcdef", "../../healthz", "a\nb"):
        done = stack.run(command, job_id)
        assert (done.returncode, done.stdout) == (2, ""), done.stderr
        assert "there is no" in done.stderr and "Traceback" not in done.stderr


def test_a_wrong_token_or_address_is_refused(stack: Stack):
    assert stack.run("jobs", token="wrong").returncode == 2
    for url in ("ftp://nowhere", "127.0.0.1:80", "http://"):
        done = stack.run("jobs", url=url)
        assert done.returncode == 2 and "NOVACRON_URL" in done.stderr

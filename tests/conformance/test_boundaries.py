"""Numbers at and beyond the ends of their ranges, in every kind of job: refused, computed, or of a class of ours."""

# ruff: noqa: E501 - jobs and statements are told a line each

import json
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from novacron.errors import BadInput
from novacron.inputs import jobfile
from novacron.specs.crypto import OPERATIONS
from testing.patience import PATIENCE_S
from tests.conformance import boundaries, boundary_jobs
from tests.conformance.boundaries import outcome, places, put, scaled
from tests.conformance.boundary_jobs import FCIDUMP, JOBS

COMPILING_S = 10 * PATIENCE_S
FACTORS = (1e300, -1e300, 1e154, 1e-154, 1e-300, 0.0)

# A stop that falls into a callback of the collector is told as a warning, which is no fault of the job.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


def name(job: dict[str, Any]) -> str:
    told = [job["kind"], job.get("function") or job.get("operation")]
    told += [json.dumps(job.get(key))[:40] for key in ("hamiltonian", "problem", "model", "optimizer")]
    return " ".join(str(part) for part in told if part not in (None, "null"))


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """What NumPy warns of on the way is told by the outcome."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        yield


@pytest.mark.parametrize("job", JOBS, ids=[f"{n}-{name(job)}" for n, job in enumerate(JOBS)])
def test_every_number_of_a_job_at_the_ends_of_its_range(job: dict[str, Any]) -> None:
    assert outcome(job, COMPILING_S) == "completed"
    seen: Counter[str] = Counter()
    for at in places(job):
        for value in (*boundaries.NUMBERS, *boundaries.THINGS):
            seen[outcome(put(job, at, value))] += 1
    for factor in FACTORS:
        seen[outcome(scaled(job, factor))] += 1
    if list(places(job)):
        assert seen["refused"] and seen["completed"]
    assert set(seen) <= {"refused", "completed", "slow", "overflow", "out_of_memory"}


@settings(max_examples=60)
@given(st.data())
def test_several_numbers_of_a_job_at_once(data: st.DataObject) -> None:
    job = data.draw(st.sampled_from(JOBS))
    for at in data.draw(st.lists(st.sampled_from(sorted(places(job), key=str) or [("seed",)]), max_size=4)):
        value = data.draw(st.one_of(st.sampled_from(boundaries.NUMBERS), st.floats(), st.integers()))
        try:
            job = put(job, at, value)
        except (KeyError, IndexError, TypeError):
            continue  # what it stood in was changed before
    outcome(job)


TEXTS = (
    "9e18",
    "9.0e18",
    "9000000000000000000",
    "9" * 30,
    "1e400",
    "-1",
    "2.0",
    ".nan",
    "1e-320",
    "0x10",
    "1_0",
    "2**63",
)


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize(
    "line",
    [
        "arguments: {n_electrons: %s, hamiltonian: {terms: [[ZZZZ, 1.0]]}}\nfunction: exact_diagonalization",
        "arguments: {two_sz: %s, n_electrons: 2, hamiltonian: {terms: [[ZZZZ, 1.0]]}}\nfunction: exact_diagonalization",
        "arguments: {k: %s, hamiltonian: {terms: [[ZZZZ, 1.0]]}}\nfunction: exact_diagonalization",
        "arguments: {hamiltonian: {terms: [[ZZZZ, 1.0]], n_electrons: %s}}\nfunction: hartree_fock",
        "arguments: {hamiltonian: {model: hubbard, n_sites: 2, n_electrons: %s}}\nfunction: hartree_fock",
        "arguments: {hamiltonian: {terms: [[ZZZZ, %s]], n_electrons: 2}}\nfunction: hartree_fock",
        "arguments: {seconds: %s}\nfunction: sleep",
        "function: noop\nseed: %s",
        "function: noop\ntimeout_s: %s",
        "function: noop\nmax_retries: %s",
    ],
)  # fmt: skip
def test_numbers_as_job_files_write_them(tmp_path: Path, line: str, text: str) -> None:
    """YAML reads 9e18 as text and 9.0e18 as a float; neither is an integer."""
    file = tmp_path / "job.yaml"
    file.write_text("kind: pure_classical\n" + line.replace("%s", text) + "\n")
    try:
        job = jobfile.load(file)
    except BadInput as error:
        assert error.rule and (error.field or error.line)
        return
    came = outcome(job.model_dump(mode="json") if hasattr(job, "model_dump") else job)
    assert came in ("completed", "slow") or (came == "refused" and "arguments" in line)


@pytest.mark.parametrize("text", [*TEXTS, "1d400", "1e308", "5e-324", "0"])
@pytest.mark.parametrize("old", ["NORB=2", "NELEC=2", "MS2=0", "0.67", "-1.25", "2 1 2 1", "0.71"])
@pytest.mark.parametrize("function", ["hartree_fock", "exact_diagonalization"])
def test_numbers_of_integrals(function: str, old: str, text: str) -> None:
    key, equals, _ = old.partition("=")
    changed = FCIDUMP.replace(old, f"{key}={text}" if equals else text)
    job = {"kind": "pure_classical", "function": function, "arguments": {"hamiltonian": {"fcidump": changed}}}
    assert outcome(job) in ("refused", "completed", "overflow")


STATEMENTS = (
    "int[%s] n = 1;", "int[32] n = %s; n = n * n * n; rz(n) q[0];", "uint[64] n = %s; n = n << n;", "rz(%s) q[0];",
    "rz(exp(%s)) q[0];", "rz(sqrt(%s)) q[0];", "rz(ln(%s)) q[0];", "rz(arcsin(%s)) q[0];", "rz(1 / %s) q[0];",
    "rz(pow(%s, %s)) q[0];", "rz(mod(5, %s)) q[0];", "rz(%s ** %s) q[0];", "rz(%s % 0) q[0];", "int n = 1 << %s;",
    "for int i in [0:%s] { h q[0]; }", "for int i in [0:%s:10] { h q[0]; }", "qubit[%s] r;", "bit[%s] d;",
    "array[int[8], %s] a;", "pow(%s) @ x q[0];", "ctrl(%s) @ x q[0];", "delay[%sns] q[0];", "h q[%s];",
    "def f(int n) -> int { return f(n + %s); } int m = f(1); rz(m) q[0];",
    "if (c[0]) { rz(exp(%s)) q[0]; }",
    "float x = 1.0; if (c[0]) { x = exp(%s) * exp(%s); } rz(x) q[0];",
    "int[16] n = 7; if (c[0]) { n = n / %s; } rz(n) q[0];", "int[16] n = 7; n = n / (c[0] * %s); rz(n) q[0];",
)  # fmt: skip
LITERALS = (
    "0",
    "-1",
    "1e308",
    "1e400",
    "9e18",
    "9223372036854775808",
    "9" * 40,
    "1e-320",
    "2.5",
    "π",
    "1.7e154",
)


@pytest.mark.parametrize("statement", STATEMENTS)
@pytest.mark.parametrize("shots", [None, 3])
def test_numbers_of_circuits(statement: str, shots: int | None) -> None:
    """What users compute in OpenQASM: overflow, division by zero, domains, recursion, sizes."""
    head = 'OPENQASM 3.0; include "stdgates.inc"; qubit[2] q; bit[2] c; h q[0]; c[0] = measure q[0]; '
    for literal in LITERALS:
        text = head + statement.replace("%s", literal) + " c = measure q;"
        outcome({"kind": "pure_quantum", "circuit": {"qasm": text}, "shots": shots})


SPANS = (
    "P" + "9" * 30 + "Y",
    "9" * 30 + " years",
    "99999999999999d",
    "-1d",
    "nan",
    "1e400 s",
    {"a": 1},
    [{"a": [1e400]}],
)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_field_of_a_cryptographic_operation(operation: str) -> None:
    """Alone, so that it is read whatever the others would need."""
    for field in set(OPERATIONS[operation].model_fields) - {"kind", "operation"}:
        for value in (*boundaries.NUMBERS, *boundaries.THINGS, *SPANS):
            with suppress(BadInput):
                boundaries.submitted({"kind": "cryptographic", "operation": operation, field: value})


def test_the_jobs_have_every_kind_that_runs_without_a_key_store() -> None:
    kinds = {"hybrid_vqe", "hybrid_qaoa", "quantum_ml", "pure_quantum", "pure_classical", "cryptographic"}
    assert {job["kind"] for job in boundary_jobs.JOBS} == kinds

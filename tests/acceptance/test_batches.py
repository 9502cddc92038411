"""Batches on a running stack: one job for many circuits, points and observables."""

from pathlib import Path

import numpy as np
import pytest

from novacron import Circuit, Client
from novacron.errors import BadInput
from novacron.results import BatchResult
from tests.acceptance.stack import Stack

HEADER = 'OPENQASM 3.0; include "stdgates.inc"; '
TURN = HEADER + "input float t; qubit[2] q; ry(t) q[0]; cx q[0], q[1];"
BELL = HEADER + "qubit[2] q; bit[2] c; h q[0]; cx q[0], q[1]; c = measure q;"


def test_a_thousand_values_are_one_job(client: Client) -> None:
    angles = np.linspace(0, np.pi, 600)
    job = Circuit(
        circuit=TURN, points=angles[:, None, None], observables=["ZZ", {"ZI": 0.5, "IZ": 0.5}],
        want=["expectations", "gradient"],
    )  # fmt: skip
    result = client.submit(job).result()
    assert isinstance(result, BatchResult) and result.points == [600, 1]
    exact = np.stack([np.ones_like(angles), np.cos(angles)], axis=1)
    slopes = np.stack([np.zeros_like(angles), -np.sin(angles)], axis=1)
    assert np.allclose(np.asarray(result.expectations), exact)
    assert np.allclose(np.asarray(result.gradient)[..., 0], slopes)


def test_circuits_of_a_job_have_their_own_points(client: Client) -> None:
    several = [{"circuit": {"qasm": TURN}, "points": [[0.0], [np.pi]]}, {"qasm": BELL}]
    spec = {"kind": "pure_quantum", "circuits": several, "shots": 200, "want": ["counts", "bits"]}
    assert client.explain(spec).backend == "statevector"
    turned, bell = client.submit(spec).result().results
    assert turned["counts"] == [{"00": 200}, {"11": 200}]
    assert set(bell["counts"]) == {"00", "11"} and sum(bell["counts"].values()) == 200


def test_wrong_points_are_refused_before_a_job_exists(client: Client) -> None:
    many = client.submit({"kind": "pure_quantum", "circuit": {"qasm": TURN}, "points": [[0.0], [1.0]]})
    many.wait()
    with pytest.raises(BadInput, match="no single circuit"):
        many.export()
    before = len(client.jobs(limit=500))
    with pytest.raises(BadInput, match="have 2 numbers each, the circuit has 1 parameters"):
        client.submit({"kind": "pure_quantum", "circuit": {"qasm": TURN}, "points": [[0.0, 1.0]]})
    with pytest.raises(BadInput, match=r"circuits.1.*line 1"):
        client.submit({"kind": "pure_quantum", "circuits": [{"qasm": BELL}, {"qasm": HEADER + "gat q;"}]})
    assert len(client.jobs(limit=500)) == before


def test_the_command_line_shows_shapes_and_first_numbers(stack: Stack, tmp_path: Path) -> None:
    path = tmp_path / "job.yaml"
    path.write_text(
        f"kind: pure_quantum\ncircuit: {{qasm: '{TURN}'}}\npoints: [[0.0], [1.0]]\nobservables: ZI\n"
    )
    done = stack.run("submit", str(path), "--watch")
    assert "expectations" in done.stdout and "1, 0.54030231  shape [2]" in done.stdout
    several = f"kind: pure_quantum\nshots: 9\nwant: [counts, bits]\ncircuits: [{{qasm: '{BELL}'}}]\n"
    path.write_text(several)
    shown = stack.run("submit", str(path), "--watch").stdout
    assert "circuit 0: counts" in shown and "9 shots in order, 2 bits each" in shown

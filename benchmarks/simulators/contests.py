"""All contests: NovaCron's workload, and the participating peers."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.simulators import circuits
from benchmarks.simulators.contest import Contest
from testing.asking import Asking
from workers.quantum.backends.statevector import StateVector
from workers.quantum.learning.feature_maps import ZZMap
from workers.quantum.simulation.ir.gates import matrix
from workers.quantum.simulation.ir.pauli import PauliSum
from workers.quantum.simulation.ir.program import Angle, DiagonalPhase, Excitation, Program, RXLayer, Unitary

DATA = Path(__file__).parents[2] / "tests" / "data"
VQE_QUBITS = (8, 12, 16, 20)
QAOA_QUBITS = (12, 16, 20)
RANDOM_QUBITS = (20, 22, 24)
QAOA_LAYERS = 8


def has(peer: str) -> bool:
    return find_spec(peer) is not None


def vqe(threads: int) -> Iterator[Contest]:
    """Yield energy and gradient of a hardware-efficient ansatz on the Ising ring."""
    for n in VQE_QUBITS:
        gates, count = circuits.hardware_efficient(n)
        terms, theta = circuits.ising(n), np.random.default_rng(1).uniform(-3, 3, count)
        own = Asking(
            StateVector(threads=threads), circuits.program(n, gates, count), circuits.pauli_sum(terms)
        )
        contest = Contest(f"VQE gradient n={n}", partial(own.energy_and_gradient, theta), aim=5)
        if has("qulacs") and n < VQE_QUBITS[-1]:
            from benchmarks.simulators import qulacs_peer

            contest.peers["Qulacs"] = qulacs_peer.energy_and_gradient(n, gates, terms, theta)
        if has("pennylane"):
            from benchmarks.simulators import lightning_peer

            contest.peers["Lightning"] = lightning_peer.energy_and_gradient(n, gates, terms, theta)
        yield contest


def molecules(threads: int) -> Iterator[Contest]:
    """Yield energy and gradient of UCCSD."""
    from benchmarks.endtoend.fermions import excitations

    for name in ("lih_sto3g_1.5957", "h2o_sto3g_eq"):
        data = json.loads((DATA / "hamiltonians" / f"{name}.json").read_text())
        n, electrons = data["n_qubits"], data["n_electrons"]
        moves = excitations(n, electrons)
        theta = np.random.default_rng(5).uniform(-0.2, 0.2, len(moves))
        ops = tuple(Excitation(s, t, Angle.parameter(k)) for k, (s, t) in enumerate(moves))
        program = Program(n, len(moves), ops, int(data["hf_bitstring"], 2))
        own = Asking(StateVector(threads=threads), program, circuits.pauli_sum(data["terms"]))
        contest = Contest(
            f"UCCSD gradient {data['name']}",
            partial(own.energy_and_gradient, theta),
            aim=5,
        )
        if has("qulacs"):
            from benchmarks.simulators import qulacs_peer

            contest.peers["Qulacs"] = qulacs_peer.uccsd(data, theta)
        yield contest


def _ring_of_threes(n: int) -> list[tuple[int, int]]:
    """Return a 3-regular graph: a ring and its diameters."""
    return [(q, (q + 1) % n) for q in range(n)] + [(q, q + n // 2) for q in range(n // 2)]


def qaoa(threads: int) -> Iterator[Contest]:
    """Yield MaxCut at p = 8: energy and gradient, and energy alone."""
    for n in QAOA_QUBITS:
        edges, p = _ring_of_threes(n), QAOA_LAYERS
        index = np.arange(1 << n)
        bits = [index >> (n - 1 - q) & 1 for q in range(n)]
        cut = np.sum([bits[a] ^ bits[b] for a, b in edges], axis=0).astype(np.float64)
        ops: list[Any] = [Unitary((q,), matrix("h")) for q in range(n)]
        for k in range(p):
            ops += [DiagonalPhase(cut, Angle.parameter(k)), RXLayer(Angle.parameter(p + k, 2.0))]
        masks = {(0, 1 << (n - 1 - a) | 1 << (n - 1 - b)): 0.5 for a, b in edges}
        loss = PauliSum.from_masks(n, {(0, 0): -0.5 * len(edges), **masks})
        own = Asking(StateVector(threads=threads), Program(n, 2 * p, tuple(ops)), loss)
        angles = np.random.default_rng(3).uniform(0, 1, 2 * p)
        slopes = Contest(f"QAOA gradient n={n}", partial(own.energy_and_gradient, angles), aim=4)
        if has("pennylane"):
            from benchmarks.simulators import lightning_peer

            slopes.peers["Lightning"] = lightning_peer.qaoa_gradient(n, edges, angles)
        yield slopes
        energy = Contest(f"QAOA energy n={n}", partial(own.energy, angles), aim=3)
        from benchmarks.simulators import other_peers

        try:
            name, run = other_peers.qokit_energy(n, edges, angles)
        except ImportError as error:
            # The package may be installed without its dependencies.
            print(f"QOKit is left out: {error}", file=sys.stderr)
        else:
            # Without its C library it takes a minute or more.
            if n < QAOA_QUBITS[-1] or "NumPy" not in name:
                energy.peers[name] = run
        yield energy


def kernel(threads: int) -> Iterator[Contest]:
    """Yield the kernel matrix of 200 samples in 10 features."""
    x = np.random.default_rng(0).uniform(0, 2 * np.pi, (200, 10))

    def own() -> Any:
        states = ZZMap(10, 2).states(x)
        return np.abs(states.conj() @ states.T) ** 2

    contest = Contest("kernel matrix 200 x 200", own, aim=4)
    if has("qulacs"):
        from benchmarks.simulators import qulacs_peer

        contest.peers["Qulacs"] = qulacs_peer.zz_states(x)
    yield contest


def random(threads: int) -> Iterator[Contest]:
    """Yield the state of a random circuit of depth 20."""
    for n in RANDOM_QUBITS:
        gates = circuits.brickwork(n)
        program = circuits.program(n, gates)
        double = Asking(StateVector(threads=threads), program)
        contest = Contest(f"random circuit n={n}, double", partial(double.state, np.empty(0)), aim=2)
        if has("pennylane"):
            from benchmarks.simulators import lightning_peer

            contest.peers["Lightning"] = lightning_peer.state(n, gates)
        if has("qiskit_aer"):
            from benchmarks.simulators import other_peers

            contest.peers["Aer"] = other_peers.aer_state(n, gates, threads)
        yield contest
        single = Asking(StateVector(threads=threads, precision="single"), program)
        contest = Contest(
            f"random circuit n={n}, single", partial(single.state, np.empty(0)), aim=1, agree=1e-5
        )
        if has("qsimcirq"):
            from benchmarks.simulators import other_peers

            contest.peers["qsim (single)"] = other_peers.qsim_state(n, gates, threads)
        yield contest


CONTESTS = {"vqe": vqe, "molecules": molecules, "qaoa": qaoa, "kernel": kernel, "random": random}

"""Small jobs of every kind, each number of which is driven to the ends of its range."""
# ruff: noqa: E501 - jobs are told a line each

from __future__ import annotations

from typing import Any

TERMS: dict[str, Any] = {"terms": [["ZI", 0.5], ["XX", -0.25], ["IZ", 0.125], ["II", 1.5]]}
ELECTRONS: dict[str, Any] = {
    "terms": [["IIII", -0.8], ["ZIII", 0.17], ["IZII", 0.17], ["IIZI", -0.22], ["ZZII", 0.12], ["XXYY", -0.045],
              ["YYXX", -0.045], ["XYYX", 0.045], ["YXXY", 0.045]],
    "n_electrons": 2, "two_sz": 0,
}  # fmt: skip
FCIDUMP = """&FCI NORB=2,NELEC=2,MS2=0,ORBSYM=1,1, ISYM=1, &END
0.67 1 1 1 1
0.18 2 1 2 1
0.66 2 2 1 1
0.69 2 2 2 2
-1.25 1 1 0 0
-0.47 2 2 0 0
0.71 0 0 0 0
"""
GRAPH: dict[str, Any] = {
    "n_nodes": 4,
    "edges": [[0, 1], [1, 2], [2, 3], [0, 3]],
    "weights": [1.0, 2.0, 0.5, 1.5],
}
QUBO: dict[str, Any] = {
    "n_variables": 3, "linear": [1.0, -2.0, 0.5], "quadratic": [[0, 1, 1.5], [1, 2, -1.0]], "constant": 0.5,
}  # fmt: skip
ISING: dict[str, Any] = {
    "n_spins": 3,
    "h": [0.5, -0.5, 1.0],
    "J": [[0, 1, 1.0], [1, 2, -1.5]],
    "constant": 0.25,
}
TABLE: dict[str, Any] = {
    "features": [[0.1, 1.2], [0.9, 0.2], [0.3, 1.1], [0.8, 0.4], [0.2, 0.9], [1.1, 0.1], [0.4, 1.4], [0.7, 0.3]],
    "labels": [0, 1, 0, 1, 0, 1, 0, 1],
}  # fmt: skip
CIRCUIT = 'OPENQASM 3.0; include "stdgates.inc"; qubit[2] q; bit[2] c; h q[0]; cx q[0], q[1]; rz(0.3) q[1]; c = measure q;'
NOISE: dict[str, Any] = {
    "errors": [{"name": "depolarizing", "p": 0.01, "gates": ["cx"]}, {"name": "amplitude_damping", "gamma": 0.02},
               {"name": "thermal_relaxation", "t1_s": 5e-5, "t2_s": 3e-5, "duration_s": 1e-7,
                "excited_population": 0.01}],
    "readout": [{"matrix": [[0.98, 0.02], [0.03, 0.97]], "qubits": [0]}],
}  # fmt: skip


def loop(kind: str, **more: Any) -> dict[str, Any]:
    """A job of a variational kind that ends soon."""
    return {
        "kind": kind, "starts": 1, "seed": 3, "priority": 0, "timeout_s": 60, "max_retries": 1, "cache": True,
        "budget": {"qpu_seconds": 1.0, "usd": 1.0},
    } | more  # fmt: skip


def optimizer(name: str, **more: Any) -> dict[str, Any]:
    """An optimizer of few iterations."""
    return {"name": name, "max_iterations": 3} | more


VQE = [
    loop("hybrid_vqe", hamiltonian=TERMS, ansatz={"name": "hardware_efficient", "layers": 1},
         optimizer=optimizer("lbfgs", tolerance=1e-8), perturb=0.1),
    loop("hybrid_vqe", hamiltonian=ELECTRONS, ansatz={"name": "uccsd"}, optimizer=optimizer("slsqp")),
    loop("hybrid_vqe", hamiltonian={"fcidump": FCIDUMP, "occupation": [2, 0]},
         ansatz={"name": "adapt", "gradient_tolerance": 0.1, "max_operators": 2}, optimizer=optimizer("lbfgs")),
    loop("hybrid_vqe", hamiltonian={"model": "tfim", "n_qubits": 3, "J": 1.0, "h": 0.5, "hz": 0.1},
         ansatz={"name": "hamiltonian_variational", "layers": 1}, optimizer=optimizer("cobyla", rhobeg=0.3)),
    loop("hybrid_vqe", hamiltonian={"model": "heisenberg", "n_qubits": 3, "Jx": 1.0, "Jy": 0.5, "Jz": 1.5, "h": 0.1},
         ansatz={"name": "hardware_efficient", "layers": 1},
         optimizer=optimizer("spsa", a=0.1, c=0.1, A=1.0, alpha=0.6, gamma=0.1), shots=100),
    loop("hybrid_vqe", hamiltonian={"model": "hubbard", "n_sites": 2, "t": 1.0, "U": 4.0, "mu": 0.5},
         ansatz={"name": "hardware_efficient", "layers": 1}, optimizer=optimizer("nelder_mead", initial_step=0.2)),
    *(loop("hybrid_vqe", hamiltonian=TERMS, ansatz={"name": "hardware_efficient", "layers": 1},
           optimizer=optimizer(name, **more)) for name, more in (
        ("adam", {"learning_rate": 0.1}), ("gradient_descent", {"learning_rate": 0.1}), ("powell", {}),
        ("qng", {"learning_rate": 0.1, "regularization": 1e-3}), ("rotosolve", {}))),
    loop("hybrid_vqe", hamiltonian=TERMS, ansatz={"name": "hardware_efficient", "layers": 1}, noise=NOISE,
         optimizer=optimizer("cobyla"), backend="density_matrix"),
    loop("hybrid_vqe", hamiltonian=TERMS, granularity="fanned_out", ansatz={"name": "hardware_efficient", "layers": 1},
         optimizer=optimizer("adam", learning_rate=0.1)),
]  # fmt: skip
QAOA = [
    loop("hybrid_qaoa", problem={"maxcut": GRAPH}, layers=1, optimizer=optimizer("lbfgs")),
    loop("hybrid_qaoa", problem={"qubo": QUBO}, layers=1, optimizer=optimizer("cobyla"), shots=100),
    loop("hybrid_qaoa", problem={"ising": ISING}, layers=2, init="interp", optimizer=optimizer("lbfgs")),
    loop("hybrid_qaoa", problem={"ising": ISING}, layers=1, granularity="fanned_out", optimizer=optimizer("spsa")),
]  # fmt: skip
QML: list[dict[str, Any]] = [
    {"kind": "quantum_ml", "data": TABLE, "test_fraction": 0.25, "seed": 1,
     "model": {"name": "kernel_svm", "layers": 1, "C": 1.0, "bandwidth": 1.0}},
    {"kind": "quantum_ml", "data": TABLE, "test_fraction": 0.25, "shots": 50, "granularity": "fanned_out",
     "model": {"name": "kernel_svm", "layers": 1, "C": 1.0, "bandwidth": 1.0}},
    {"kind": "quantum_ml", "data": {"name": "moons", "n_samples": 12, "noise": 0.1, "n_features": 2},
     "test_fraction": 0.25, "model": {"name": "variational_classifier", "layers": 1},
     "optimizer": optimizer("adam", learning_rate=0.1)},
]  # fmt: skip
CIRCUITS: list[dict[str, Any]] = [
    {"kind": "pure_quantum", "circuit": {"qasm": CIRCUIT}, "shots": 10, "seed": 1, "noise": NOISE},
    {"kind": "pure_quantum", "circuit": {"qasm": CIRCUIT}, "analyze": ["purity", "entropy", "fidelity"],
     "noise": NOISE, "backend": "density_matrix"},
    {"kind": "pure_quantum", "circuit": {"qasm": CIRCUIT.replace("c = measure q;", "")},
     "observables": [{"name": "energy", "terms": [["ZZ", 0.5], ["XI", -0.5]]}]},
    {"kind": "pure_quantum", "circuit": {"qasm": CIRCUIT.replace("c = measure q;", "")}, "shots": 10,
     "observables": [{"name": "energy", "terms": [["ZZ", 0.5], ["XI", -0.5]]}]},
]  # fmt: skip
FUNCTIONS: list[tuple[str, dict[str, Any]]] = [
    ("noop", {}),
    ("sleep", {"seconds": 0.0}),
    ("exact_diagonalization", {"hamiltonian": ELECTRONS, "k": 2, "n_electrons": 2, "two_sz": 0}),
    ("exact_diagonalization", {"hamiltonian": TERMS, "k": 1, "sector": "all"}),
    ("exact_diagonalization", {"hamiltonian": {"model": "tfim", "n_qubits": 11, "J": 1.0, "h": 0.5}, "k": 2}),
    ("exact_diagonalization", {"hamiltonian": {"model": "hubbard", "n_sites": 2, "t": 1.0, "U": 4.0}, "k": 1,
                               "n_electrons": 2, "two_sz": 0}),
    ("hartree_fock", {"hamiltonian": ELECTRONS}),
    ("hartree_fock", {"hamiltonian": {"fcidump": FCIDUMP}}),
    ("maxcut_brute_force", {"maxcut": GRAPH}),
    ("maxcut_simulated_annealing", {"maxcut": GRAPH, "n_sweeps": 3, "n_replicas": 2}),
    ("maxcut_goemans_williamson", {"maxcut": GRAPH, "n_roundings": 3}),
    ("kernel_svm_rbf", {"data": TABLE, "test_fraction": 0.25, "C": 1.0, "gamma": 0.5}),
    ("kernel_svm_rbf", {"data": TABLE, "test_fraction": 0.25, "gamma": None}),
]  # fmt: skip
CLASSICAL = [
    {"kind": "pure_classical", "function": name, "arguments": given, "seed": 2} for name, given in FUNCTIONS
]
CRYPTO: list[dict[str, Any]] = [
    {"kind": "cryptographic", "operation": "generate_keypair", "algorithm": "ML-KEM-512"},
    {"kind": "cryptographic", "operation": "kem_roundtrip", "algorithm": "ML-KEM-512"},
    {"kind": "cryptographic", "operation": "sign_verify", "algorithm": "ML-DSA-44"},
]
JOBS: list[dict[str, Any]] = [*VQE, *QAOA, *QML, *CIRCUITS, *CLASSICAL, *CRYPTO]

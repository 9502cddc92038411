"""Hand-written with PennyLane on Lightning: `python -m benchmarks.endtoend.pennylane_script NAME FILE`."""

import csv
import json
import sys

import pennylane as qml
from pennylane import numpy as np
from scipy.optimize import minimize


def pauli(string):
    return qml.pauli.string_to_pauli_word(string, wire_map={q: q for q in range(len(string))})


def molecule(path):
    from benchmarks.endtoend.fermions import excitations

    data = json.load(open(path))
    n, electrons = data["n_qubits"], data["n_electrons"]
    observable = qml.Hamiltonian([w for _, w in data["terms"]], [pauli(s) for s, _ in data["terms"]])
    moves = excitations(n, electrons)

    @qml.qnode(qml.device("lightning.qubit", wires=n), diff_method="adjoint")
    def energy(theta):
        qml.BasisState(np.array([1] * electrons + [0] * (n - electrons)), wires=range(n))
        for angle, (source, target) in zip(theta, moves, strict=True):
            gate = qml.DoubleExcitation if len(source) == 2 else qml.SingleExcitation
            gate(angle, wires=[*source, *target])
        return qml.expval(observable)

    slope = qml.grad(energy, argnums=0)
    start = np.zeros(len(moves))
    return minimize(energy, start, jac=slope, method="L-BFGS-B", options={"ftol": 1e-10}).fun


def maxcut(path):
    from benchmarks.endtoend.workloads import LAYERS, SHOTS

    data = json.load(open(path))
    n, edges = data["n"], data["edges"]
    observable = qml.Hamiltonian([0.5] * len(edges), [qml.Z(a) @ qml.Z(b) for a, b in edges])
    device = qml.device("lightning.qubit", wires=n)

    def layers(angles):
        for qubit in range(n):
            qml.Hadamard(qubit)
        for gamma, beta in zip(angles[:LAYERS], angles[LAYERS:], strict=True):
            for a, b in edges:
                qml.IsingZZ(-gamma, wires=[a, b])
            for qubit in range(n):
                qml.RX(2 * beta, wires=qubit)

    @qml.qnode(device, diff_method="adjoint")
    def loss(angles):
        layers(angles)
        return qml.expval(observable)

    @qml.set_shots(SHOTS)
    @qml.qnode(device)
    def drawn(angles):
        layers(angles)
        return qml.sample()

    rise = (np.arange(LAYERS) + 0.5) / LAYERS
    start = np.concatenate([0.6 * rise, 0.6 * (1 - rise)])
    best = minimize(loss, start, jac=qml.grad(loss, argnums=0), method="L-BFGS-B").x
    rows = np.unique(drawn(best), axis=0)
    return max(sum(int(row[a] != row[b]) for a, b in edges) for row in rows)


def kernel(path):
    from sklearn.model_selection import train_test_split
    from sklearn.svm import SVC

    rows = list(csv.reader(open(path)))[1:]
    x, y = np.array([row[:-1] for row in rows], float), np.array([int(row[-1]) for row in rows])
    x = np.pi * (x - x.min(0)) / (x.max(0) - x.min(0))
    n = x.shape[1]

    @qml.qnode(qml.device("lightning.qubit", wires=n), diff_method=None)
    def state(row):
        for layer in range(2):
            for qubit in range(n - 1 if layer else 0):
                qml.CZ(wires=[qubit, qubit + 1])
            for qubit, angle in enumerate(row):
                qml.RY(angle, wires=qubit)
        return qml.state()

    states = np.array([state(row) for row in x])
    gram = abs(states.conj() @ states.T) ** 2
    train, test = train_test_split(np.arange(len(y)), test_size=0.3, random_state=7, stratify=y)
    model = SVC(kernel="precomputed").fit(gram[np.ix_(train, train)], y[train])
    return model.score(gram[np.ix_(test, train)], y[test])


if __name__ == "__main__":
    print({"H2": molecule, "LiH": molecule, "QAOA": maxcut, "kernel SVM": kernel}[sys.argv[1]](sys.argv[2]))

"""Hand-written with Qulacs: `python -m benchmarks.endtoend.qulacs_script NAME FILE`."""

import csv
import json
import sys

import numpy as np
from qulacs import Observable, ParametricQuantumCircuit, QuantumCircuit, QuantumState
from qulacs.state import inner_product
from scipy.optimize import minimize


def molecule(path):
    from benchmarks.endtoend.fermions import excitations, rotations

    data = json.load(open(path))
    n, electrons = data["n_qubits"], data["n_electrons"]
    observable = Observable(n)
    for string, weight in data["terms"]:
        observable.add_operator(weight, " ".join(f"{p} {q}" for q, p in enumerate(string) if p != "I"))
    circuit, owners, factors = ParametricQuantumCircuit(n), [], []
    for qubit in range(electrons):
        circuit.add_X_gate(qubit)
    moves = excitations(n, electrons)
    for number, (source, target) in enumerate(moves):
        for qubits, paulis, weight in rotations(source, target):
            circuit.add_parametric_multi_Pauli_rotation_gate(qubits, paulis, 0.0)
            owners.append(number)
            factors.append(-weight)
    owner, weights, state = np.array(owners), np.array(factors), QuantumState(n)

    def loss(theta):
        for k, angle in enumerate(weights * theta[owner]):
            circuit.set_parameter(k, angle)
        state.set_zero_state()
        circuit.update_quantum_state(state)
        slopes = np.array(circuit.backprop(observable)) * weights
        return observable.get_expectation_value(state), np.bincount(owner, slopes, len(moves))

    return minimize(loss, np.zeros(len(moves)), jac=True, method="L-BFGS-B", options={"ftol": 1e-10}).fun


def maxcut(path):
    from benchmarks.endtoend.workloads import LAYERS, SHOTS

    data = json.load(open(path))
    n, edges = data["n"], data["edges"]
    observable = Observable(n)
    for a, b in edges:
        observable.add_operator(0.5, f"Z {a} Z {b}")
    circuit, owners = ParametricQuantumCircuit(n), []
    for qubit in range(n):
        circuit.add_H_gate(qubit)
    for layer in range(LAYERS):
        for a, b in edges:
            circuit.add_parametric_multi_Pauli_rotation_gate([a, b], [3, 3], 0.0)
            owners.append(layer)
        for qubit in range(n):
            circuit.add_parametric_RX_gate(qubit, 0.0)
            owners.append(LAYERS + layer)
    owner, state = np.array(owners), QuantumState(n)
    signs = np.where(owner < LAYERS, 1.0, -2.0)

    def loss(angles):
        for k, angle in enumerate(signs * angles[owner]):
            circuit.set_parameter(k, angle)
        state.set_zero_state()
        circuit.update_quantum_state(state)
        slopes = np.array(circuit.backprop(observable)) * signs
        return observable.get_expectation_value(state), np.bincount(owner, slopes, 2 * LAYERS)

    rise = (np.arange(LAYERS) + 0.5) / LAYERS
    start = np.concatenate([0.6 * rise, 0.6 * (1 - rise)])
    minimize(loss, start, jac=True, method="L-BFGS-B")
    drawn = np.unique(state.sampling(SHOTS, 7))
    return max(sum((x >> a & 1) != (x >> b & 1) for a, b in edges) for x in drawn.tolist())


def kernel(path):
    from sklearn.model_selection import train_test_split
    from sklearn.svm import SVC

    rows = list(csv.reader(open(path)))[1:]
    x, y = np.array([row[:-1] for row in rows], float), np.array([int(row[-1]) for row in rows])
    x = np.pi * (x - x.min(0)) / (x.max(0) - x.min(0))

    def state(row):
        circuit, n = QuantumCircuit(len(row)), len(row)
        for layer in range(2):
            for qubit in range(n - 1 if layer else 0):
                circuit.add_CZ_gate(qubit, qubit + 1)
            for qubit, angle in enumerate(row):
                circuit.add_RY_gate(qubit, -angle)
        result = QuantumState(n)
        circuit.update_quantum_state(result)
        return result

    states = [state(row) for row in x]
    gram = np.array([[abs(inner_product(a, b)) ** 2 for b in states] for a in states])
    train, test = train_test_split(np.arange(len(y)), test_size=0.3, random_state=7, stratify=y)
    model = SVC(kernel="precomputed").fit(gram[np.ix_(train, train)], y[train])
    return model.score(gram[np.ix_(test, train)], y[test])


if __name__ == "__main__":
    print({"H2": molecule, "LiH": molecule, "QAOA": maxcut, "kernel SVM": kernel}[sys.argv[1]](sys.argv[2]))

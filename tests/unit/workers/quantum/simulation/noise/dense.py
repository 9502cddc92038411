"""Circuits with noise on dense density matrices, written from the definitions.

Nothing of the simulators is used: gates are matrices, channels are maps of the whole matrix.
"""

import math

import numpy as np

PAULI = {
    "I": np.eye(2),
    "X": np.array([[0, 1], [1, 0]]),
    "Y": np.array([[0, -1j], [1j, 0]]),
    "Z": np.diag([1, -1]),
}


def rotation(letters, angle):
    """exp(-i angle P/2)."""
    pauli = string(letters)
    return math.cos(angle / 2) * np.eye(len(pauli)) - 1j * math.sin(angle / 2) * pauli


def string(letters):
    """The matrix of a Pauli string."""
    matrix = np.eye(1)
    for letter in letters:
        matrix = np.kron(matrix, PAULI[letter])
    return matrix


def controlled(matrix):
    """The gate under one control, which comes first."""
    size = len(matrix)
    whole = np.eye(2 * size, dtype=complex)
    whole[size:, size:] = matrix
    return whole


GATES = {
    "id": PAULI["I"], "x": PAULI["X"], "y": PAULI["Y"], "z": PAULI["Z"],
    "h": np.array([[1, 1], [1, -1]]) / math.sqrt(2), "s": np.diag([1, 1j]), "sdg": np.diag([1, -1j]),
    "t": np.diag([1, np.exp(0.25j * np.pi)]), "sx": np.array([[1 + 1j, 1 - 1j], [1 - 1j, 1 + 1j]]) / 2,
    "cx": controlled(PAULI["X"]), "cz": controlled(PAULI["Z"]), "swap": np.eye(4)[[0, 2, 1, 3]],
    "ccx": controlled(controlled(PAULI["X"])),
}  # fmt: skip
TURNS = {"rx": "X", "ry": "Y", "rz": "Z", "rzz": "ZZ"}


def gate(name, params):
    """A gate's matrix."""
    return rotation(TURNS[name], params[0]) if name in TURNS else GATES[name]


def widened(matrix, qubits, n):
    """A matrix on some qubits as one on n, the first qubit the most significant bit."""
    k = len(qubits)
    rest = [qubit for qubit in range(n) if qubit not in qubits]
    whole = np.kron(matrix, np.eye(2 ** (n - k))).reshape([2] * (2 * n))
    order = [[*qubits, *rest].index(qubit) for qubit in range(n)]
    return whole.transpose([*order, *(n + place for place in order)]).reshape(2**n, 2**n)


def conjugated(rho, matrices, qubits, n):
    """Sum of K rho K^dagger."""
    wide = [widened(matrix, qubits, n) for matrix in matrices]
    return sum(matrix @ rho @ matrix.conj().T for matrix in wide)


def mixed(rho, qubits, n):
    """The state with some qubits replaced by the maximally mixed one."""
    for qubit in qubits:
        rho = sum(conjugated(rho, [matrix], [qubit], n) for matrix in PAULI.values()) / 4
    return rho


def decayed(rho, qubit, n, gamma, population):
    """Decay with probability gamma towards diag(1 - population, population)."""
    kept, gone = math.sqrt(1 - gamma), math.sqrt(gamma)
    down = [np.diag([1, kept]), np.array([[0, gone], [0, 0]])]
    up = [np.diag([kept, 1]), np.array([[0, 0], [gone, 0]])]
    parts = [(1 - population, down), (population, up)]
    return sum(weight * conjugated(rho, kraus, [qubit], n) for weight, kraus in parts)


def dephased(rho, qubit, n, factor):
    """Coherence of a qubit multiplied by a factor."""
    return (1 + factor) / 2 * rho + (1 - factor) / 2 * conjugated(rho, [PAULI["Z"]], [qubit], n)


def single(error, rho, qubit, n):
    """An error on one qubit."""
    population = error.get("excited_population", 0.0)
    match error["name"]:
        case "depolarizing":
            return (1 - error["p"]) * rho + error["p"] * mixed(rho, [qubit], n)
        case "bit_flip" | "phase_flip":
            letter = "X" if error["name"] == "bit_flip" else "Z"
            return (1 - error["p"]) * rho + error["p"] * conjugated(rho, [PAULI[letter]], [qubit], n)
        case "pauli":
            return paulis(rho, error["probabilities"], [qubit], n)
        case "amplitude_damping":
            return decayed(rho, qubit, n, error["gamma"], population)
        case "phase_damping":
            return dephased(rho, qubit, n, math.sqrt(1 - error["lam"]))
        case "thermal_relaxation":
            t1, t, t2 = error["t1_s"], error["duration_s"], min(error["t2_s"], 2 * error["t1_s"])
            rho = decayed(rho, qubit, n, 1 - math.exp(-t / t1), population)
            return dephased(rho, qubit, n, math.exp(-t / t2 + t / (2 * t1)))
        case "kraus":
            return conjugated(rho, kraus(error), [qubit], n)
    raise AssertionError(error)


def width(error):
    """Qubits of the operators that an error is written with."""
    if error["name"] == "pauli":
        return len(next(iter(error["probabilities"])))
    return len(error["operators"][0]).bit_length() - 1 if error["name"] == "kraus" else 1


def kraus(error):
    """The operators of a channel as matrices."""
    return [np.array([[complex(*np.atleast_1d(e)) for e in row] for row in k]) for k in error["operators"]]


def paulis(rho, probabilities, qubits, n):
    """Pauli strings with their probabilities."""
    others = {letters: p for letters, p in probabilities.items() if set(letters) != {"I"}}
    struck = sum(p * conjugated(rho, [string(letters)], qubits, n) for letters, p in others.items())
    return (1 - sum(others.values())) * rho + struck


def followed_by(error, rho, name, qubits, n):
    """The state after an error that may follow an operation."""
    places = error.get("gate_qubits")
    if name not in error.get("gates", [name]):
        return rho
    order = list if error.get("ordered") else set
    if places is not None and order(qubits) not in [order(np.atleast_1d(place).tolist()) for place in places]:
        return rho
    allowed = set(error.get("qubits", range(n)))
    return struck(error, rho, qubits, allowed, n)


def struck(error, rho, qubits, allowed, n):
    """The state after an error that follows an operation on these qubits."""
    k = len(qubits)
    if error["name"] == "crosstalk":
        for i, j, p in error["pairs"]:
            if i in qubits and j not in qubits and {i, j} <= allowed:
                rho = paulis(rho, {error.get("pauli", "ZZ"): p}, [i, j], n)
        return rho
    if error["name"] == "depolarizing" and not error.get("each") and k > 1:
        whole = (1 - error["p"]) * rho + error["p"] * mixed(rho, qubits, n)
        return whole if set(qubits) <= allowed else rho
    wide = width(error)
    if wide == 1:
        for qubit in qubits:
            rho = single(error, rho, qubit, n) if qubit in allowed else rho
        return rho
    if wide != k or not set(qubits) <= allowed:
        return rho
    if error["name"] == "pauli":
        return paulis(rho, error["probabilities"], qubits, n)
    return conjugated(rho, kraus(error), qubits, n)


class Dense:
    """A circuit followed along its classical bits.

    Args:
        n: qubits.
        n_bits: classical bits.
        noise: a model as job files write it, None for none.
    """

    def __init__(self, n, n_bits, noise):
        self.n, self.noise = n, noise or {}
        rho = np.zeros((2**n, 2**n), dtype=complex)
        rho[0, 0] = 1.0
        self.branches = {(0,) * n_bits: rho}

    def run(self, instructions):
        """Follow instructions of a circuit record's JSON."""
        for item in instructions:
            found: dict[tuple[int, ...], np.ndarray] = {}
            for bits, rho in self.branches.items():
                for outcome, state in self._step(item, bits, rho):
                    found[outcome] = found.get(outcome, 0) + state
            self.branches = found
        return self

    def _step(self, item, bits, rho):
        if "gate" in item:
            qubits = item["qubits"]
            rho = conjugated(rho, [gate(item["gate"], item["params"])], qubits, self.n)
            yield bits, self._noisy(rho, item["gate"], qubits)
        elif "reset" in item:
            lowering = [np.diag([1, 0]), np.array([[0, 1], [0, 0]])]
            rho = conjugated(rho, lowering, [item["reset"]], self.n)
            yield bits, self._noisy(rho, "reset", [item["reset"]])
        elif "measure" in item:
            for value in (0, 1):
                part = conjugated(rho, [np.diag([1 - value, value])], [item["measure"]], self.n)
                for reading, chance in enumerate(self.readout(item["measure"])[value]):
                    yield (*bits[: item["bit"]], reading, *bits[item["bit"] + 1 :]), chance * part
        elif "if" in item:
            holds = sum(bits[bit] << place for place, bit in enumerate(item["if"]["bits"]))
            inner = Dense(self.n, len(bits), self.noise)
            inner.branches = {bits: rho}
            yield from inner.run(item["then" if holds == item["if"]["value"] else "else"]).branches.items()
        else:
            yield bits, rho

    def _noisy(self, rho, name, qubits):
        for error in self.noise.get("errors", ()):
            rho = followed_by(error, rho, name, qubits, self.n)
        return rho

    def readout(self, qubit):
        """How a qubit is read."""
        for entry in reversed(self.noise.get("readout", ())):
            if qubit in entry.get("qubits", range(self.n)):
                return entry["matrix"]
        return np.eye(2)

    def probabilities(self):
        """Of the classical bits."""
        chances = {"".join(map(str, bits)): np.trace(rho).real for bits, rho in self.branches.items()}
        return {outcome: chance for outcome, chance in chances.items() if chance > 1e-13}

    def expectation(self, letters):
        """Of a Pauli string, whatever the bits."""
        return sum(np.trace(string(letters) @ rho).real for rho in self.branches.values())

"""Objects of other libraries: refused with two lines of code that convert them.

They are recognised by the module and the name of their class, so none of these libraries is imported.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from novacron.errors import BadInput

DEEPEST = 8
WIDEST = 100
OWN = frozenset({"builtins", "novacron", "collections", "pathlib", "types", "enum", "fractions", "decimal"})


@dataclass(frozen=True)
class Conversion:
    """How to convert objects of some classes to a part of a job; in both lines `it` is the object.

    Attributes:
        library: first part of the module that defines the class.
        names: the classes; subclasses match as well.
        first: first line, which prepares.
        value: value for the field after that line.
        field: field for such an object, used if the object itself was submitted.
    """

    library: str
    names: tuple[str, ...]
    first: str
    value: str
    field: str


JOBS = {
    "circuit": "Circuit({})",
    "hamiltonian": 'VQE({}, ansatz="hardware_efficient")',
    "molecule": 'VQE({}, ansatz="uccsd")',
    "problem": "QAOA({})",
    "data": 'QML({}, model="kernel_svm")',
}
FROM_QISKIT = '{"terms": [[s[::-1], c.real] for s, c in op.to_list()]}'
FROM_OPENFERMION = (
    '{"terms": [["".join(dict(t).get(q, "I") for q in range(openfermion.count_qubits(op))), c.real]'
    " for t, c in op.terms.items()]}"
)
FROM_PENNYLANE = (
    '{"terms": [["".join(w.get(q, "I") for q in wires), float(c)] for w, c in it.pauli_rep.items()]}'
)
FROM_NETWORKX = (
    '{"maxcut": {"n_nodes": len(g), "edges": [list(e) for e in g.edges],'
    ' "weights": [w for *_, w in g.edges.data("weight", 1.0)]}}'
)
TO_QISKIT = "from qiskit.quantum_info import SparsePauliOp"
QISKIT_MATRIX = FROM_QISKIT.replace("op.to_list", "SparsePauliOp.from_operator({}).to_list")
FERMIONS = ("FermionOperator", "InteractionOperator", "DiagonalCoulombHamiltonian", "MajoranaOperator")

CONVERSIONS = (
    Conversion(
        "qiskit",
        ("QuantumCircuit",),
        "from qiskit import qasm3",
        '{"qasm": qasm3.dumps(it)}',
        "circuit",
    ),
    Conversion("qiskit", ("SparsePauliOp",), "op = it.simplify()", FROM_QISKIT, "hamiltonian"),
    Conversion(
        "qiskit",
        ("Pauli", "PauliList"),
        TO_QISKIT,
        FROM_QISKIT.replace("op.", "SparsePauliOp(it)."),
        "hamiltonian",
    ),
    Conversion(
        "qiskit",
        ("SparseObservable",),
        TO_QISKIT,
        FROM_QISKIT.replace("op.", "SparsePauliOp.from_sparse_observable(it)."),
        "hamiltonian",
    ),
    Conversion("qiskit", ("Operator",), TO_QISKIT, QISKIT_MATRIX.replace("{}", "it"), "hamiltonian"),
    Conversion(
        "qiskit_nature",
        ("SparseLabelOp", "FermionicOp"),
        "from qiskit_nature.second_q.mappers import JordanWignerMapper",
        FROM_QISKIT.replace("op.", "JordanWignerMapper().map(it)."),
        "hamiltonian",
    ),
    Conversion(
        "openfermion", ("QubitOperator",), "import openfermion; op = it", FROM_OPENFERMION, "hamiltonian"
    ),
    Conversion(
        "openfermion",
        FERMIONS,
        "import openfermion; op = openfermion.jordan_wigner(it)",
        FROM_OPENFERMION,
        "molecule",
    ),
    Conversion(
        "openfermion",
        ("MolecularData",),
        "import openfermion; op = openfermion.jordan_wigner(it.get_molecular_hamiltonian())",
        FROM_OPENFERMION,
        "molecule",
    ),
    Conversion(
        "pennylane",
        ("QuantumScript",),
        "import pennylane",
        '{"qasm": pennylane.to_openqasm(it)}',
        "circuit",
    ),
    Conversion(
        "pennylane",
        ("QNode",),
        "import pennylane; arguments = ()  # those of the QNode",
        '{"qasm": pennylane.to_openqasm(it)(*arguments)}',
        "circuit",
    ),
    Conversion("pennylane", ("Operator",), "wires = it.wires", FROM_PENNYLANE, "hamiltonian"),
    Conversion(
        "pennylane",
        ("PauliSentence",),
        "wires = it.wires",
        FROM_PENNYLANE.replace("it.pauli_rep", "it"),
        "hamiltonian",
    ),
    Conversion("cirq", ("AbstractCircuit",), "import cirq", '{"qasm": cirq.qasm(it)}', "circuit"),
    Conversion(
        "cirq",
        ("PauliSum", "PauliString"),
        "import cirq; op = cirq.PauliSum.wrap(it)",
        '{"terms": [["".join(str(t.get(q, "I")) for q in op.qubits), t.coefficient.real] for t in op]}',
        "hamiltonian",
    ),
    Conversion(
        "stim",
        ("Circuit",),
        "text = it.to_qasm(open_qasm_version=3)",
        '{"qasm": text}',
        "circuit",
    ),
    Conversion(
        "networkx",
        ("Graph",),
        "import networkx; g = networkx.convert_node_labels_to_integers(it)",
        FROM_NETWORKX,
        "problem",
    ),
    Conversion(
        "dimod",
        ("BinaryQuadraticModel",),
        'linear, (i, j, q), offset = it.change_vartype("BINARY", inplace=False).to_numpy_vectors()',
        '{"qubo": {"linear": linear.tolist(), "constant": float(offset),'
        ' "quadratic": [[int(a), int(b), float(c)] for a, b, c in zip(i, j, q)]}}',
        "problem",
    ),
    Conversion(
        "pandas",
        ("DataFrame",),
        'x, y = it.drop(columns="label"), it["label"]  # the column that holds the classes',
        '{"features": x.to_numpy().tolist(), "labels": y.tolist()}',
        "data",
    ),
    Conversion(
        "polars",
        ("DataFrame",),
        'x, y = it.drop("label"), it["label"]  # the column that holds the classes',
        '{"features": x.to_numpy().tolist(), "labels": y.to_list()}',
        "data",
    ),
    Conversion(
        "sklearn",
        ("Bunch",),
        "x, y = it.data, it.target",
        '{"features": x.tolist(), "labels": y.tolist()}',
        "data",
    ),
    Conversion(
        "pyscf",
        ("SCF",),
        'from pyscf.tools import fcidump; fcidump.from_scf(it, "molecule.fcidump")',
        '{"fcidump": "molecule.fcidump"}',
        "molecule",
    ),
    Conversion(
        "pyscf",
        ("CASBase",),
        'from pyscf.tools import fcidump; fcidump.from_mcscf(it, "molecule.fcidump")',
        '{"fcidump": "molecule.fcidump"}',
        "molecule",
    ),
    Conversion(
        "pyscf",
        ("MoleBase", "Mole"),
        "from pyscf import scf; from pyscf.tools import fcidump;"
        ' fcidump.from_scf(scf.RHF(it).run(), "molecule.fcidump")',
        '{"fcidump": "molecule.fcidump"}',
        "molecule",
    ),
)
MATRICES = {
    "hamiltonian": (TO_QISKIT, QISKIT_MATRIX),
    "observables": (TO_QISKIT, QISKIT_MATRIX),
    "problem.maxcut": (
        "import networkx; g = networkx.from_numpy_array({})",
        FROM_NETWORKX,
    ),
    "problem.qubo": (
        "q, n = {}, len({})",
        '{"qubo": {"linear": [float(q[i][i]) for i in range(n)],'
        ' "quadratic": [[i, j, float(q[i][j] + q[j][i])] for i in range(n) for j in range(i + 1, n)]}}',
    ),
}
"""Conversion of a square matrix, by its field; elsewhere arrays become lists of numbers."""


def check(value: Any, field: str | None = None) -> None:
    """Refuse a value that is or holds an object of another library.

    Args:
        value: what was given as a job or for a field of one.
        field: the field; None for the job itself.

    Raises:
        BadInput: it is or contains one; the message has the two lines that convert it.
    """
    _check(value, field, 0)


def _check(value: Any, field: str | None, depth: int) -> None:
    kinds = [(kind.__module__.partition(".")[0], kind.__name__) for kind in type(value).__mro__]
    if kinds[0][0] not in OWN:
        for conversion in CONVERSIONS:
            if any(library == conversion.library and name in conversion.names for library, name in kinds):
                _refuse(value, field, conversion.first, conversion.value, conversion.field)
        if kinds[0][0] in ("numpy", "scipy"):
            return _check_matrix(value, field)
    if depth > DEEPEST:
        return None
    if isinstance(value, Mapping):
        for key, inner in value.items():
            _check(inner, f"{field}.{key}" if field else str(key), depth + 1)
    elif isinstance(value, list | tuple):
        for position, inner in enumerate(value[:WIDEST]):
            _check(inner, f"{field}[{position}]", depth + 1)
    return None


def _check_matrix(value: Any, field: str | None) -> None:
    shape: Sequence[int] = getattr(value, "shape", ())
    place = next(
        (name for name in MATRICES if field and (field == name or field.startswith(f"{name}["))), None
    )
    if len(shape) != 2 or shape[0] != shape[1] or place is None:
        return
    first, expression = MATRICES[place]
    dense = "it.toarray()" if hasattr(value, "toarray") else "it"
    _refuse(value, field, first.replace("{}", dense), expression.replace("{}", dense), place)


def _refuse(value: Any, field: str | None, first: str, expression: str, home: str) -> NoReturn:
    kind = type(value)
    named = f"{kind.__module__.partition('.')[0]}'s {kind.__name__}"
    place = field or ("hamiltonian" if home == "molecule" else home)
    top = place.split(".")[0].split("[")[0]
    if top == "observables":
        expression = '[{"name": "observable", ' + expression[1:] + "]"
    given = f"{top}={expression}"
    if field is None:
        given = f"job = {JOBS[home].format(given)}"
    raise BadInput(
        f"is {named}, which is not taken as it is. With `it` for the object, these two lines convert it:\n"
        f"    {first}\n    {given}",
        field=field,
    )

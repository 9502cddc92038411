"""The functions of this package that a `pure_classical` job may call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from novacron.errors import BadInput
from novacron.specs import QML, table
from novacron.specs.base import DEFAULT_LEVEL
from novacron.specs.molecule import Molecule
from novacron.specs.qml import KernelSvm
from novacron.specs.refusal import passed_on, validated
from shared.function_declaration import Argument, Function
from shared.quantum import diagonalization, portfolio, trained_model

INTEGRALS = "molecular_integrals"
"""The function by which the scheduler gets the integrals of a molecule."""
MAX_SLEEP_S = 3600.0

# Classical and quantum models are compared: both use the same defaults.
_TEST = QML.model_fields["test_fraction"].default
_C = KernelSvm.model_fields["C"].default
_DATA = Argument("data", "object", "as in a quantum_ml job: features and labels, or the name of a dataset")
_HAMILTONIAN = Argument("hamiltonian", "object", "as in a hybrid_vqe job")
MAX_NODES = {
    "maxcut_brute_force": 26,
    "maxcut_simulated_annealing": 5000,
    "maxcut_goemans_williamson": 2000,
}
"""Maximum number of nodes of each function."""


def _maxcut(function: str) -> Argument:
    summary = "n_nodes, edges and weights, as in a hybrid_qaoa job"
    return Argument("maxcut", "object", summary, max_nodes=MAX_NODES[function])


def _check_split(arguments: Mapping[str, Any], field: str) -> None:
    data, fraction = arguments["data"], arguments["test_fraction"]
    if "labels" in data or "name" in data:
        fault = table.split_fault(table.read(data), fraction)
        if fault:
            raise BadInput(fault, field=f"{field}.test_fraction", value=fraction, hint="lower it")


def _check_molecule(arguments: Mapping[str, Any], field: str) -> None:
    try:
        validated(Molecule, arguments["molecule"])
    except BadInput as error:
        raise passed_on(error, (field, "molecule")) from None


BUILT_IN = (
    Function("noop", "Do nothing.", (), "workers.quantum.classical.noop:run"),
    Function(
        "sleep",
        "Wait.",
        (Argument("seconds", "number", "how long, in seconds", minimum=0, maximum=MAX_SLEEP_S),),
        "workers.quantum.classical.sleep:run",
    ),
    Function(
        "exact_diagonalization",
        "Lowest eigenvalues of a Hamiltonian.",
        (
            _HAMILTONIAN,
            Argument("k", "integer", "how many eigenvalues", default=1, minimum=1, maximum=100),
            Argument(
                "n_electrons", "integer", "particle number; null is the Hamiltonian's own", None, minimum=0
            ),
            Argument(
                "two_sz",
                "integer",
                "spin up minus spin down; null is the Hamiltonian's own, any beside n_electrons",
                None,
            ),
            Argument(
                "sector",
                "string",
                "`declared` electrons of the Hamiltonian, or `all` states",
                "declared",
                choices=("declared", "all"),
            ),
        ),
        "workers.quantum.classical.exact_diagonalization:run",
        check=diagonalization.check_sector,
    ),
    Function(
        "hartree_fock",
        "Energy of the Hartree-Fock basis state of a Hamiltonian.",
        (_HAMILTONIAN,),
        "workers.quantum.classical.hartree_fock:run",
        check=diagonalization.check_electrons,
    ),
    Function(
        INTEGRALS,
        "Integrals of a molecule over its Hartree-Fock orbitals.",
        (Argument("molecule", "object", "as in the hamiltonian of a hybrid_vqe job"),),
        "workers.quantum.classical.molecular_integrals:run",
        check=_check_molecule,
        extra="chem",
    ),
    Function(
        "maxcut_brute_force",
        "The maximum cut, by trying every assignment.",
        (_maxcut("maxcut_brute_force"),),
        "workers.quantum.classical.maxcut_brute_force:run",
    ),
    Function(
        "maxcut_simulated_annealing",
        "A large cut, by simulated annealing.",
        (
            _maxcut("maxcut_simulated_annealing"),
            Argument(
                "n_sweeps", "integer", "updates of each node", default=200, minimum=1, maximum=1_000_000
            ),
            Argument("n_replicas", "integer", "independent runs", default=32, minimum=1, maximum=4096),
        ),
        "workers.quantum.classical.maxcut_simulated_annealing:run",
    ),
    Function(
        "maxcut_goemans_williamson",
        "A large cut and an upper bound on all cuts, by the semidefinite relaxation.",
        (
            _maxcut("maxcut_goemans_williamson"),
            Argument(
                "n_roundings", "integer", "random hyperplanes tried", default=100, minimum=1, maximum=100_000
            ),
        ),
        "workers.quantum.classical.maxcut_goemans_williamson:run",
    ),
    Function(
        "bound_circuit",
        "The circuit of a completed job with its parameters bound: what `novacron export` asks for.",
        (
            Argument("spec", "object", "of the job, as the scheduler keeps it"),
            Argument("parameters", "array", "of its result", default=None),
            Argument("operators", "array", "of its result, for an ansatz that grew", default=None),
            Argument("remarks", "array", "comments at the top", default=()),
            Argument("format", "string", "what to write", "qasm3", choices=("qasm3", "qpy")),
        ),
        "workers.quantum.classical.bound_circuit:run",
    ),
    Function(
        "rank_devices",
        "Simulated devices for a circuit, by the probability that it succeeds there.",
        (
            Argument("circuit", "string", "OpenQASM text", is_circuit=True),
            Argument(
                "optimization_level", "integer", "effort of compilation", DEFAULT_LEVEL, minimum=0, maximum=3
            ),
        ),
        "workers.quantum.classical.rank_devices:run",
        version=portfolio.VERSION,
    ),
    Function(
        "encoded_state",
        "A state encoded at distance 3, as a state vector: each error on one qubit, corrected.",
        (
            Argument("theta", "number", "polar angle of the state, radians", 1.0),
            Argument("phi", "number", "its phase, radians", 0.5),
        ),
        "workers.quantum.classical.encoded_state:run",
    ),
    Function(
        "kernel_svm_rbf",
        "Support vector machine with a Gaussian kernel: the classical line for a quantum kernel.",
        (
            _DATA,
            Argument("test_fraction", "number", "share of the samples kept for the test", _TEST, 0.0, 0.95),
            Argument("C", "number", "price of a margin violation", _C, minimum=1e-9, maximum=1e9),
            Argument("gamma", "number", "1/(2 width^2); null = 1/(features x variance)", None, 1e-9, 1e9),
        ),
        "workers.quantum.classical.kernel_svm_rbf:run",
        check=_check_split,
    ),
    Function(
        "predict",
        "Classes of new samples by a trained model.",
        (
            Argument("model", "object", "`model` in the result of a quantum_ml job"),
            Argument("features", "array", "a row a sample, as the columns were before scaling"),
        ),
        "workers.quantum.classical.predict:run",
        check=trained_model.check,
    ),
)

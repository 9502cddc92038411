"""The functions a `pure_classical` job may call, and their arguments.

Declarations only: the scheduler validates a submission against this table without loading NumPy; a worker
loads the implementation. Other packages add to it through entry points of the group `novacron.functions`,
each of them naming a `Function`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import entry_points
from typing import Any, Literal

from novacron.errors import BadInput, nearest
from novacron.specs import QML, Classical, table
from novacron.specs.base import DEFAULT_LEVEL
from novacron.specs.qml import KernelSvm
from shared.quantum import diagonalization, portfolio, trained_model

GROUP = "novacron.functions"
MAX_SLEEP_S = 3600.0

Type = Literal["integer", "number", "string", "boolean", "array", "object"]

_PYTHON: dict[Type, tuple[type, ...]] = {
    "integer": (int,),
    "number": (int, float),
    "string": (str,),
    "boolean": (bool,),
    "array": (list, tuple),
    "object": (Mapping,),
}


class _Required:
    """Marks an argument without a default."""


REQUIRED = _Required()


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a function.

    Attributes:
        name: its key in the job's `arguments`.
        type: JSON type; an integer is a number too, a boolean is neither.
        summary: its meaning, with its unit.
        default: value if the job gives none; REQUIRED if it must give one. A None default allows null.
        minimum: least allowed number, inclusive.
        maximum: greatest allowed number, inclusive.
        choices: the allowed values; any if empty.
        max_nodes: maximum number of nodes of a graph; None is no limit.
        is_circuit: whether it is OpenQASM text, which is parsed at submission.
    """

    name: str
    type: Type
    summary: str = ""
    default: Any = REQUIRED
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[Any, ...] = ()
    max_nodes: int | None = None
    is_circuit: bool = False

    def check(self, value: Any, field: str) -> Any:
        """Return the value if it is allowed.

        Raises:
            BadInput: names the field, the value and the broken rule.
        """
        if value is None and self.default is None:
            return None
        if not isinstance(value, _PYTHON[self.type]) or (isinstance(value, bool) and self.type != "boolean"):
            raise BadInput(
                f"must be of type {self.type}", field=field, value=value, hint=self.summary or None
            )
        if isinstance(value, float) and not math.isfinite(value):
            raise BadInput("must be a finite number", field=field, value=str(value))
        if self.choices and value not in self.choices:
            close = nearest(value, [str(choice) for choice in self.choices])
            raise BadInput(
                f"must be one of {', '.join(map(str, self.choices))}",
                field=field,
                value=value,
                hint=f"did you mean {close!r}?" if close else None,
            )
        self._check_range(value, field)
        self._check_nodes(value, field)
        return value

    def _check_nodes(self, value: Any, field: str) -> None:
        n_nodes = value.get("n_nodes") if isinstance(value, Mapping) else None
        if self.max_nodes is not None and isinstance(n_nodes, int) and n_nodes > self.max_nodes:
            hint = "give it a smaller graph, or use another function"
            raise BadInput(f"must have at most {self.max_nodes} nodes", field=field, value=n_nodes, hint=hint)

    def _check_range(self, value: Any, field: str) -> None:
        if self.minimum is not None and value < self.minimum:
            raise BadInput(f"must be at least {self.minimum:g}", field=field, value=value)
        if self.maximum is not None and value > self.maximum:
            raise BadInput(f"must be at most {self.maximum:g}", field=field, value=value)


@dataclass(frozen=True, slots=True)
class Function:
    """A function that `pure_classical` jobs can call by name.

    Attributes:
        name: stable; renaming is a migration.
        summary: one line.
        arguments: its arguments.
        implementation: "module:attribute", loaded by the worker that runs it. Called as `function(arguments,
            seed, checkpoint)`: arguments with defaults filled in, the job's seed, and a function to call
            between units of work, which raises if the task should stop. Returns JSON.
        check: validates the arguments together, at submission: called with them and their field, raises
            BadInput.
        version: incremented with every change of its results, so that older cached results are not reused.
        package: the distribution that declares it, with its version; set when it is found.
    """

    name: str
    summary: str
    arguments: tuple[Argument, ...]
    implementation: str
    check: Callable[[Mapping[str, Any], str], None] | None = None
    version: int = 1
    package: str | None = None


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


_BUILT_IN = (
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


@cache
def functions() -> Mapping[str, Function]:
    """Return all functions by name: the built-in ones, then those of installed packages.

    Raises:
        ValueError: a package declares something other than a Function, or a name that is taken.
    """
    table = {function.name: function for function in _BUILT_IN}
    for entry in entry_points(group=GROUP):
        declared = entry.load()
        if not isinstance(declared, Function):
            raise ValueError(f"entry point {entry.value} of {GROUP} is not a shared.functions.Function")
        if declared.name in table:
            raise ValueError(f"entry point {entry.value} of {GROUP}: the name {declared.name!r} is taken")
        package = None if entry.dist is None else f"{entry.dist.name} {entry.dist.version}"
        table[declared.name] = replace(declared, package=package)
    return table


def find(name: object) -> Function:
    """Return the function of this name.

    Raises:
        BadInput: there is none; the hint is the closest known name.
    """
    table = functions()
    if isinstance(name, str) and name in table:
        return table[name]
    close = nearest(name, table)
    raise BadInput(
        "is not a registered function",
        field="function",
        value=name,
        hint=f"did you mean {close!r}?" if close else f"known: {', '.join(table)}",
    )


def check(name: object, arguments: Mapping[str, Any], field: str = "arguments") -> dict[str, Any]:
    """Validate arguments and return them as the function gets them, with defaults filled in.

    Args:
        name: the function.
        arguments: the job's arguments.
        field: their path in the job, for messages.

    Raises:
        BadInput: for the first violation: field, value, rule and hint.
    """
    function = find(name)
    known = {argument.name: argument for argument in function.arguments}
    for key in arguments:
        if key not in known:
            close = nearest(key, known)
            rest = f"{function.name} takes {', '.join(known) or 'no arguments'}"
            hint = f"did you mean {close!r}?" if close else rest
            raise BadInput(f"is not an argument of {function.name}", field=f"{field}.{key}", hint=hint)
    filled = dict(_filled(function, arguments, field))
    if function.check is not None:
        function.check(filled, field)
    return filled


def _filled(function: Function, given: Mapping[str, Any], field: str) -> Iterator[tuple[str, Any]]:
    for argument in function.arguments:
        place = f"{field}.{argument.name}"
        if argument.name in given:
            yield argument.name, argument.check(given[argument.name], place)
        elif isinstance(argument.default, _Required):
            raise BadInput(f"is required by {function.name}", field=place, hint=argument.summary or None)
        else:
            yield argument.name, argument.default


def call(spec: Classical, index: int = 0) -> dict[str, Any]:
    """Return the validated arguments of one call; an entry of `map` overrides `arguments`.

    Raises:
        BadInput: as `check`; the field names the entry.
    """
    if spec.map is None:
        return check(spec.function, spec.arguments)
    return check(spec.function, {**spec.arguments, **spec.map[index]}, f"map[{index}]")


def check_job(spec: Classical) -> int:
    """Validate every call of a `pure_classical` job, and return their number: one, or one per entry of `map`.

    Raises:
        BadInput: as `check`.
    """
    for index in range(spec.n_calls):
        call(spec, index)
    return spec.n_calls


def circuits(spec: Classical) -> Iterator[tuple[str, str]]:
    """Yield the OpenQASM texts in the arguments of a valid job, each with its field."""
    names = [argument.name for argument in find(spec.function).arguments if argument.is_circuit]
    for index in range(spec.n_calls):
        field = "arguments" if spec.map is None else f"map[{index}]"
        given = call(spec, index) if names else {}
        yield from ((given[name], f"{field}.{name}") for name in names)

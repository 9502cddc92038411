"""Selection of a circuit's simulator, with the reason; where none fits, what each would need."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import cast

import psutil

from novacron.errors import BadInput
from novacron.specs import Circuit
from novacron.specs.circuit_text import ParsedCircuit
from novacron.specs.noise import WrittenNoise
from shared.circuits.active import active_qubits, operations
from shared.circuits.clifford import NonClifford, acts_only_by_gates, branches, first_non_clifford
from shared.circuits.written import WrittenRecord
from shared.quantum.backends import BACKENDS, BUILT_IN
from shared.quantum.wants import Want

SMALL_QUBITS = 10
"""Up to this size a density matrix is faster than any sampling simulator."""
EXACT_QUBITS = 12
"""Up to this size a density matrix is fast enough to be preferred over trajectories."""
WIDE_QUBITS = 20
"""Above this size Clifford circuits use a tableau even without noise."""
PAULI = frozenset({"depolarizing", "pauli", "bit_flip", "phase_flip", "phase_damping", "crosstalk"})
"""Errors that a stabilizer simulator applies exactly."""
SIMULATORS = tuple(name for name, declared in BUILT_IN.items() if declared.circuits and not declared.provider)
"""Candidates for `auto`; backends of installed packages must be named."""
UNLISTED = "the outcomes are left out: the stabilizer simulator lists them only with shots, or without noise"


@dataclass(frozen=True)
class Demand:
    """What a circuit job requires of a simulator.

    Attributes:
        spec: the job, with its circuit parsed.
    """

    spec: Circuit

    @property
    def record(self) -> WrittenRecord:
        """The circuit's record."""
        assert isinstance(self.spec.circuit, ParsedCircuit)
        return cast("WrittenRecord", self.spec.circuit.record)

    @cached_property
    def noise(self) -> WrittenNoise | None:
        """The noise model as JSON."""
        return None if self.spec.noise is None else self.spec.noise.document

    @cached_property
    def n_active(self) -> int:
        """Qubits that a simulator must hold: at least one, if the circuit has any."""
        least = min(1, self.spec.n_qubits or 0)
        return max(least, len(active_qubits(self.record, self.noise)))

    @cached_property
    def n_used(self) -> int:
        """Qubits that gates, resets and measurements act on; all of them in a circuit that measures none."""
        places = [place for _, place in operations(self.record["instructions"])]
        measured = any(name == "measure" for name, _ in operations(self.record["instructions"]))
        return len({qubit for place in places for qubit in place}) if measured else self.spec.n_qubits or 0

    @cached_property
    def non_clifford(self) -> NonClifford | None:
        """The first gate that is not known to be Clifford."""
        return first_non_clifford(self.record["instructions"])

    @property
    def width(self) -> str:
        """The number of qubits as text."""
        total, active = self.spec.n_qubits, self.n_active
        return f"{active} qubits" if active == total else f"{active} active of {total} qubits"

    @property
    def unlisted(self) -> bool:
        """Whether a stabilizer simulator returns no list of outcomes for it."""
        return self.spec.shots is None and self.spec.noise is not None


def choose(demand: Demand) -> tuple[str, str]:
    """Return the simulator's name, and the reason.

    Raises:
        BadInput: no simulator supports the request; the message says what each would need.
    """
    found = {name: obstacle(demand, name) for name in SIMULATORS}
    for name, why in _preferred(demand):
        if found[name] is None:
            return name, why
    needs = "; ".join(f"{name} {missing}" for name, missing in found.items())
    raise BadInput(f"fits no simulator: {needs}", field="circuit", hint=_cure(demand))


def _cure(demand: Demand) -> str:
    spec = demand.spec
    if spec.shots is None and not spec.analyze:
        sampled = Demand(spec.model_copy(update={"shots": 1}))
        able = [name for name in SIMULATORS if obstacle(sampled, name) is None]
        if able:
            return f"give shots, to sample it on {' or '.join(able)}"
    return "use fewer qubits"


def _preferred(demand: Demand) -> Iterator[tuple[str, str]]:
    """Yield candidates with reasons, the best first."""
    spec, n, width = demand.spec, demand.n_active, demand.width
    if spec.analyze:
        yield "density_matrix", f"{', '.join(spec.analyze)} need a density matrix"
    elif spec.noise is None:
        if n > WIDE_QUBITS:
            yield "stabilizer", f"Clifford circuit on {width}, more than {WIDE_QUBITS}"
        yield "statevector", f"state vector on CPU, {width} without noise"
        yield "stabilizer", f"Clifford circuit on {width}, too many for a state vector"
    else:
        if n <= SMALL_QUBITS:
            yield "density_matrix", f"noise on {width}, few enough for a density matrix"
        if spec.shots is not None:
            yield "stabilizer", f"Clifford circuit with Pauli noise on {width}, sampled"
        if n <= EXACT_QUBITS:
            yield "density_matrix", f"noise on {width}, few enough for a density matrix"
        yield "trajectories", f"noise on {width}, too many for a density matrix, sampled"
        yield "density_matrix", f"noise on {width}, exactly"
        yield "stabilizer", f"expectation values of a Clifford circuit with Pauli noise on {width}, exactly"


def obstacle(demand: Demand, name: str) -> str | None:
    """Return what keeps a simulator from an exact answer to the request, None where nothing does."""
    spec, declared = demand.spec, BACKENDS[name]
    if spec.noise is not None and not declared.noise:
        return "takes no noise model"
    if set(spec.analyze) - declared.circuits:
        return "analyzes no states"
    if demand.n_active > declared.max_qubits:
        return f"holds {declared.max_qubits} qubits and not {demand.n_active}"
    wanted, had = declared.memory_bytes(demand.n_active), int(psutil.virtual_memory().total)
    if wanted > had:
        return f"needs {wanted:,} bytes of memory, and the machine has {had:,}"
    if name == "trajectories" and spec.shots is None:
        return "needs shots"
    return _no_tableau(demand) if name == "stabilizer" else None


def _no_tableau(demand: Demand) -> str | None:
    """Return what keeps a stabilizer simulator from an exact answer to the request."""
    spec = demand.spec
    if found := demand.non_clifford:
        sure = "is not" if found.certain else "may not be"
        return f"needs Clifford gates, and {found.gate} at {found.position} {sure} one"
    if spec.noise is not None and (others := [e.name for e in spec.noise.errors if e.name not in PAULI]):
        return f"would only twirl {others[0]}, which backend: stabilizer insists on"
    if demand.unlisted and not spec.observables:
        return "needs shots for circuits with noise"
    unshot = spec.shots is None and spec.noise is not None and spec.observables
    if unshot and branches(demand.record["instructions"]):
        return "needs shots for expectation values of circuits with noise and conditions"
    return None


def warnings(demand: Demand, name: str) -> tuple[str, ...]:
    """Return warnings about the result that are known before the run."""
    return (UNLISTED,) if name == "stabilizer" and demand.unlisted else ()


def check(demand: Demand, name: str) -> None:
    """Refuse a circuit job that a simulator cannot run.

    Raises:
        BadInput: names the field, the rule and what to do.
    """
    spec = demand.spec
    if not BACKENDS[name].circuits:
        hint = "use backend: auto"
        raise BadInput(
            f"{name} does not run pure_quantum jobs", field="backend", value=spec.backend, hint=hint
        )
    if spec.noise is not None and not BACKENDS[name].noise:
        hint = "use auto, density_matrix, trajectories or stabilizer"
        raise BadInput(f"{name} takes no noise model", field="backend", value=spec.backend, hint=hint)
    if set(spec.analyze) - BACKENDS[name].circuits:
        hint = "use backend: density_matrix, or auto"
        raise BadInput(f"{name} analyzes no states", field="analyze", value=list(spec.analyze), hint=hint)
    _check_wants(demand, name)
    if name == "stabilizer":
        _check_tableau(demand)


def _check_wants(demand: Demand, name: str) -> None:
    """Refuse outputs that a backend does not provide for circuits.

    Raises:
        BadInput: names the field, the rule and what to do.
    """
    spec, capabilities = demand.spec, BACKENDS[name].circuits
    if spec.shots is None and Want.DISTRIBUTION not in capabilities:
        what = "trajectories" if name == "trajectories" else "shots"
        hint = f"give the number of {what}, or use density_matrix"
        raise BadInput(f"is required: {name} only samples", field="shots", hint=hint)
    if spec.observables and Want.EXPECTATIONS not in capabilities:
        rule = f"{name} gives no expectation values of circuits"
        raise BadInput(rule, field="observables", hint="leave observables out, or use backend: auto")


def check_content(demand: Demand) -> None:
    """Refuse free parameters, observables whose width is not the circuit's, and fidelity without a state.

    Raises:
        BadInput: names the field, the rule and what to do.
    """
    spec = demand.spec
    if parameters := demand.record.get("parameters"):
        rule = f"has parameters without values: {', '.join(parameters)}"
        raise BadInput(rule, field="circuit", hint="write numbers in their place")
    if "fidelity" in spec.analyze and not acts_only_by_gates(demand.record["instructions"]):
        rule = "fidelity is with a pure state, and the circuit measures, resets or branches before its end"
        raise BadInput(rule, field="analyze", value=list(spec.analyze), hint="leave fidelity out")
    for position, observable in enumerate(spec.observables):
        if (width := len(observable.terms[0][0])) != spec.n_qubits:
            rule = f"acts on {width} qubits, the circuit has {spec.n_qubits}"
            raise BadInput(rule, field=f"observables[{position}].terms", hint="one letter a qubit")


def _check_tableau(demand: Demand) -> None:
    """Refuse what a stabilizer simulator certainly cannot run; it checks matrices itself."""
    spec, found = demand.spec, demand.non_clifford
    if found and found.certain:
        rule = f"is not Clifford: {found.gate} at {found.position}"
        raise BadInput(rule, field="circuit", hint="use backend: auto")
    if demand.unlisted and not spec.observables:
        rule = "is required: stabilizer lists exact outcomes of circuits without noise only"
        raise BadInput(rule, field="shots", hint="give shots, or use backend: auto")

"""The parametrised states of a VQE."""

from math import comb
from typing import Annotated, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from novacron.specs.circuit_text import Qasm, StoredRecord
from novacron.specs.hamiltonian import Fcidump, Heisenberg, Hubbard, Molecular, PauliTerms, Tfim
from novacron.specs.record import Record, by_name, named
from novacron.specs.refusal import refuse
from novacron.specs.scalars import Integer, Number
from novacron.specs.schema import TEXT_TOO

ANSAETZE = ("uccsd", "adapt", "hamiltonian_variational", "hardware_efficient", "circuit")

AnyHamiltonian = PauliTerms | Tfim | Heisenberg | Hubbard | Fcidump | Molecular
Layers = Annotated[Integer, Field(ge=1, le=1000)]
Entangler = Literal["linear", "ring", "full"]


class Uccsd(Record):
    """Unitary coupled cluster with singles and doubles from the Hartree-Fock state."""

    name: Literal["uccsd"] = "uccsd"

    def n_parameters(self, hamiltonian: AnyHamiltonian) -> int | None:
        """Return the number of excitations that conserve the particle number and the spin."""
        n_electrons, n_up = hamiltonian.n_electrons, hamiltonian.n_alpha
        if n_electrons is None or n_up is None:
            return None
        n_orbitals = hamiltonian.n_qubits // 2
        up, down = (n_up, n_orbitals - n_up), (n_electrons - n_up, n_orbitals - n_electrons + n_up)
        if min(*up, *down) < 0:
            return None
        singles = up[0] * up[1], down[0] * down[1]
        pairs = sum(comb(occupied, 2) * comb(empty, 2) for occupied, empty in (up, down))
        return sum(singles) + pairs + singles[0] * singles[1]


class Adapt(Record):
    """An ansatz that grows from the Hartree-Fock state by the operator with the largest energy gradient.

    Attributes:
        pool: `singles_doubles` from occupied to empty orbitals, or `generalized` ones between any.
        gradient_tolerance: stops when the norm of the energy's derivatives with respect to the pool's
            operators is below this, in units of the root of the sum of the squared coefficients of all
            strings with an X or a Y.
        max_operators: maximum number of operators.

    Source: Grimsley et al., Nat. Commun. 10, 3007 (2019).
    """

    name: Literal["adapt"] = "adapt"
    pool: Literal["singles_doubles", "generalized"] = "singles_doubles"
    gradient_tolerance: Annotated[Number, Field(gt=0, le=1e6)] = 3e-2
    max_operators: Annotated[Integer, Field(ge=1, le=10_000)] = 100

    def n_parameters(self, hamiltonian: AnyHamiltonian) -> int | None:
        """Return an estimate: at most one per operator, rarely more than the pool of singles and doubles."""
        pool = Uccsd().n_parameters(hamiltonian)
        return self.max_operators if pool is None else min(self.max_operators, pool)


class HamiltonianVariational(Record):
    """One angle per commuting family of terms and layer."""

    name: Literal["hamiltonian_variational"] = "hamiltonian_variational"
    layers: Layers = 1

    def n_parameters(self, hamiltonian: AnyHamiltonian) -> int | None:
        """Return the number of families times that of layers."""
        return None if hamiltonian.n_families is None else hamiltonian.n_families * self.layers


class HardwareEfficient(Record):
    """Layers of one-qubit rotations and entanglers."""

    name: Literal["hardware_efficient"] = "hardware_efficient"
    layers: Layers = 1
    entangler: Entangler = "linear"

    def n_parameters(self, hamiltonian: AnyHamiltonian) -> int | None:
        """Return two rotations per qubit, in each layer and before the first."""
        return 2 * hamiltonian.n_qubits * (self.layers + 1)


class CircuitAnsatz(Record):
    """A user-defined parametrised circuit, as text or as parsed by the scheduler."""

    name: Literal["circuit"] = "circuit"
    qasm: Qasm | None = None
    circuit: StoredRecord | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if self.qasm is None and self.circuit is None:
            raise refuse("is required", at=("qasm",))
        if self.qasm is not None and self.circuit is not None:
            raise refuse("must not be given beside circuit", at=("qasm",))
        return self

    def n_parameters(self, hamiltonian: AnyHamiltonian) -> int | None:
        """Return the number once the scheduler has parsed the text, None before."""
        return len(self.circuit.get("parameters", ())) if self.circuit else None


AnyAnsatz = Uccsd | Adapt | HamiltonianVariational | HardwareEfficient | CircuitAnsatz
Ansatz = Annotated[
    Annotated[Uccsd, Tag("uccsd")]
    | Annotated[Adapt, Tag("adapt")]
    | Annotated[HamiltonianVariational, Tag("hamiltonian_variational")]
    | Annotated[HardwareEfficient, Tag("hardware_efficient")]
    | Annotated[CircuitAnsatz, Tag("circuit")],
    Discriminator(by_name),
    named(ANSAETZE),
    TEXT_TOO,
]
"""An ansatz by name or as a mapping."""

"""The variational quantum eigensolver: `hybrid_vqe`."""

from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from novacron.specs.ansatz import Adapt, Ansatz, AnyHamiltonian, Uccsd
from novacron.specs.base import DEFAULT_LEVEL, Level, Precision, Spec, Starts
from novacron.specs.hamiltonian import Hamiltonian, PauliTerms
from novacron.specs.initial_point import Start
from novacron.specs.optimizer import Lbfgs, Optimizer, Qng
from novacron.specs.refusal import refuse
from novacron.specs.scalars import Number

if TYPE_CHECKING:
    from novacron.inputs.files import Files


class VQE(Spec):
    """Minimize the energy of a Hamiltonian over the states of an ansatz.

    Attributes:
        hamiltonian: as a mapping, or the path of a file; energies are in its unit, hartree for molecules.
        ansatz: by name or as a mapping.
        optimizer: by name or as a mapping.
        starts: number of independent starting points; the best is the result.
        initial_point: where the first start begins, in place of the ansatz's own point: parameters, or those
            of an earlier job.
        perturb: standard deviation of the noise added to each initial angle, radians; it also breaks ties
            between the states of a degenerate shell that `hamiltonian_variational` starts from.
        precision: precision of the amplitudes; sums are in double. Excitations always run in double.
        optimization_level: effort of compilation for a device, from 0 (only translate) to 3 (search).
    """

    kind: Literal["hybrid_vqe"] = "hybrid_vqe"
    hamiltonian: Hamiltonian
    ansatz: Ansatz
    optimizer: Optimizer = Field(default_factory=Lbfgs)
    starts: Starts = 1
    initial_point: Start | None = None
    perturb: Annotated[Number, Field(gt=0, le=10)] | None = None
    precision: Precision = "double"
    optimization_level: Level = DEFAULT_LEVEL

    @classmethod
    def inline(cls, data: dict[str, Any], files: "Files") -> dict[str, Any]:
        """See `Spec.inline`."""
        if "hamiltonian" in data:
            data = {**data, "hamiltonian": files.hamiltonian(data["hamiltonian"], "hamiltonian")}
        if "ansatz" in data:
            data = {**data, "ansatz": files.ansatz(data["ansatz"], "ansatz")}
        return super().inline(data, files)

    @model_validator(mode="after")
    def _check_electrons(self) -> Self:
        if not isinstance(self.ansatz, Uccsd | Adapt):
            return self
        name = self.ansatz.name
        if self.hamiltonian.n_electrons is None:
            rule = f"{name} needs a Hamiltonian with n_electrons"
            hint = "give hamiltonian.n_electrons, or use hamiltonian_variational"
            raise refuse(rule, at=("ansatz", "name"), value=name, hint=hint)
        if self.hamiltonian.n_qubits % 2:
            rule = f"{name} needs two qubits an orbital, the Hamiltonian has {self.hamiltonian.n_qubits}"
            raise refuse(rule, at=("ansatz", "name"), value=name)
        _check_spin(self.hamiltonian, name)
        return self

    @model_validator(mode="after")
    def _check_starts(self) -> Self:
        if isinstance(self.ansatz, Adapt) and self.starts > 1:
            rule = "adapt has one start, the Hartree-Fock state"
            raise refuse(rule, at=("starts",), value=self.starts, hint="leave it out")
        if isinstance(self.ansatz, Adapt) and self.perturb is not None:
            rule = "adapt starts without angles"
            raise refuse(rule, at=("perturb",), value=self.perturb, hint="leave it out")
        if isinstance(self.ansatz, Adapt) and self.initial_point is not None:
            raise refuse("adapt starts without angles", at=("initial_point",), hint="leave it out")
        return self

    @model_validator(mode="after")
    def _check_optimizer(self) -> Self:
        if isinstance(self.optimizer, Qng) and self.shots is not None:
            rule = "qng needs exact states, so shots must be null"
            hint = "leave shots out, or use spsa or adam"
            raise refuse(rule, at=("optimizer", "name"), value="qng", hint=hint)
        return self

    @model_validator(mode="after")
    def _check_precision(self) -> Self:
        if self.precision == "single" and (self.noise is not None or self.backend == "density_matrix"):
            rule = "a density matrix is kept in double precision"
            raise refuse(rule, at=("precision",), value=self.precision, hint="leave it out")
        return self

    def warnings(self) -> list[str]:
        """See `Spec.warnings`."""
        return [*super().warnings(), *self.hamiltonian.warnings()]

    @property
    def n_qubits(self) -> int:
        """Number of qubits the Hamiltonian acts on."""
        return self.hamiltonian.n_qubits

    @property
    def n_electrons(self) -> int | None:
        """Particle number of the target state, None if there is none."""
        return self.hamiltonian.n_electrons

    @property
    def n_terms(self) -> int | None:
        """Number of Pauli strings, None if only the worker can tell."""
        return self.hamiltonian.n_terms

    @property
    def n_parameters(self) -> int | None:
        """See `Spec.n_parameters`."""
        return self.ansatz.n_parameters(self.hamiltonian)


def _check_spin(hamiltonian: AnyHamiltonian, ansatz: str) -> None:
    """Refuse a sum of Pauli strings that breaks S_z, which the ansatz conserves."""
    if isinstance(hamiltonian, PauliTerms) and hamiltonian.searched and not hamiltonian.keeps_spin():
        rule = (
            f"the Hamiltonian does not keep S_z under mapping: {hamiltonian.mapping} with spin_order: "
            f"{hamiltonian.spin_order}, and {ansatz} does"
        )
        at = ("hamiltonian", "spin_order")
        raise refuse(rule, at=at, value=hamiltonian.spin_order, hint=hamiltonian.cure())

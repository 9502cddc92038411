"""Pools of excitations that conserve particle number, spin projection and the Hamiltonian's parities."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from shared.quantum.excitations import Pair, allowed, generalized, singles_doubles
from workers.quantum.ansatz.base import AnsatzError
from workers.quantum.hamiltonians.base import Hamiltonian
from workers.quantum.simulation.ir.program import Angle, Excitation, Program

POOLS: dict[str, Callable[[str], Iterator[Pair]]] = {
    "singles_doubles": singles_doubles,
    "generalized": generalized,
}


def pool(ansatz: str, name: str, hamiltonian: Hamiltonian) -> tuple[Pair, ...]:
    """Return the operators of a pool allowed by symmetry; none if no orbital is empty or none occupied.

    Excitations forbidden by a parity symmetry of the Hamiltonian are omitted: their gradient vanishes while
    their angles are zero, so a minimisation from zero would never change them.

    Raises:
        AnsatzError: The Hamiltonian has no electrons.
    """
    if hamiltonian.reference is None:
        raise AnsatzError(f"ansatz {ansatz}: the hamiltonian needs n_electrons")
    x_masks = hamiltonian.operator.x_masks.tolist()
    chosen = tuple(allowed(POOLS[name](hamiltonian.reference), x_masks, hamiltonian.n_qubits))
    return chosen


def program(hamiltonian: Hamiltonian, operators: Sequence[Pair]) -> Program:
    """Return the operators on the reference state, in order, each with its own parameter."""
    assert hamiltonian.reference is not None
    ops = tuple(Excitation(s, t, Angle.parameter(k)) for k, (s, t) in enumerate(operators))
    return Program(hamiltonian.n_qubits, len(ops), ops, hamiltonian.initial)


def operator_name(pair: Pair) -> str:
    """Return a label such as t_0.1_4.5 for modes 0 and 1 to 4 and 5."""
    sources, targets = pair
    return "t_" + ".".join(map(str, sources)) + "_" + ".".join(map(str, targets))

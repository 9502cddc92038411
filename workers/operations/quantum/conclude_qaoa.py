"""The result of a QAOA: the best angles, sampled."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from novacron.json_types import Json, JsonObject
from novacron.specs import QAOA
from novacron.specs.problem import Ising, MaxCut, Qubo
from shared.quantum.wants import Want
from workers.quantum.backends.batch import Batch, Pub
from workers.quantum.backends.immediate import answers
from workers.quantum.mitigation.estimate import Estimate
from workers.quantum.simulation.ir.pauli import PauliSum
from workers.quantum.variational import seeds
from workers.quantum.variational.build import qaoa
from workers.quantum.variational.conclusion import described, loops, summary
from workers.quantum.variational.qaoa import Qaoa
from workers.runtime.context import Context
from workers.runtime.outcome import Done

MOST_LISTED = 1024
ROUNDING = 1e-9
"""Relative difference below which two ratios are equal."""
MOST_ENUMERATED = 20
ORDER = (
    "node, variable or spin i is qubit i and character i of every bitstring, qubit 0 leftmost; the parameter "
    "theta of operator G is the gate exp(theta G), gamma_1 first, then beta_1, gamma_2, ..., on |+...+>"
)


def conclude_qaoa(context: Context[QAOA]) -> Done:
    """Sample the circuit at the best angles; inputs: the LoopResult of every start.

    Bit i of a bitstring is node, variable or spin i; samples are listed most frequent first, at most 1024 of
    them. Without shots, the 1024 largest `probabilities` replace them. `approximation_ratio` is (expectation
    - worst) / (optimum - worst), which is invariant under offsets and changes of unit, computed with the
    `optimum` up to 20 qubits; the worst cut of non-negative weights is 0. `names` are the names of the bits
    in order, and `assignment` maps each to its value in `best_bitstring`: 0 or 1, for Ising 1 or -1.
    """
    ends = loops(context)
    best, target = ends[0], qaoa(context.spec)
    context.checkpoint()
    problem, angles = target.problem, target.angles(best.point)
    expectation = problem.value(0.0 - best.value)
    excess, error = best.excess, None if best.variance is None else best.variance**0.5
    told: JsonObject = {}
    if context.spec.mitigation:
        estimate, told = _mitigated(context, target, best.point)
        expectation, error = estimate.value, estimate.error
        excess = (0.0 - problem.value(expectation)) - target.constant
    compared = _known(target, 0.0 - excess)
    lowest = (compared["approximation_ratio"] or 0.0) > 1.0 - ROUNDING
    sign = -1.0 if problem.maximise else 1.0
    return Done(
        {
            **_measured(context, target, np.array(best.point)),
            "expectation": expectation,
            "angles": angles,
            "parameters": [*angles["gammas"], *angles["betas"]],
            **described(target.named(len(best.point) // 2), ORDER),
            "layers": len(best.point) // 2,
            "n_qubits": problem.n_spins,
            "std_error": error,
            **compared,
            **told,
            **summary(context, ends, "expectation", sign=sign, lowest=lowest),
        }
    )


def _mitigated(context: Context[QAOA], target: Qaoa, point: list[float]) -> tuple[Estimate, JsonObject]:
    """Return the expectation, as it is reported, measured anew and mitigated."""
    sign = -1.0 if target.problem.maximise else 1.0
    reported = PauliSum.from_terms([(string, sign * c) for string, c in target.problem.loss().terms()])
    program = target.circuit(len(point) // 2)
    # It imports Qiskit, which only tasks may: see `workers.operations.WARM`.
    from workers.operations.quantum import mitigated_loop

    return mitigated_loop.final(context, "expectation", program, point, reported)


def _measured(context: Context[QAOA], target: Qaoa, point: NDArray[np.float64]) -> JsonObject:
    asked, shots = Pub.of(target.circuit(point.size // 2), point), context.spec.shots
    if shots is None:
        (answer,) = answers(target.backend, Batch((asked,), frozenset({Want.PROBABILITIES})))
        assert answer.probabilities is not None
        probabilities = answer.probabilities
        states = np.argsort(-probabilities, kind="stable")[:MOST_LISTED]
        listed = {"probabilities": _written(target, states, probabilities[states])}
    else:
        batch = Batch((asked,), frozenset({Want.SAMPLES}), shots, streams=lambda unit: _stream(context.seed))
        (answer,) = answers(target.backend, batch)
        assert answer.samples is not None
        states, counts = np.unique(answer.samples, return_counts=True)
        order = np.argsort(-counts, kind="stable")[:MOST_LISTED]
        listed = {"samples": _written(target, states[order], counts[order])}
    best = int(states[np.argmax(target.gain[states])])
    return {
        "best_bitstring": _bits(target, best),
        **_assignment(context.spec.problem.body, _bits(target, best)),
        "best_value": target.value(float(target.gain[best])),
        "shots": shots,
        **listed,
    }


def _stream(seed: int) -> np.random.Generator:
    return seeds.generator(seed, seeds.CONCLUSION)


def _assignment(problem: MaxCut | Qubo | Ising, bits: str) -> JsonObject:
    """Return the value of each node, variable or spin by name; for a cut also the nodes of each side."""
    names = problem.names or [str(position) for position in range(len(bits))]
    values = [1 - 2 * int(bit) if isinstance(problem, Ising) else int(bit) for bit in bits]
    assignment = dict(zip(names, values, strict=True))
    found: dict[str, Json] = {"names": list(names), "assignment": assignment}
    if isinstance(problem, MaxCut):
        found["partition"] = [[name for name in names if assignment[name] == side] for side in (0, 1)]
    return found


def _written(target: Qaoa, states: NDArray[np.intp], numbers: NDArray[Any]) -> dict[str, float]:
    return {
        _bits(target, state): number for state, number in zip(states.tolist(), numbers.tolist(), strict=True)
    }


def _bits(target: Qaoa, state: int) -> str:
    return format(state, f"0{target.problem.n_spins}b")


def _known(target: Qaoa, expected_gain: float) -> dict[str, float | None]:
    if target.problem.n_spins > MOST_ENUMERATED:
        return {"optimum": None, "approximation_ratio": None}
    most, least = float(np.max(target.gain)), float(np.min(target.gain))
    ratio = (expected_gain - least) / (most - least) if most > least else 1.0
    return {"optimum": target.value(most), "approximation_ratio": ratio}

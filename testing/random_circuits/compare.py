"""Compares the product with the reference on one case, over every simulator that supports it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from novacron.errors import BadInput
from testing.random_circuits import product, reference
from testing.random_circuits.generate import Case
from testing.random_circuits.text import write
from workers.runtime.outcome import UserError

TOLERANCE = 1e-9
SHOTS = 2000
UNLIKELY = 1e-10
"""Probability below which a sampled deviation counts as a difference."""
EXACT = ("statevector", "density_matrix")
REFUSALS = (BadInput, UserError)


def differences(case: Case, seed: int, *, sampled: bool) -> list[str]:
    """Return the differences, one line each; empty if all agree.

    Args:
        case: The case.
        seed: Of the samples.
        sampled: Whether sampling simulators are run, too.
    """
    text = write(case.program)
    noise = case.noise.document if case.noise else None
    truth = reference.run(case.program, case.noise)
    exact = reference.run(case.observed, case.noise) if case.observed else truth
    expected = {pauli: exact.expectation(pauli) for pauli in case.observables}
    found = []
    for backend, shots in _runs(case, sampled):
        asked = f"{backend}{f' with {shots} shots' if shots else ''}"
        # A tableau supports expectation values only for circuits without conditionals.
        observables = () if backend == "stabilizer" else case.observables
        try:
            answer = product.answer(
                text, backend=backend, noise=noise, observables=observables, shots=shots, seed=seed
            )
        except REFUSALS as error:
            found.append(f"{asked}: refused: {error}")
            continue
        except Exception as error:
            found.append(f"{asked}: raised {type(error).__name__}: {error}")
            continue
        if shots is None:
            found += [f"{asked}: {line}" for line in _exact(answer, truth.probabilities, expected)]
        else:
            found += [f"{asked}: {line}" for line in _sampled(answer, truth.probabilities, expected, shots)]
    return found


def _runs(case: Case, sampled: bool) -> Iterator[tuple[str, int | None]]:
    yield from ((name, None) for name in EXACT if name == "density_matrix" or case.noise is None)
    yield "auto", None
    if sampled:
        yield "auto", SHOTS
        yield "trajectories", SHOTS
        if case.noise is None:
            yield "statevector", SHOTS
        else:
            yield "density_matrix", SHOTS
        if case.clifford:
            yield "stabilizer", SHOTS


def _exact(
    answer: Mapping[str, Any], truth: Mapping[str, float], expected: Mapping[str, float]
) -> Iterator[str]:
    got = answer["probabilities"]
    distance = 0.5 * sum(abs(got.get(key, 0.0) - truth.get(key, 0.0)) for key in {*got, *truth})
    if distance > TOLERANCE:
        yield f"total variation distance {distance:.2e}"
    for pauli, value in expected.items():
        if abs(answer["expectations"][pauli] - value) > TOLERANCE:
            yield f"<{pauli}> is {answer['expectations'][pauli]}, not {value}"


def _sampled(
    answer: Mapping[str, Any], truth: Mapping[str, float], expected: Mapping[str, float], shots: int
) -> Iterator[str]:
    counts = answer["counts"]
    if sum(counts.values()) != shots:
        yield f"{sum(counts.values())} counts for {shots} shots"
    for outcome in {*counts, *truth}:
        p, n = truth.get(outcome, 0.0), counts.get(outcome, 0)
        if _tail(n, shots, p) < UNLIKELY:
            yield f"{outcome} came {n} times in {shots}, with probability {p:.6f}"
    bound = math.sqrt(2 * math.log(2 / UNLIKELY) / shots)
    for pauli, value in answer.get("expectations", {}).items():
        if abs(value - expected[pauli]) > bound:
            yield f"<{pauli}> is {value}, not {expected[pauli]}, after {shots} shots"


def _tail(count: int, shots: int, p: float) -> float:
    """Return a bound on the probability of a count this far from the mean (Chernoff)."""
    share = count / shots
    if p <= TOLERANCE or p >= 1 - TOLERANCE:
        return 1.0 if abs(share - p) < 1e-6 else 0.0
    divergence = sum(a * math.log(a / b) for a, b in ((share, p), (1 - share, 1 - p)) if a > 0)
    return 2 * math.exp(-shots * divergence)

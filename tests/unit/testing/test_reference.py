"""The dense reference against Qiskit Aer, which shares nothing with it."""

from itertools import islice

import pytest
from qiskit import qasm2, transpile
from qiskit_aer import AerSimulator

from testing.random_circuits import reference
from testing.random_circuits.generate import case
from testing.random_circuits.text import write

SHOTS = 4000


def cases():
    """OpenQASM 2 without definitions of its own, which Qiskit reads as it is meant."""
    found = (
        seed for seed in range(400) if (made := case(seed)).program.language == 2
        and made.noise is None and not made.program.definitions and made.program.include
    )  # fmt: skip
    return list(islice(found, 12))


@pytest.mark.parametrize("seed", cases())
def test_the_reference_gives_what_aer_samples(seed):
    program = case(seed).program
    circuit = qasm2.loads(write(program), custom_instructions=qasm2.LEGACY_CUSTOM_INSTRUCTIONS)
    simulator = AerSimulator(method="statevector")
    # Aer loses the bits of conditions when it leaves out idle qubits.
    job = simulator.run(transpile(circuit, simulator), shots=SHOTS, seed_simulator=1, enable_truncation=False)
    counts = job.result().get_counts()
    names = [name for name, _ in program.registers]
    sampled: dict[str, float] = {}
    for words, count in counts.items():
        parts = dict(zip(reversed(names), words.split(), strict=True))
        outcome = "".join(parts[name][::-1] for name in names)
        sampled[outcome] = sampled.get(outcome, 0) + count / SHOTS
    exact = reference.run(program).probabilities
    assert sum(exact.values()) == pytest.approx(1.0)
    distance = 0.5 * sum(abs(exact.get(key, 0.0) - sampled.get(key, 0.0)) for key in {*exact, *sampled})
    assert distance < 0.06

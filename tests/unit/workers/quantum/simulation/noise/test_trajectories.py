"""Trajectories against the density matrix of the same noise, and against themselves in other company."""

import itertools

import pytest

from shared.circuits.reader import read
from shared.quantum.trajectories import BLOCK, shards
from tests.unit.workers.quantum.simulation.noise.noisy import BELL, HEADER, distance, frequencies, model, run
from tests.unit.workers.quantum.simulation.noise.test_density_matrix import FEEDBACK, KRAUS
from workers.quantum.simulation.circuits.outcomes import OutcomeLimitError
from workers.quantum.simulation.noise.trajectories import Mean, Trajectories, merged_counts, merged_means

NOISE = {
    "errors": [
        {"name": "depolarizing", "p": 0.1, "gates": ["cx"]},
        {"name": "amplitude_damping", "gamma": 0.2, "excited_population": 0.3, "qubits": [0]},
        {"name": "kraus", "operators": KRAUS, "gates": ["x", "ry"]},
        {"name": "phase_flip", "p": 0.05, "gates": ["reset", "h"]},
    ],
    "readout": [[0.98, 0.02], [0.05, 0.95]],
}
OBSERVABLES = [[("ZZI", 0.5), ("IXX", 0.25)], [("IYI", 1.0)]]


def chi_square(counts, exact):
    """Pearson's statistic over the degrees of freedom."""
    shots = sum(counts.values())
    parts = [(counts.get(key, 0) - shots * p) ** 2 / (shots * p) for key, p in exact.items() if p > 1e-6]
    return sum(parts) / (len(parts) - 1)


@pytest.mark.parametrize("circuit", [BELL, FEEDBACK, HEADER + "qubit[3] q; ry(1) q; ccx q[0], q[1], q[2];"])
@pytest.mark.parametrize("noise", [NOISE, None])
def test_samples_follow_the_density_matrix(circuit, noise):
    exact = run("density_matrix", circuit, noise)["probabilities"]
    counts = run("trajectories", circuit, noise, shots=40_000, seed=5)["counts"]
    assert sum(counts.values()) == 40_000
    assert set(counts) <= set(exact)
    assert chi_square(counts, exact) < 3.0


def test_means_are_within_their_standard_errors():
    strings = ["XXI", "ZZZ", "IYI", "ZII"]
    exact = run("density_matrix", FEEDBACK, NOISE, observables=strings)["expectations"]
    found = run("trajectories", FEEDBACK, NOISE, shots=20_000, seed=3, observables=strings)
    for string in strings:
        error = found["standard_errors"][string]
        assert abs(found["expectations"][string] - exact[string]) < 4 * error + 1e-12
        assert error < 0.01


def test_without_noise_every_trajectory_has_the_exact_mean():
    found = run("trajectories", BELL, shots=100, observables=["XX", "YY", "ZI"])
    assert found["expectations"] == pytest.approx({"XX": 1.0, "YY": -1.0, "ZI": 0.0}, abs=1e-12)
    assert max(found["standard_errors"].values()) < 1e-12


@pytest.mark.parametrize("n_shards", [1, 2, 3, 7])
def test_results_have_the_same_bits_on_any_number_of_tasks(n_shards):
    record, shots = read(FEEDBACK), 5 * BLOCK + 17
    observables = dict(enumerate(OBSERVABLES))

    def shares(parts):
        made = (Trajectories(record, model(NOISE, 3), observables, seed=9) for _ in parts)
        return [one.share(first, last, lambda: None) for one, (first, last) in zip(made, parts, strict=True)]

    whole, parts = shares([(0, shots)]), shares(shards(shots, n_shards))
    counts, means = ([[one[part] for one in each] for each in (parts, whole)] for part in ("counts", "means"))
    assert merged_counts(counts[0]) == merged_counts(counts[1])
    assert merged_means(means[0], list(observables)) == merged_means(means[1], list(observables))
    assert sum(merged_counts(counts[1]).values()) == shots


def test_a_trajectory_depends_on_the_seed_and_its_number_alone():
    runs = Trajectories(read(FEEDBACK), model(NOISE, 3), {}, seed=9)
    together, _ = runs.block(0, 50)
    alone = [runs.block(k, k + 1)[0][0].tolist() for k in range(50)]
    assert together.tolist() == alone
    other, _ = Trajectories(read(FEEDBACK), model(NOISE, 3), {}, seed=10).block(0, 50)
    assert other.tolist() != together.tolist()


@pytest.mark.parametrize(("shots", "n_shards"), [(1, 1), (64, 3), (65, 2), (1000, 7), (10**6, 64)])
def test_shards_are_whole_blocks_and_cover_everything_once(shots, n_shards):
    parts = shards(shots, n_shards)
    assert parts[0][0] == 0 and parts[-1][1] == shots and len(parts) <= n_shards
    assert all(first % BLOCK == 0 and first < last for first, last in parts)
    assert all(one[1] == two[0] for one, two in itertools.pairwise(parts))


def test_means_join_as_if_taken_together():
    import numpy as np

    values = np.array([0.1, 0.7, -0.4, 1.5, 0.2])
    joined = Mean.of(values[:2]).joined(Mean.of(values[2:]))
    assert joined.mean == pytest.approx(values.mean())
    assert joined.variance == pytest.approx(values.var(ddof=1) / 5)
    assert np.isnan(Mean.of(values[:1]).variance)


def test_more_outcomes_than_can_be_listed_are_refused(monkeypatch):
    monkeypatch.setattr("workers.quantum.simulation.circuits.outcomes.MAX_OUTCOMES", 8)
    with pytest.raises(OutcomeLimitError, match="fewer shots"):
        run("trajectories", HEADER + "qubit[6] q; h q;", shots=200)


def test_many_histories_of_a_state_vector_are_sampled_shot_by_shot(monkeypatch):
    steps = "".join(f"ry(0.7) q[0]; cx q[0], q[1]; ry(0.3) q[1]; c[{i}] = measure q[0]; " for i in range(4))
    text = HEADER + "qubit[2] q; bit[4] c; " + steps
    exact = run("statevector", text)["probabilities"]
    monkeypatch.setattr("workers.quantum.simulation.circuits.simulator.MAX_BRANCHES", 2)
    counts = run("statevector", text, shots=20_000, seed=4)["counts"]
    assert distance(frequencies(counts), exact) < 0.02
    assert counts == run("statevector", text, shots=20_000, seed=4)["counts"]

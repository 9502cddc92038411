import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from novacron.errors import BadInput
from shared.quantum.kernel_blocks import blocks, tiles
from testing import specs
from workers.quantum.learning.kernel import decode, encode, sampled, statistics


def spec(feature_map="zz", layers=2, shots=None, n_samples=120, n_features=3, **more):
    named = {"name": "breast_cancer", "n_samples": n_samples, "n_features": n_features}
    model = {"name": "kernel_svm", "feature_map": feature_map, "layers": layers, "C": 1.0, **more}
    rest = {"test_fraction": 0.3, "shots": shots, "seed": 9}
    return {"kind": "quantum_ml", "data": named, "model": model, **rest}


def kernel(**options):
    return specs.kernel(spec(**options))


def both(built):
    return built.assemble(list(built.all_blocks()))


def test_angle_kernel_has_its_closed_form():
    built = kernel(feature_map="angle", layers=1)
    x, y = built.dataset.x_train, built.dataset.x_test
    train, test = both(built)
    np.testing.assert_allclose(train, np.cos((x[:, None] - x[None]) / 2).prod(axis=2) ** 2, atol=1e-12)
    np.testing.assert_allclose(test, np.cos((y[:, None] - x[None]) / 2).prod(axis=2) ** 2, atol=1e-12)


def test_blocks_make_up_the_whole_gram_matrix():
    built = kernel()
    a, b = built.map.states(built.dataset.x_train), built.map.states(built.dataset.x_test)
    train, test = both(built)
    assert len(built.blocks) > 3
    np.testing.assert_allclose(train, np.abs(a.conj() @ a.T) ** 2, atol=1e-12)
    np.testing.assert_allclose(test, np.abs(b.conj() @ a.T) ** 2, atol=1e-12)
    assert np.array_equal(train, train.T) and (np.diag(train) == 1).all()


def test_bandwidth_scales_the_angles():
    wide, narrow = kernel(), kernel(bandwidth=0.25)
    states = narrow.map.states(0.25 * narrow.dataset.x_train)
    np.testing.assert_allclose(both(narrow)[0], np.abs(states.conj() @ states.T) ** 2, atol=1e-12)
    assert statistics(both(narrow)[0])["mean"] > statistics(both(wide)[0])["mean"]


@pytest.mark.parametrize("shots", [None, 200])
def test_a_block_has_the_same_bits_whoever_computes_it_and_when(shots):
    together = list(kernel(shots=shots).all_blocks())
    for index in reversed(range(len(together))):
        assert np.array_equal(kernel(shots=shots).block(index), together[index])


def test_few_states_kept_at_a_time_change_no_bit(monkeypatch):
    whole = both(kernel())
    monkeypatch.setattr("workers.quantum.learning.kernel._CACHE_BYTES", 1)
    frugal = both(kernel())
    assert np.array_equal(frugal[0], whole[0]) and np.array_equal(frugal[1], whole[1])


def test_shots_estimate_the_exact_kernel_without_bias():
    (exact, _), (noisy, _) = both(kernel(n_features=2)), both(kernel(n_features=2, shots=400))
    upper = np.triu_indices(len(exact), 1)
    deviations = (noisy - exact)[upper] / np.sqrt(exact * (1 - exact) / 400 + 1e-9)[upper]
    assert abs(deviations.mean()) < 5 / np.sqrt(len(deviations))
    assert deviations.std() == pytest.approx(1.0, abs=0.1)
    assert np.array_equal(noisy, noisy.T) and (np.diag(noisy) == 1).all()
    np.testing.assert_allclose(noisy * 400, np.rint(noisy * 400), atol=1e-9)


def test_blocks_draw_from_different_streams():
    values = np.full((4, 4), 0.5)
    assert not np.array_equal(sampled(values, 100, 1, 0), sampled(values, 100, 1, 1))
    assert not np.array_equal(sampled(values, 100, 1, 0), sampled(values, 100, 2, 0))


def test_statistics_are_of_the_values_off_the_diagonal():
    train = np.array([[1.0, 0.2, 0.4], [0.2, 1.0, 0.6], [0.4, 0.6, 1.0]])
    found = statistics(train)
    assert (found["min"], found["max"]) == (0.2, 0.6)
    assert found["mean"] == pytest.approx(0.4)
    assert found["least_eigenvalue"] == pytest.approx(np.linalg.eigvalsh(train).min())


@given(
    st.integers(0, 4).flatmap(
        lambda n: st.lists(st.lists(st.floats(width=64), min_size=n, max_size=n), min_size=1, max_size=4)
    )
)
@settings(max_examples=30, deadline=None)
def test_an_encoded_block_comes_back_bit_for_bit(rows):
    values = np.array(rows, dtype=np.float64)
    assert decode(encode(values)).tobytes() == values.tobytes()
    assert decode(encode(values)).shape == values.shape


@given(n_train=st.integers(1, 300), n_test=st.integers(0, 200), n_qubits=st.integers(1, 20))
@settings(max_examples=40, deadline=None)
def test_the_layout_covers_every_pair_once(n_train, n_test, n_qubits):
    every = tiles(n_train, n_test, n_qubits)
    assert sum(tile.stop - tile.start for tile in every) == n_train + n_test
    assert max(tile.stop - tile.start for tile in every) * 2**n_qubits <= 2**22
    n_row_tiles = sum(not tile.test for tile in every)
    layout = blocks(n_train, n_test, n_qubits)
    assert len(set(layout)) == len(layout)
    assert len(layout) == n_row_tiles * (n_row_tiles + 1) // 2 + (len(every) - n_row_tiles) * n_row_tiles


@pytest.mark.parametrize(("sizes", "words"), [((9000, 1001, 2), "10000 samples"), ((3000, 0, 20), "blocks")])
def test_a_kernel_too_large_is_refused_before_it_is_planned(sizes, words):
    with pytest.raises(BadInput, match=words):
        blocks(*sizes)

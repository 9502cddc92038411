import pytest

from workers.quantum.simulation.cuda.tiling import LOW_BITS, Tiling

A100, H100 = 163 << 10, 227 << 10


@pytest.mark.parametrize(
    ("n_qubits", "shared", "tile_bytes", "bits"),
    [
        (3, A100, 16, 3),
        (13, A100, 16, 13),
        (13, A100, 32, 11),
        (12, A100, 32, 12),
        (14, H100, 16, 12),
        (14, H100, 8, 14),
        (28, H100, 16, 12),
        (28, H100, 32, 11),
        (28, H100, 8, 13),
        (28, 48 << 10, 16, 11),
    ],
)
def test_tiles_fit_the_shared_memory(n_qubits: int, shared: int, tile_bytes: int, bits: int) -> None:
    tiling = Tiling.fitting(n_qubits, shared, tile_bytes)
    assert tiling.bits == bits
    assert tiling.low == (n_qubits if bits == n_qubits else LOW_BITS)
    assert tiling.shared_bytes(tile_bytes) <= shared


def test_a_layout_holds_the_bits_asked_for_and_fills_up_from_below() -> None:
    tiling = Tiling(10, 6, 2)
    assert tiling.layout(0b1000100001) == (2, 3, 5, 9)
    assert tiling.layout(0) == (2, 3, 4, 5)
    assert tiling.layout(0b1111100000) is None and not tiling.holds(0b1111100000)


def test_launches_are_bounded() -> None:
    assert Tiling(30, 12, 4).blocks == Tiling(30, 12, 4).wide_blocks == 4096
    assert Tiling(3, 3, 3).blocks == Tiling(3, 3, 3).wide_blocks == 1
    assert Tiling(13, 12, 4).blocks == 2


def test_the_mixer_takes_every_bit_once_in_groups_of_three() -> None:
    groups = list(Tiling(28, 12, 4).mixers(28))
    assert [bit for group in groups for bit in group] == list(range(28))
    assert [len(group) for group in groups] == [3, 3, 3, 3, 3, 3, 2, 3, 3, 2]

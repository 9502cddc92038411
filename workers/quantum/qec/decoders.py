"""Decoders by name. The only place to add a decoder.

A decoder is compiled for a detector error model, then maps syndromes to predicted flips of the observables:
(shots, ceil(n_detectors / 8)) -> (shots, ceil(n_observables / 8)) bytes, bit 0 of byte 0 first. It is a
function of the syndrome alone: none may stop at a time limit, or results of different machines could not be
merged.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import stim
    from numpy.typing import NDArray

    Decode = Callable[[NDArray[np.uint8]], NDArray[np.uint8]]


@dataclass(frozen=True, slots=True)
class Decoder:
    """A decoder.

    Attributes:
        library: package that implements it, whose version identifies the results.
        compile: detector error model -> the decoding function.
        decomposes: whether it takes the error model with hyperedges decomposed into edges.
        slowness: seconds per detection event, relative to `pymatching`; sets the size of a chunk.
    """

    library: str
    compile: Callable[[stim.DetectorErrorModel], Decode]
    decomposes: bool = True
    slowness: float = 1.0


def _pymatching(model: stim.DetectorErrorModel, **options: Any) -> Decode:
    """Minimum-weight perfect matching by sparse blossom (Higgott and Gidney, Quantum 9, 1600 (2025))."""
    import pymatching

    matching = pymatching.Matching.from_detector_error_model(model, **options)

    def decode(detections: NDArray[np.uint8]) -> NDArray[np.uint8]:
        predicted: NDArray[np.uint8] = matching.decode_batch(
            detections, bit_packed_shots=True, bit_packed_predictions=True, **options
        )
        return predicted

    return decode


def _pymatching_correlated(model: stim.DetectorErrorModel) -> Decode:
    """Matching in two passes, the second with weights conditioned on the first."""
    return _pymatching(model, enable_correlations=True)


def _chromobius(model: stim.DetectorErrorModel) -> Decode:
    """Möbius matching for colour codes (Gidney and Jones, arXiv:2312.08813)."""
    import chromobius

    decoder = chromobius.compile_decoder_for_dem(model)

    def decode(detections: NDArray[np.uint8]) -> NDArray[np.uint8]:
        predicted: NDArray[np.uint8] = decoder.predict_obs_flips_from_dets_bit_packed(detections)
        return predicted

    return decode


DECODERS: dict[str, Decoder] = {
    "pymatching": Decoder("pymatching", _pymatching),
    "pymatching_correlated": Decoder("pymatching", _pymatching_correlated, slowness=3.0),
    "chromobius": Decoder("chromobius", _chromobius, decomposes=False, slowness=4.0),
}

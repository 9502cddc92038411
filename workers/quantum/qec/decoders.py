"""Decoders by name. The only place to add a decoder.

A decoder is compiled for a detector error model, then maps syndromes to predicted flips of the observables:
(shots, ceil(n_detectors / 8)) -> (shots, ceil(n_observables / 8)) bytes, bit 0 of byte 0 first. It is a
function of the syndrome alone: none may stop at a time limit, or results of different machines could not be
merged.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from typing import TYPE_CHECKING, Any

# Imported with the operation, not by its first block: a block that lost its lease on a busy machine would be
# interrupted in the middle of an import of a second or more, which a process does not recover from.
import chromobius
import pymatching

if TYPE_CHECKING:
    import numpy as np
    import stim
    from numpy.typing import NDArray

    from workers.quantum.qec.faults import Faults

    Decode = Callable[[NDArray[np.uint8]], NDArray[np.uint8]]


BP_ITERATIONS = 30
MIN_SUM = 0.9
"""Scale of the messages of min-sum belief propagation."""
LARGEST_WEIGHT = 2_000_000
"""Weight of the least likely edge for `fusion_blossom`, whose weights are even numbers."""
OSD_ORDER = 7
LSD_ORDER = 5
RELAY_LEGS = 300
RELAY_MEMORY = (-0.24, 0.66)
"""Range of the memory strengths of a leg."""


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

    @property
    def missing(self) -> str | None:
        """What an installation lacks to use it, None if nothing."""
        try:
            metadata.version(self.library)
        except metadata.PackageNotFoundError:
            return f"needs the package {self.library}, which this worker lacks"
        return None


def _pymatching(model: stim.DetectorErrorModel, **options: Any) -> Decode:
    """Minimum-weight perfect matching by sparse blossom (Higgott and Gidney, Quantum 9, 1600 (2025))."""
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


def _fusion_blossom(model: stim.DetectorErrorModel) -> Decode:
    """Minimum-weight perfect matching by the parity blossom algorithm (Wu and Zhong, arXiv:2305.08307).

    Raises:
        ValueError: a fault is more likely than not, which has no positive weight.
    """
    import fusion_blossom
    import numpy as np

    edges = pymatching.Matching.from_detector_error_model(model).edges()
    weights = np.array([known["weight"] for _, _, known in edges])
    if (weights < 0).any():
        raise ValueError("it has faults of a probability above 1/2")
    whole = 2 * np.rint(LARGEST_WEIGHT / 2 * weights / (weights.max(initial=0) or 1)).astype(int)
    boundary = model.num_detectors
    ends = ((first, boundary if second is None else second) for first, second, _ in edges)
    weighted = [(*pair, int(weight)) for pair, weight in zip(ends, whole, strict=True)]
    solver = fusion_blossom.SolverSerial(fusion_blossom.SolverInitializer(boundary + 1, weighted, [boundary]))
    flips = np.zeros((len(edges), model.num_observables), dtype=np.uint8)
    for row, (_, _, known) in zip(flips, edges, strict=True):
        row[[*known["fault_ids"]]] = 1

    def decode(detections: NDArray[np.uint8]) -> NDArray[np.uint8]:
        syndromes = np.unpackbits(detections, axis=1, count=model.num_detectors, bitorder="little")
        predicted = np.zeros((len(syndromes), model.num_observables), dtype=np.uint8)
        for prediction, syndrome in zip(predicted, syndromes, strict=True):
            solver.solve(fusion_blossom.SyndromePattern(np.flatnonzero(syndrome).tolist()))
            prediction[:] = flips[solver.subgraph()].sum(axis=0) & 1
            solver.clear()
        return np.packbits(predicted, axis=1, bitorder="little")

    return decode


def _chromobius(model: stim.DetectorErrorModel) -> Decode:
    """Möbius matching for colour codes (Gidney and Jones, arXiv:2312.08813)."""
    decoder = chromobius.compile_decoder_for_dem(model)

    def decode(detections: NDArray[np.uint8]) -> NDArray[np.uint8]:
        predicted: NDArray[np.uint8] = decoder.predict_obs_flips_from_dets_bit_packed(detections)
        return predicted

    return decode


def _per_shot(model: stim.DetectorErrorModel, decode_one: Callable[[Faults], Any]) -> Decode:
    """Return the decoding function of a decoder that finds the faults of one syndrome at a time."""
    import numpy as np

    from workers.quantum.qec import faults

    known = faults.of(model)
    one = decode_one(known)

    def decode(detections: NDArray[np.uint8]) -> NDArray[np.uint8]:
        syndromes = np.unpackbits(detections, axis=1, count=model.num_detectors, bitorder="little")
        chosen = np.array([one.decode(syndrome) for syndrome in syndromes], dtype=np.uint8)
        return known.predictions(chosen.reshape(len(syndromes), -1))

    return decode


def _min_sum(known: Faults) -> dict[str, Any]:
    """Return the parameters of belief propagation, as both decoders of ldpc take them."""
    return {
        "error_channel": list(known.probabilities), "max_iter": BP_ITERATIONS,
        "bp_method": "minimum_sum", "ms_scaling_factor": MIN_SUM,
    }  # fmt: skip


def _order(known: Faults, most: int) -> int:
    """Return the order of the search; where it exceeds the spare faults, ldpc reads foreign memory."""
    n_detectors: int = known.detectors.shape[0]
    return max(0, min(most, len(known.probabilities) - n_detectors))


def _bposd(model: stim.DetectorErrorModel) -> Decode:
    """Belief propagation, then ordered statistics (Roffe et al., Phys. Rev. Research 2, 043423 (2020))."""
    from ldpc.bposd_decoder import BpOsdDecoder

    def made(known: Faults) -> Any:
        order = _order(known, OSD_ORDER)
        return BpOsdDecoder(known.detectors, **_min_sum(known), osd_method="OSD_CS", osd_order=order)

    return _per_shot(model, made)


def _lsd(model: stim.DetectorErrorModel) -> Decode:
    """Belief propagation, then statistics of clusters (Hillmann et al., Nat. Commun. 16, 8214 (2025))."""
    from ldpc.bplsd_decoder import BpLsdDecoder

    def made(known: Faults) -> Any:
        order = _order(known, LSD_ORDER)
        return BpLsdDecoder(known.detectors, **_min_sum(known), lsd_method="LSD_CS", lsd_order=order)

    return _per_shot(model, made)


def _relay_bp(model: stim.DetectorErrorModel) -> Decode:
    """Belief propagation with memory in a relay of legs (Müller et al., arXiv:2506.01779)."""
    import numpy as np
    import relay_bp

    def made(known: Faults) -> Any:
        # Strengths of memory that the decoder draws itself go on from shot to shot.
        shape = (RELAY_LEGS, len(known.probabilities))
        return relay_bp.RelayDecoderF64(
            known.detectors.tocsr(), error_priors=known.probabilities, num_sets=RELAY_LEGS,
            explicit_gammas=np.random.default_rng(0).uniform(*RELAY_MEMORY, shape),
        )  # fmt: skip

    return _per_shot(model, made)


def _tesseract(model: stim.DetectorErrorModel) -> Decode:
    """Search for the most likely faults with a beam (Beni, Higgott and Shutty, arXiv:2503.10988)."""
    import numpy as np
    from tesseract_decoder import tesseract

    decoder = tesseract.TesseractDecoder(tesseract.TesseractConfig(model))

    def decode(detections: NDArray[np.uint8]) -> NDArray[np.uint8]:
        syndromes = np.unpackbits(detections, axis=1, count=model.num_detectors, bitorder="little")
        flips = decoder.decode_batch(syndromes.astype(bool))
        return np.packbits(flips, axis=1, bitorder="little")

    return decode


DECODERS: dict[str, Decoder] = {
    "pymatching": Decoder("pymatching", _pymatching),
    "pymatching_correlated": Decoder("pymatching", _pymatching_correlated, slowness=3.0),
    "fusion_blossom": Decoder("fusion-blossom", _fusion_blossom, slowness=25.0),
    "chromobius": Decoder("chromobius", _chromobius, decomposes=False, slowness=4.0),
    "bposd": Decoder("ldpc", _bposd, decomposes=False, slowness=1000.0),
    "lsd": Decoder("ldpc", _lsd, decomposes=False, slowness=1000.0),
    "tesseract": Decoder("tesseract-decoder", _tesseract, decomposes=False, slowness=5000.0),
    "relay_bp": Decoder("relay-bp", _relay_bp, decomposes=False, slowness=1000.0),
}

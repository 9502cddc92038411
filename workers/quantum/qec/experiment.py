"""A point made runnable: its circuit, its detector error model, its decoder, and the chunks of its shots.

The shots of a point are an endless sequence of chunks, each with its own seed. Work is planned in blocks of
consecutive chunks and counted by chunk, so counts depend neither on the size of blocks nor on who ran them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import sha256
from importlib import metadata
from math import log2
from typing import TYPE_CHECKING

import numpy as np
import stim

from novacron import codes
from novacron.errors import BadInput
from novacron.specs.qec_point import GivenPoint, Point
from workers.quantum.qec import distance, given
from workers.quantum.qec.codes import CODES
from workers.quantum.qec.decoders import DECODERS, Decoder

if TYPE_CHECKING:
    from workers.quantum.qec.decoders import Decode

EVENTS_PER_CHUNK = 40_000
"""Expected detection events in a chunk, which matching decodes in about 10 ms."""
CHUNK_SHOTS = (64, 32_768)
"""Smallest and largest chunk, powers of two."""
BATCH_SHOTS = 4096
"""Shots sampled at a time: they stay in the cache, 30 % quicker at distance 3 than a whole chunk."""


@dataclass(frozen=True)
class Experiment:
    """A circuit with a decoder.

    Attributes:
        point: what it measures.
        circuit: annotated with detectors and observables.
        model: its detector error model, as the decoder takes it.
    """

    point: Point | GivenPoint
    circuit: stim.Circuit
    model: stim.DetectorErrorModel

    @property
    def decoder(self) -> Decoder:
        """The decoder."""
        return DECODERS[self.point.decoder]

    @cached_property
    def strong_id(self) -> str:
        """The id that sinter gives to this circuit, decoder and metadata, in hexadecimal."""
        value = {
            "circuit": str(self.circuit),
            "decoder": self.point.decoder,
            "decoder_error_model": str(self._model_of_sinter),
            "postselection_mask": None,
            "json_metadata": self.point.metadata,
        }
        return sha256(json.dumps(value).encode()).hexdigest()

    @property
    def _model_of_sinter(self) -> stim.DetectorErrorModel:
        """The detector error model in sinter's choice: decomposed where possible, for every decoder."""
        if self.decoder.decomposes:
            return self.model
        try:
            return self.circuit.detector_error_model(decompose_errors=True, approximate_disjoint_errors=True)
        except ValueError:
            return self.model

    @cached_property
    def chunk_shots(self) -> int:
        """Shots in a chunk, a function of the circuit and the decoder."""
        events = sum(
            fault.args_copy()[0] * sum(target.is_relative_detector_id() for target in fault.targets_copy())
            for fault in self.model.flattened()
            if fault.type == "error"
        )
        return chunk_shots(events, self.decoder)

    def distance(self) -> int | None:
        """Search the fewest faults that flip an observable undetected; see `distance.of`."""
        point = self.point
        plane = isinstance(point, Point) and codes.code(point.code, point.distance).period is None
        return distance.of(self.circuit, self._model_of_sinter, plane=plane)

    def stream(self, seed: int) -> str:
        """Return the id of the sequence of chunks that a job's seed determines, in hexadecimal.

        Chunks of one stream are the same random numbers, decoded by the same code.
        """
        versions = [metadata.version("stim"), metadata.version(self.decoder.library)]
        return sha256(
            json.dumps([self.strong_id, self.chunk_shots, BATCH_SHOTS, seed, *versions]).encode()
        ).hexdigest()

    @cached_property
    def decode(self) -> Decode:
        """The decoding function."""
        return self.decoder.compile(self.model)

    def errors(self, stream: str, chunk: int) -> int:
        """Sample and decode one chunk; return the shots in which any observable was predicted wrongly."""
        seed = int.from_bytes(sha256(f"{stream}/{chunk}".encode()).digest()[:8], "big") >> 1
        sampler = self.circuit.compile_detector_sampler(seed=seed)
        batch, wrong = min(self.chunk_shots, BATCH_SHOTS), 0
        for _ in range(self.chunk_shots // batch):
            detections, flips = sampler.sample(batch, separate_observables=True, bit_packed=True)
            wrong += int(np.count_nonzero((self.decode(detections) != flips).any(axis=1)))
        return wrong


def chunk_shots(events: float, decoder: Decoder) -> int:
    """Return the shots in a chunk, a power of two, where a shot has so many detection events."""
    shots = EVENTS_PER_CHUNK / (1 + events) / decoder.slowness
    least, most = CHUNK_SHOTS
    return max(least, min(most, 1 << max(0, round(log2(shots)))))


@lru_cache(maxsize=64)
def experiment(point: Point | GivenPoint) -> Experiment:
    """Return the experiment of a point, built once per process.

    Raises:
        BadInput: the decoder is not installed, a circuit of the user is not annotated as it should be, or
            the decoder cannot take it.
    """
    if missing := DECODERS[point.decoder].missing:
        hint = "install novacron[qec] where workers run, or take another decoder"
        raise BadInput(missing, field="decoder", value=point.decoder, hint=hint)
    if isinstance(point, GivenPoint):
        circuit = given.read(point.circuit)
        return Experiment(point, circuit, given.model(circuit, point.decoder))
    circuit = CODES[point.code](point)
    model = circuit.detector_error_model(
        decompose_errors=DECODERS[point.decoder].decomposes, approximate_disjoint_errors=True
    )
    return Experiment(point, circuit, model)

"""Batches of circuits: each at many points with many observables; the results are arrays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import numpy as np

from novacron.arrays import Array
from novacron.json_types import JsonObject
from novacron.specs import Circuit
from novacron.specs.circuit_text import ParsedCircuit
from novacron.specs.pub import PubSpec
from shared.circuits.record import CircuitRecord
from shared.circuits.validation import record_from_json
from shared.quantum.wants import Want
from workers.operations.quantum.circuit import blameless
from workers.operations.quantum.qpu import control_of
from workers.quantum import backends, warm
from workers.quantum.backends.base import Backend, Plan, Queued, Share
from workers.quantum.backends.batch import Answer, Batch, Pub
from workers.quantum.backends.estimation import Estimating
from workers.quantum.backends.narrow import Narrow
from workers.quantum.backends.outcome_arrays import Outcomes
from workers.quantum.backends.questions import Measurement
from workers.quantum.backends.records import seed_of
from workers.quantum.simulation.ir.pauli import PauliSum
from workers.quantum.simulation.ir.program import Program
from workers.quantum.simulation.lowering.circuit_record import LoweringError, lower
from workers.runtime.context import Context
from workers.runtime.outcome import Done

PROGRAM_WANTS = {
    "gradient": Want.GRADIENTS, "variances": Want.SPREADS, "state": Want.STATES,
    "probabilities": Want.PROBABILITIES, "counts": Want.SAMPLES, "bits": Want.SAMPLES,
}  # fmt: skip
RECORD_WANTS = {"probabilities": Want.DISTRIBUTION, "counts": Want.COUNTS, "bits": Want.COUNTS}
NO_POINT = np.empty(0)


@dataclass(frozen=True, eq=False)
class Piece:
    """One circuit of the batch, restricted to its active qubits.

    Attributes:
        record: the circuit as submitted.
        narrow: the restricted circuit.
        program: the restricted circuit as a program, None if it is run as a record.
        spec: its points and observables.
    """

    record: CircuitRecord
    narrow: Narrow
    program: Program | None
    spec: PubSpec

    @classmethod
    def of(cls, pub: PubSpec, spec: Circuit, backend: Backend) -> Piece:
        """Return a circuit of a job, compiled as a program if the backend runs programs without noise."""
        assert isinstance(pub.circuit, ParsedCircuit), "circuits are parsed at submission"
        record = record_from_json(pub.circuit.record)
        narrow = Narrow(record, None if spec.noise is None else spec.noise.document)
        program = None
        if backend.name in ("statevector", "gpu") and spec.noise is None:
            try:
                program = lower(narrow.record)
            except LoweringError:
                program = None
        return cls(record, narrow, program, pub)

    def pub(self, *, observed: bool) -> Pub:
        """Return the circuit at its points, with its observables if requested."""
        points = NO_POINT if self.spec.points is None else np.asarray(Array.from_json(self.spec.points))
        given = self.spec.observables or ()
        shape = self.spec.observables_shape
        flat = np.empty(len(given) if observed else 0, dtype=object)
        for number, one in enumerate(given if observed else ()):
            terms = self.narrow.observable(one.terms)
            flat[number] = terms if self.program is None else PauliSum.from_terms(terms)
        shaped = flat if shape is None or not observed else flat.reshape(shape)
        return Pub(self.narrow.record if self.program is None else self.program, points, shaped)


@dataclass(frozen=True, eq=False)
class Request:
    """One prepared batch: circuits, by number in the job, of which one backend computes some quantities."""

    backend: Backend
    plan: Plan
    pieces: tuple[int, ...]


class Evaluation:
    """A job's circuits, prepared on its backend.

    Args:
        context: context of the task.
        stack: closes the backends.
    """

    def __init__(self, context: Context[Circuit], stack: ExitStack) -> None:
        warm.announce(context.note, "double")
        self._spec, self._seed = context.spec, context.seed
        self.control = control_of(context)
        backend = backends.load(context.spec.backend, context.device)
        stack.callback(backend.close)
        self._pieces = [Piece.of(pub, context.spec, backend) for pub in context.spec.pubs()]
        self._requests = [*self._prepared(backend)]

    def _prepared(self, backend: Backend) -> Iterator[Request]:
        wanted = self._spec.wanted
        sampled = self._spec.shots is not None or self._spec.precision is not None
        value = Want.ESTIMATES if sampled else Want.EXPECTATIONS
        values = {value} if "expectations" in wanted else set[Want]()
        programs = [k for k, piece in enumerate(self._pieces) if piece.program is not None]
        if programs:
            want = {PROGRAM_WANTS[one] for one in wanted if one in PROGRAM_WANTS}
            yield self._request(backend, programs, values | want)
        outcomes = {RECORD_WANTS[one] for one in wanted if one in RECORD_WANTS}
        for k, piece in enumerate(self._pieces):
            if piece.program is not None:
                continue
            if sampled and values:
                yield self._request(Estimating(backend), [k], values)
            if want := outcomes if sampled else outcomes | values:
                yield self._request(backend, [k], want)

    def _request(self, backend: Backend, chosen: Sequence[int], want: set[Want]) -> Request:
        observed = bool(want & {Want.EXPECTATIONS, Want.ESTIMATES, Want.GRADIENTS, Want.SPREADS})
        first = self._pieces[chosen[0]]
        batch = Batch(
            tuple(self._pieces[k].pub(observed=observed) for k in chosen),
            frozenset(want),
            self._spec.shots,
            self._spec.precision,
            # Circuits of different requests are sampled from different streams.
            seed_of(self._seed, chosen[0], 0),
            first.narrow.noise,
        )
        return Request(backend, backend.prepare(batch), tuple(chosen))

    def run(self, part: int = 0, parts: int = 1) -> list[Share]:
        """Run one of several equal parts of all units of work; return the share of each request."""
        total = sum(request.plan.n_units for request in self._requests)
        first, last, begin, shares = total * part // parts, total * (part + 1) // parts, 0, []
        for request in self._requests:
            n_units = request.plan.n_units
            units = range(max(first - begin, 0), max(min(last - begin, n_units), 0))
            begin += n_units
            share = request.backend.run(request.plan, units, self.control) if units else ()
            assert not isinstance(share, Queued), "placement keeps batches on simulators"
            shares.append(share)
        return shares

    def packed(self, shares: Sequence[Share]) -> list[Any]:
        """Return shares as JSON."""
        return [
            [[number, _packed(part) if request.plan.batch.of_programs else part] for number, part in share]
            for request, share in zip(self._requests, shares, strict=True)
        ]

    def unpacked(self, packed: Sequence[Any]) -> list[Share]:
        """Return the shares that `packed` returned."""
        return [
            [
                (number, np.asarray(Array.from_json(part)) if isinstance(part, dict) else part)
                for number, part in share
            ]
            for share in packed
        ]

    def result(self, parts: Sequence[Sequence[Share]]) -> JsonObject:
        """Return the job's result from the shares of all parts, in order."""
        found = [self._head(piece) for piece in self._pieces]
        for position, request in enumerate(self._requests):
            shares = [part[position] for part in parts]
            answers = request.backend.merge(request.plan, shares, self.control)
            for number, answer, pub in zip(request.pieces, answers, request.plan.batch.pubs, strict=True):
                found[number] |= self._arrays(self._pieces[number], answer, pub, request.plan.batch)
        return found[0] if self._spec.circuit is not None else {"results": found}

    def _head(self, piece: Piece) -> dict[str, Any]:
        head: dict[str, Any] = {
            "n_qubits": piece.record.n_qubits, "points": list(piece.pub(observed=False).grid)
        }  # fmt: skip
        return head | ({} if self._spec.shots is None else {"shots": self._spec.shots})

    def _arrays(self, piece: Piece, answer: Answer, pub: Pub, batch: Batch) -> dict[str, Any]:
        found = self._values(answer, pub, batch)
        outcomes = Outcomes(piece.record, piece.narrow)
        if answer.states is not None:
            found["state"] = _json(outcomes.states(answer.states))
        if answer.probabilities is not None:
            found["probabilities"] = _json(outcomes.probabilities(answer.probabilities))
        if answer.distributions is not None:
            found["probabilities"] = _json(outcomes.listed(answer.distributions, self._seed))
        if answer.samples is not None:
            found |= outcomes.sampled(answer.samples, self._spec.wanted)
        if answer.counts is not None:
            found |= outcomes.counted(answer.counts, self._seed, self._spec.wanted)
        return found

    def _values(self, answer: Answer, pub: Pub, batch: Batch) -> dict[str, Any]:
        """Return what belongs to observables."""
        found: dict[str, Any] = {"receipt": dict(answer.notes)} if answer.notes else {}
        named = {
            "expectations": answer.expectations if "expectations" in self._spec.wanted else None,
            "gradient": answer.gradients,
            "variances": answer.spreads,
        }
        found |= {name: _json(values) for name, values in named.items() if values is not None}
        if answer.variances is not None and not np.isnan(answer.variances).any():
            found["standard_errors"] = _json(np.sqrt(answer.variances))
        if answer.variances is not None and batch.precision is not None:
            found["shots_per_setting"] = _shots(pub, batch)
        return found


def _packed(part: Any) -> Any:
    return _array(np.asarray(part)).to_json(listed=0)


def _array(values: Any) -> Array:
    found = np.ascontiguousarray(values)
    return Array(
        found.dtype.name, found.shape, found.astype(found.dtype.newbyteorder("<"), copy=False).tobytes()
    )


def _json(values: Any) -> Any:
    # `ascontiguousarray` makes an array of shape (1,) of one of shape ().
    return _array(values).to_json() if np.ndim(values) else _scalar(values)


def _scalar(value: Any) -> Any:
    found = np.asarray(value).item()
    return [found.real, found.imag] if isinstance(found, complex) else found


def _shots(pub: Pub, batch: Batch) -> int:
    """Return the largest number of shots of a measurement setting."""
    sums = (one if isinstance(one, PauliSum) else PauliSum.from_terms(one) for one in pub.observables.flat)
    return max(Measurement.of(one, batch).shots for one in sums)


def estimate(context: Context[Circuit]) -> Done:
    """Run all circuits of a batch.

    Returns:
        For each circuit `points`, the shape of its points, and the requested arrays: `expectations` and
        `variances` of the shape to which points P and observables O broadcast, `standard_errors` if sampled,
        `gradient` with the parameters as the last dimension; `probabilities` float64[*P, 2^width], `state`
        complex128[*P, 2^n], `counts` nested lists of shape P, `bits` uint8[*P, shots, ceil(width / 8)], each
        shot packed with outcome character 0 as the most significant bit. With several circuits, `results` is
        their list. Arrays of more than 1,000 numbers are base64 (`novacron.arrays`).

    Raises:
        UserError: a circuit cannot be simulated as requested.
        ResourceExhaustedError: too little memory is currently free.
        SimulatorFault: an internal error of a simulator.
    """
    with blameless(), ExitStack() as stack:
        evaluation = Evaluation(context, stack)
        return Done(evaluation.result([evaluation.run()]))


def share(context: Context[Circuit]) -> Done:
    """Run part `payload["part"]` of `payload["parts"]` of a batch; see `estimate`."""
    with blameless(), ExitStack() as stack:
        evaluation = Evaluation(context, stack)
        return Done(
            {"shares": evaluation.packed(evaluation.run(context.payload["part"], context.payload["parts"]))}
        )


def conclude(context: Context[Circuit]) -> Done:
    """Return the result of a batch, merged from all its parts; see `estimate`."""
    with blameless(), ExitStack() as stack:
        evaluation = Evaluation(context, stack)
        return Done(evaluation.result([evaluation.unpacked(part["shares"]) for part in context.inputs]))

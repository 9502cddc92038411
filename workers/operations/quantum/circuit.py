"""Circuit jobs: one circuit run exactly or for a number of shots."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from shared.circuits.limits import Refused
from shared.circuits.record import CircuitRecord
from workers.quantum import backends, warm
from workers.quantum.backends.circuits import Asked
from workers.quantum.backends.narrow import Narrow
from workers.quantum.backends.pure_state import PureState
from workers.quantum.simulation.circuits.readout import readout
from workers.runtime.context import Context
from workers.runtime.outcome import Done, ResourceExhaustedError, UserError

CHEAP_QUBITS = 10
"""Active qubits up to which a circuit is run once more, without its noise."""


class SimulatorFault(Exception):  # noqa: N818 - says whose fault it is
    """A simulator broke: the cause is this program, not the job."""


@contextmanager
def blameless() -> Iterator[None]:
    """Refusals pass; what breaks inside otherwise is a fault of the simulator, not of the job.

    Raises:
        SimulatorFault: names what broke.
    """
    try:
        yield
    except (Refused, ValueError) as error:
        raise SimulatorFault(f"the simulation broke: {type(error).__name__}: {error}") from error


class Question:
    """What a circuit job asks, put to a simulator on the circuit's active qubits.

    Attributes:
        asked: what the simulator is asked.

    Args:
        context: of the task.
    """

    def __init__(self, context: Context) -> None:
        warm.announce(context.note)
        spec = context.spec
        self._record = CircuitRecord.from_json(spec["circuit"]["record"])
        self._narrow = Narrow(self._record, spec["noise"])
        observables = {item["name"]: self._narrow.observable(item["terms"]) for item in spec["observables"]}
        self.asked = Asked(
            self._narrow.record, self._narrow.noise, spec["shots"], context.seed, observables,
            spec["analyze"], context.checkpoint, context.warn,
        )  # fmt: skip

    def answer(self, value: dict[str, Any]) -> dict[str, Any]:
        """A simulator's answer as that of the whole circuit."""
        asked, n_qubits = self.asked, self._record.n_qubits
        shots = {} if asked.shots is None else {"shots": asked.shots}
        idle = {} if asked.record.n_qubits == n_qubits else {"n_active_qubits": asked.record.n_qubits}
        measured = readout(self._record).measured
        outcomes = [key for key in ("counts", "probabilities") if key in value]
        rest = {key: inner for key, inner in value.items() if key not in outcomes}
        listed = asked.listed(lambda: self._narrow.widened({key: value[key] for key in outcomes}, asked.seed))
        head = {"n_qubits": n_qubits, **idle, "measured": measured, **shots}
        return head | listed | rest | self._ideal()

    def _ideal(self) -> dict[str, Any]:
        """`ideal_probabilities`, those without noise, where there is noise and they are cheap to have."""
        if self.asked.noise is None:
            return {}
        bare = Narrow(self._record, None)
        if bare.record.n_qubits > CHEAP_QUBITS:
            return {}
        exact = replace(
            self.asked, record=bare.record, noise=None, shots=None, observables={}, analyze=(),
            warn=lambda message: None,
        )  # fmt: skip
        try:
            found = bare.widened(PureState().run(exact), exact.seed)
        except (Refused, ValueError, UserError, ResourceExhaustedError):
            return {}  # too many histories or outcomes: what was asked is there without it
        return {"ideal_probabilities": found["probabilities"]} if "probabilities" in found else {}


def circuit(context: Context) -> Done:
    """Run the job's circuit record on its backend.

    Returns:
        `measured` ("classical bits", or "all qubits" of a circuit without measurements) with `counts` where
        the job has `shots`, else exact `probabilities`, either left out with a warning where they are too
        many to list beside the rest; `expectations` by name where it has `observables`; `purity`,
        `entropy_bits` and `fidelity` where it asks to `analyze` them; `ideal_probabilities`, those without
        noise, where there is noise on at most 10 active qubits.

    Raises:
        UserError: the circuit cannot be simulated as asked.
        ResourceExhaustedError: too little memory is free now.
        SimulatorFault: a simulator broke.
    """
    with blameless():
        question = Question(context)
        return Done(question.answer(backends.load_circuits(context.spec["backend"]).run(question.asked)))

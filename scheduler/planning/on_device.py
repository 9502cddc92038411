"""Whether a job fits a simulated device."""

from __future__ import annotations

from novacron.errors import BadInput
from novacron.specs import Spec
from scheduler.planning import compilation
from scheduler.planning.simulator import Demand
from shared.quantum import devices


def check(spec: Spec, name: str) -> None:
    """Refuse more qubits or shots than a device has.

    Args:
        spec: a job of circuits, parsed.
        name: the device.

    Raises:
        BadInput: there is no such device, or it does not fit the job; the message names those that do.
    """
    device = devices.load(name)
    compilation.check_width(spec, device, name)
    if spec.shots is not None and device.max_shots is not None and spec.shots > device.max_shots:
        raise BadInput(f"must be at most {device.max_shots} on {name}", field="shots", value=spec.shots)


def checked(demand: Demand, name: str) -> str:
    """Return the simulator of a circuit job on a device.

    Raises:
        BadInput: as `check` and `compilation.check`, or the circuit is too wide to be simulated exactly, and
            has no shots.
    """
    spec = demand.spec
    check(spec, name)
    compilation.check(spec, devices.load(name), name)
    found = devices.simulator(demand.n_used, clifford=demand.non_clifford is None)
    if found != "density_matrix" and spec.shots is None:
        rule = f"is required: of {demand.n_used} qubits more than {devices.EXACT_QUBITS} a device is sampled"
        raise BadInput(rule, field="shots", hint="give shots, or use fewer qubits")
    return found

"""Noise models of circuits made of layers."""

import pytest
import stim

from novacron.errors import BadInput
from novacron.specs.qec_point import FAMILIES, Point
from shared.quantum.calibration_summary import of_simulated
from workers.quantum.qec import noise
from workers.quantum.qec.experiment import experiment

LAYERED = [
    (code, basis)
    for code, family in FAMILIES.items()
    if family.layered and not family.distances
    for basis in family.bases
]
P = 0.001


@pytest.mark.parametrize(("code", "basis"), LAYERED)
def test_circuits_of_cz_keep_their_detectors_and_their_distance(code, basis):
    made = experiment(Point(code, 3, 3, basis, P, "pymatching", "si1000"))
    assert made.distance() == 3
    uniform = experiment(Point(code, 3, 3, basis, P, "pymatching")).circuit
    assert made.circuit.num_detectors == uniform.num_detectors
    assert made.circuit.get_detector_coordinates() == uniform.get_detector_coordinates()


def test_every_qubit_has_the_noise_of_si1000_in_every_layer():
    circuit = experiment(Point("rotated_surface", 3, 3, "x", P, "pymatching", "si1000")).circuit.flattened()
    layers: list[dict[str, list[int]]] = [{}]
    seen: dict[str, set[float]] = {}
    for part in circuit:
        if part.name == "TICK":
            layers.append({})
        elif part.name not in noise.ANNOTATIONS:
            qubits = [target.value for target in part.targets_copy()]
            layers[-1].setdefault(part.name, []).extend(qubits)
            if part.gate_args_copy():
                seen.setdefault(part.name, set()).update(part.gate_args_copy())
    assert seen == {
        "DEPOLARIZE2": {P}, "DEPOLARIZE1": {P / 10, 2 * P}, "X_ERROR": {2 * P}, "MR": {5 * P}, "M": {5 * P}
    }  # fmt: skip
    for layer in filter(None, layers):
        measured = {*layer.get("M", []), *layer.get("MR", [])}
        faulty = [q for name in ("DEPOLARIZE1", "DEPOLARIZE2", "X_ERROR") for q in layer.get(name, [])]
        assert len(faulty) == len(set(faulty)) and len(measured | set(faulty)) == 17


def test_a_device_lends_the_proportions_of_its_rates():
    told = of_simulated("kingston")["calibration"]
    own = noise.of_device("kingston")
    assert own.two == pytest.approx(told["gate_errors"]["cz"] * 5 / 4)
    assert own.measure == pytest.approx(told["readout_error"])
    scaled = noise.rates("fake:kingston", P)
    assert scaled.two == pytest.approx(P) and scaled.measure / scaled.two == pytest.approx(
        own.measure / own.two
    )
    with pytest.raises(BadInput, match="faults of probability") as caught:
        noise.rates("fake:kingston", 0.5)
    assert caught.value.field == "p"


def test_neighbouring_hadamards_are_merged():
    circuit = stim.Circuit("RX 0\nR 1\nTICK\nH 1\nTICK\nCX 1 0\nTICK\nCX 0 1\nTICK\nH 1\nTICK\nMR 1\nMX 0")
    gates = [
        (part.name, [one.value for one in part.targets_copy()])
        for part in noise.native(circuit)
        if part.name != "TICK"
    ]
    assert gates == [
        ("R", [0, 1]), ("H", [1]), ("CZ", [1, 0]), ("H", [0, 1]), ("CZ", [0, 1]), ("MR", [1]),
        ("H", [0]), ("M", [0]),
    ]  # fmt: skip

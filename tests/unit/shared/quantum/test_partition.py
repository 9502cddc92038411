"""What `explain` says an energy from shots takes is what the worker will do."""

import itertools
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from novacron.specs import parse_spec
from scheduler.planning.kinds import KINDS
from shared.circuits.validation import record_from_json
from shared.quantum import partition
from shared.quantum.pauli_terms import terms
from testing.specs import hamiltonian, objective
from workers.quantum.objective import Request
from workers.quantum.simulation.ir.program import Unitary
from workers.quantum.simulation.lowering.circuit_record import ROTATIONS, lower
from workers.quantum.simulation.lowering.standard_gates import sizes
from workers.quantum.variational.system import system

DATA = Path(__file__).parents[3] / "data"
H2 = json.loads((DATA / "hamiltonians" / "h2_sto3g_0.7414.json").read_text())
H2 = {key: H2[key] for key in ("terms", "n_electrons", "hf_bitstring")}
TFIM = {"model": "tfim", "n_qubits": 5, "h": 0.7}
HUBBARD = {"model": "hubbard", "n_sites": 3, "U": 2.0}
CIRCUIT = {"n_qubits": 2, "parameters": ["a", "b"], "registers": [], "instructions": [
    {"gate": "h", "qubits": [0], "params": []},
    {"gate": "u", "qubits": [0], "params": [{"terms": {"a": 1.0}, "offset": 0.0}, 0.3, 0.1]},
    {"gate": "cp", "qubits": [0, 1], "params": [{"terms": {"b": 2.0}, "offset": 0.5}]},
    {"gate": "rx", "qubits": [1], "params": [0.25]}]}  # fmt: skip
HV = {"name": "hamiltonian_variational", "layers": 2}
HE = {"name": "hardware_efficient", "layers": 1}
UCCSD = {"name": "uccsd"}

JOBS = {
    "TFIM, families": (TFIM, HV),
    "TFIM on a ring, families": ({**TFIM, "periodic": True}, HV),
    "TFIM on a ring of even length, families": ({**TFIM, "n_qubits": 4, "periodic": True}, HV),
    "TFIM with both fields": ({**TFIM, "hz": 0.4}, HE),
    "Heisenberg, families": ({"model": "heisenberg", "n_qubits": 4}, HV),
    "Heisenberg XXZ on a ring, families": (
        {"model": "heisenberg", "n_qubits": 6, "Jz": 0.5, "periodic": True}, HV,
    ),
    "Heisenberg in a field": ({"model": "heisenberg", "n_qubits": 4, "h": 0.1}, HE),
    "Hubbard, families": (HUBBARD, HV),
    "Hubbard on a ring, families": ({**HUBBARD, "periodic": True}, HV),
    "Hubbard off half filling, excitations": ({**HUBBARD, "n_electrons": 2, "mu": 0.3}, UCCSD),
    "H2, excitations": (H2, UCCSD),
    "H2, rotations": (H2, {**HE, "layers": 2, "entangler": "full"}),
    "a circuit": ({"terms": [["XX", 0.5], ["ZI", 1.0], ["IZ", 1.0], ["YY", 0.2]]},
                  {"name": "circuit", "circuit": CIRCUIT}),
    "a constant": ({"terms": [["II", 1.5]]}, HE),
}  # fmt: skip


def vqe(h, trial, optimizer="spsa", **more):
    asked = {"hamiltonian": h, "ansatz": trial, "optimizer": optimizer, "shots": 100, **more}
    return parse_spec({"kind": "hybrid_vqe", **asked}, stored=True)


def said(spec):
    loop = KINDS[spec.kind](spec, "cpu-sim", 0).loop
    assert loop is not None
    return loop["units_per_evaluation"]


def done(spec):
    """Units of a worker's first evaluation."""
    target = objective(spec.model_dump(mode="json"))
    point = target.initial_point(0, np.random.default_rng(1))
    return target.units(Request(0, 0, point, spec.optimizer.gradient))


@pytest.mark.parametrize("optimizer", ["spsa", "adam"])
@pytest.mark.parametrize(("h", "trial"), JOBS.values(), ids=JOBS)
def test_units_of_work_are_as_many_as_explained(h, trial, optimizer):
    spec = vqe(h, trial, optimizer)
    assert said(spec) == done(spec)


@pytest.mark.parametrize(("h", "trial"), JOBS.values(), ids=JOBS)
def test_sizes_of_circuits_are_about_those_of_the_gates(h, trial):
    spec = vqe(h, trial)
    _, made = system(spec)
    assert partition.sizes(spec) == pytest.approx(sizes(made.circuit(())), rel=0.6)


def test_an_exact_energy_is_one_unit():
    assert said(vqe(H2, UCCSD, "lbfgs", shots=None)) == 1


@pytest.mark.parametrize("samples", [100, 300])
def test_a_classifier_is_cut_by_samples(samples):
    spec = parse_spec({"kind": "quantum_ml", "model": "variational_classifier",
                       "data": {"name": "moons", "n_samples": samples}}, stored=True)  # fmt: skip
    assert said(spec) == done(spec)


FCIDUMP = {"fcidump": "&FCI NORB=1,NELEC=2,MS2=0, &END\n 0.5 1 1 1 1\n -1.0 1 1 0 0\n"}
MANY = {"terms": [[f"{k:b}".zfill(12).replace("0", "I").replace("1", "Z"), 1.0] for k in range(2001)]}
UNEVEN = {"terms": [["ZZ", 1.0], ["ZI", 0.3], ["XI", 1.0], ["IX", 1.0]]}


@pytest.mark.parametrize(
    ("h", "trial", "optimizer"),
    [
        (FCIDUMP, HE, "spsa"),
        (MANY, HE, "spsa"),
        (FCIDUMP, UCCSD, "adam"),
        (H2, {"name": "adapt"}, "adam"),
        (UNEVEN, HV, "adam"),
    ],
)
def test_what_only_a_worker_can_tell_is_left_open(h, trial, optimizer):
    spec = vqe(h, trial, optimizer)
    assert said(spec) is None
    assert KINDS[spec.kind](spec, "cpu-sim", 0).cost_s > 0


@pytest.mark.parametrize("name", [*ROTATIONS, "gphase"])
def test_rotations_of_every_gate_with_any_of_its_angles_free(name):
    n_angles = 1 if name == "gphase" else ROTATIONS[name].__code__.co_argcount
    n_qubits = 0 if name == "gphase" else 2 if name.startswith(("c", "xx", "rxx", "ryy", "rz")) else 1
    n_qubits = 1 if name == "rz" else n_qubits
    for free in itertools.product((False, True), repeat=n_angles):
        angles = [{"terms": {"a": 1.0}, "offset": 0.0} if one else 0.2 for one in free]
        gate = {"gate": name, "qubits": list(range(n_qubits)), "params": angles}
        program = lower(
            record_from_json({"n_qubits": 2, "parameters": ["a"], "registers": [], "instructions": [gate]})
        )
        rotations = [op for op in program.ops if not isinstance(op, Unitary) and not op.angle.fixed]
        assert partition._n_rotations(gate) == len(rotations)


COUPLING = st.sampled_from([0.0, 1.0, -0.5, 2.0, 0.3])


@settings(max_examples=60, deadline=None)
@given(
    model=st.one_of(
        st.fixed_dictionaries({"model": st.just("tfim"), "n_qubits": st.integers(3, 6), "J": COUPLING,
                               "h": COUPLING, "hz": COUPLING, "periodic": st.booleans()}),
        st.fixed_dictionaries({"model": st.just("heisenberg"), "n_qubits": st.integers(3, 6), "Jx": COUPLING,
                               "Jy": COUPLING, "Jz": COUPLING, "h": COUPLING, "periodic": st.booleans()}),
        st.fixed_dictionaries({"model": st.just("hubbard"), "n_sites": st.integers(3, 5), "t": COUPLING,
                               "U": COUPLING, "mu": COUPLING, "periodic": st.booleans()}),
    ).filter(lambda model: any(model.get(key) for key in ("J", "h", "hz", "Jx", "Jy", "Jz", "t", "U")))
)  # fmt: skip
def test_terms_are_those_of_the_worker_in_its_order(model):
    built = hamiltonian(model).operator
    known = terms(vqe(model, HE).hamiltonian)
    assert known is not None
    assert list(known) == list(zip(built.x_masks.tolist(), built.z_masks.tolist(), strict=True))
    weighed = [c for key, c in known.items() if key != (0, 0)]
    theirs = [c for c, x, z in zip(built.coefficients, built.x_masks, built.z_masks, strict=True) if x | z]
    np.testing.assert_allclose(weighed, theirs, atol=1e-12)

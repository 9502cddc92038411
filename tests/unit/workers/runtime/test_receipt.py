"""What a receipt promises."""

import json
import platform

from novacron.specs import parse_spec
from shared import content
from shared.db.jobs import WorkOrder
from workers.runtime import receipt

PLAN = {"backend": "statevector", "placement_why": "auto", "granularity": "fused"}


def made(spec=None, plan=PLAN):
    tfim = {"model": "tfim", "n_qubits": 2}
    asked = {"kind": "hybrid_vqe", "hamiltonian": tfim, "ansatz": "hardware_efficient", "seed": 7}
    document = parse_spec(asked if spec is None else spec).model_dump(mode="json")
    order = WorkOrder("0123456789abcdef", document, plan, "key", 1)
    return document, receipt.make(order, queue="cpu-sim", worker="host:1/2", attempt=3)


def test_it_says_what_ran_where_and_from_which_seed():
    document, found = made()
    assert found["job_id"] == "0123456789abcdef" and found["content_key"] == "key"
    assert (found["seed"], found["attempt"], found["worker"], found["queue"]) == (7, 3, "host:1/2", "cpu-sim")
    assert (found["backend"], found["placement"], found["granularity"]) == ("statevector", "auto", "fused")
    assert (found["noise"], found["calibration"], found["precision"]) == (None, None, "double")
    assert found["spec_sha256"] == content.digest(document)
    assert found["code_version"] == content.VERSIONS["hybrid_vqe"] and found["deterministic"] is True


def test_versions_are_of_what_this_process_used():
    import numpy

    _, found = made()
    assert found["versions"]["numpy"] == numpy.__version__
    assert found["versions"]["python"] == platform.python_version()
    assert found["processor"]


def test_what_draws_secrets_does_not_promise_the_same_again():
    spec = {"kind": "cryptographic", "operation": "kem_roundtrip", "algorithm": "ML-KEM-768"}
    _, found = made(spec, plan={})
    assert (found["deterministic"], found["code_version"], found["precision"]) == (False, None, None)


def test_it_is_json():
    _, found = made()
    assert json.loads(json.dumps(found, allow_nan=False)) == found

"""Expected use of devices, and budgets that cannot be kept."""

import pytest

from novacron.errors import BadInput
from novacron.specs import parse_spec
from scheduler.planning import hardware
from scheduler.planning.kinds.base import Work
from scheduler.planning.placement import Placement

BELL = 'OPENQASM 3.0; include "stdgates.inc"; qubit[2] q; h q[0]; cx q[0], q[1];'


WORK = Work((), "single", "", "", 0.0)


def job(**changes):
    return parse_spec({"kind": "pure_quantum", "circuit": {"qasm": BELL}, "shots": 1000, **changes})


def on(backend="ibm", price=1.6):
    return Placement(backend, "qpu-ibm", "", device="ibm_fez", usd_per_qpu_second=price)


@pytest.mark.parametrize("price", [1.6, None])
def test_the_use_has_a_band_and_the_price_of_the_device(price):
    used = hardware.use(job(), WORK, on(price=price))
    assert (used.n_circuits, used.n_shots) == (1, 1000) and used.qpu_s is not None
    assert used.qpu_s.low < used.qpu_s.expected < used.qpu_s.high
    assert used.qpu_s.expected == pytest.approx(2.35)
    assert (used.usd and used.usd.expected) == (price and pytest.approx(2.35 * price))


def test_a_simulator_uses_no_device():
    assert hardware.use(job(), WORK, on("statevector")) == hardware.NO_DEVICE


@pytest.mark.parametrize(
    ("budget", "price", "field", "words"),
    [
        ({"qpu_seconds": 1}, 1.6, "budget.qpu_seconds", "is less than one submission needs"),
        ({"usd": 1}, 1.6, "budget.usd", "is less than one submission costs"),
        ({"usd": 5}, None, "budget.usd", "the price of ibm:ibm_fez is not known"),
    ],
)
def test_a_budget_that_cannot_be_kept_is_refused(budget, price, field, words):
    with pytest.raises(BadInput, match=words) as refused:
        hardware.check_budget(job(budget=budget), WORK, on(price=price))
    assert (refused.value.field, refused.value.value) == (field, next(iter(budget.values())))
    assert refused.value.hint


def test_a_budget_that_may_suffice_is_accepted():
    hardware.check_budget(job(budget={"qpu_seconds": 2, "usd": 3}), WORK, on())
    hardware.check_budget(job(budget={"qpu_seconds": 1e-3}), WORK, on("statevector"))

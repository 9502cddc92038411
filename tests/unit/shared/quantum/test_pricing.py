"""Prices of devices' time."""

import pytest

from shared.quantum import pricing
from shared.quantum.named_backends import NamedBackend


def named(name, usd, device=None):
    return NamedBackend(
        name=name, type="hardware", provider="ibm", max_qubits=127, device=device, usd_per_qpu_second=usd
    )


PRICED = {
    "any": named("any", 1.0),
    "paid": named("paid", 1.6, "ibm_fez"),
    "free": named("free", None, "ibm_x"),
}


@pytest.mark.parametrize(
    ("backend", "device", "price"),
    [("ibm", "ibm_fez", 1.6), ("ibm", "ibm_x", 1.0), ("ionq", "ibm_fez", None)],
)
def test_a_price_of_the_device_precedes_one_of_all(backend, device, price):
    assert pricing.usd_per_second(backend, device, PRICED) == price
    assert pricing.usd_per_second(backend, device, {}) is None

import pytest

from shared.crypto import liboqs
from shared.quantum import devices
from shared.quantum.backends import BACKENDS
from testing.perfect_device import PERFECT
from workers.quantum.backends import missing


@pytest.fixture(autouse=True)
def perfect_devices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without their errors simulated devices give what simulators give."""
    monkeypatch.setattr(devices, "load", lambda name: PERFECT)


def pytest_not_run() -> list[str]:
    said = {name: missing(name) for name, row in sorted(BACKENDS.items()) if row.implementation}
    refused = liboqs.probed().refusal
    said["liboqs"] = f"{refused}; {liboqs.CURE}" if refused else ""
    return [f"conformance of {name} not run: {why}" for name, why in said.items() if why]

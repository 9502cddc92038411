from shared.crypto import liboqs
from shared.quantum.backends import BACKENDS
from workers.quantum.backends import missing


def pytest_not_run() -> list[str]:
    said = {name: missing(name) for name, row in sorted(BACKENDS.items()) if row.implementation}
    refused = liboqs.probed().refusal
    said["liboqs"] = f"{refused}; {liboqs.CURE}" if refused else ""
    return [f"conformance of {name} not run: {why}" for name, why in said.items() if why]

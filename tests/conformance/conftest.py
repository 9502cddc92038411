from shared.crypto import liboqs
from workers.quantum.backends import BACKENDS, missing


def pytest_not_run() -> list[str]:
    said = {name: missing(name) for name in sorted(BACKENDS)}
    refused = liboqs.probed().refusal
    said["liboqs"] = f"{refused}; {liboqs.CURE}" if refused else ""
    return [f"conformance of {name} not run: {why}" for name, why in said.items() if why]

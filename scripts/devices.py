"""Writes shared/quantum/devices/*.json from the device snapshots of qiskit-ibm-runtime.

The package is unpacked into build/, without its dependencies; nothing at run time needs it. Its snapshots
and the files made from them are under the Apache License 2.0; shared/quantum/devices/NOTICE says so.

usage: scripts/devices.py
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from shared.quantum.ibm_calibration import calibration

ROOT = Path(__file__).resolve().parents[1]
SOURCE = "qiskit-ibm-runtime==0.51.0"
UNPACKED = ROOT / "build" / "snapshots"
FOLDER = ROOT / "shared" / "quantum" / "devices"


def unpack() -> Path:
    """Return the folder of the snapshots."""
    command = [str(Path(sys.executable).parent / "uv"), "pip", "install", "--quiet", "--no-deps"]
    subprocess.run([*command, "--target", str(UNPACKED), SOURCE], check=True)
    return UNPACKED / "qiskit_ibm_runtime" / "fake_provider" / "backends"


def main() -> int:
    """Write all files; return 0."""
    FOLDER.mkdir(exist_ok=True)
    for folder in sorted(unpack().iterdir()):
        found = {kind: sorted(folder.glob(f"{kind}_*.json")) for kind in ("conf", "props")}
        if not all(found.values()):
            continue
        documents = {kind: json.loads(paths[0].read_text()) for kind, paths in found.items()}
        told = calibration(folder.name, documents["conf"], documents["props"])
        (FOLDER / f"{folder.name}.json").write_text(json.dumps(told, separators=(",", ":")) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

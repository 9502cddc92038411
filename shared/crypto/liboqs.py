"""Availability of liboqs and of its algorithms.

If the library is missing, its Python wrapper starts a download and then ends the process. Therefore the
library is located first, and the wrapper is probed in a separate process.
"""

from __future__ import annotations

import ctypes.util
import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from functools import cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from novacron.algorithms import Algorithm

ROOT = Path(__file__).parents[2]
MODULE = "oqs"
PROBE_S = 15.0
"""Timeout in seconds; a probe that exceeds it is killed, and liboqs counts as missing."""
CURE = 'build the library with scripts/build_liboqs.sh, then pip install -e ".[oqs]"'


@dataclass(frozen=True, slots=True)
class Liboqs:
    """Result of the probe.

    Attributes:
        refusal: why it cannot be used, empty if it can.
        version: version of the library.
        sizes: bytes of public key, private key, and ciphertext or signature, by mechanism.
    """

    refusal: str = ""
    version: str = ""
    sizes: dict[str, list[int]] = field(default_factory=dict)

    def refusal_of(self, algorithm: Algorithm) -> str:
        """Return why it cannot provide an algorithm, empty if it can.

        Sizes distinguish versions of a specification that share one name.
        """
        if self.refusal:
            return self.refusal
        found = self.sizes.get(mechanism(algorithm.name))
        if found is None:
            return f"liboqs {self.version} is built without it"
        last = algorithm.ciphertext_bytes or algorithm.signature_bytes
        if found != [algorithm.public_key_bytes, algorithm.private_key_bytes, last]:
            return f"liboqs {self.version} has another version of it"
        return ""


def mechanism(algorithm: str) -> str:
    """Return liboqs' name of an algorithm."""
    _, standard, parameters = algorithm.partition("SLH-DSA-")
    return f"SLH_DSA_PURE_{parameters.replace('-', '_').upper()}" if standard else algorithm


@cache
def probed() -> Liboqs:
    """Probe liboqs once per process."""
    spec = find_spec(MODULE)
    if spec is None or spec.origin is None:
        return Liboqs(f"the Python module {MODULE} is not installed")
    library = _library(Path(spec.origin).parent)
    if library is None:
        return Liboqs("the library liboqs is not installed")
    return _probe(library)


def _library(package: Path) -> str | None:
    """Return the path of the shared library that the wrapper would load."""
    if found := ctypes.util.find_library(MODULE):
        return found
    home = Path(os.environ.get("OQS_INSTALL_PATH") or Path.home() / "_oqs")
    places = (package, home / "lib", home / "lib64")
    suffix = "dylib" if sys.platform == "darwin" else "so"
    return next((str(path) for place in places if (path := place / f"liboqs.{suffix}").exists()), None)


def _probe(library: str) -> Liboqs:
    command = [sys.executable, "-m", "shared.crypto.liboqs_probe", library]
    # Without PATH there is no git to download with; NovaCron's own settings may be secret.
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NOVACRON_")}
    environment = kept | {"PATH": ""}
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=PROBE_S, check=False
        )
    except subprocess.TimeoutExpired:
        return Liboqs(f"{library} does not answer within {PROBE_S:.0f} s")
    if done.returncode:
        errors = done.stderr.strip().splitlines()
        return Liboqs(f"{library} cannot be used: {errors[-1] if errors else f'exit {done.returncode}'}")
    found = json.loads(done.stdout.splitlines()[-1])
    return Liboqs(_mismatch(found["version"]), **found)


def _mismatch(library: str) -> str:
    """Return why the wrapper does not match the library: it reads structures that change between versions."""
    try:
        wrapper = metadata.version("liboqs-python")
    except metadata.PackageNotFoundError:
        return ""
    if library.split(".")[:2] == wrapper.split(".")[:2]:
        return ""
    return f"liboqs-python {wrapper} does not fit liboqs {library}"

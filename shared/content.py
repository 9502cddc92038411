"""Content ids: a digest of exactly the inputs that determine a result."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from shared import functions
from shared.built_in_functions import INTEGRALS
from shared.quantum import portfolio

VERSIONS: dict[str, int] = {
    "hybrid_vqe": 6,
    "hybrid_qaoa": 6,
    "quantum_ml": 6,
    "pure_quantum": 4,
    "pure_classical": 5,
    "qec_memory": 1,
    "compile": 1,
}
"""Code version of each kind's operations, incremented whenever their results change. Results of a kind that
is not listed are never shared (cryptographic jobs draw fresh secrets).
"""

LIBRARIES: dict[str, tuple[str, ...]] = {
    "hybrid_vqe": ("numpy", "scipy"),
    "hybrid_qaoa": ("numpy", "scipy"),
    "quantum_ml": ("numpy", "scipy", "scikit-learn"),
    "pure_quantum": ("numpy",),
    "pure_classical": ("numpy", "scipy", "scikit-learn"),
    "qec_memory": ("numpy", "stim"),
    "compile": ("numpy", "qiskit"),
}
"""Libraries whose version affects the results of each kind: random streams, optimizers, solvers."""
SAMPLERS: dict[str, tuple[str, ...]] = {"stabilizer": ("stim",), "fake": ("qiskit", "stim")}
"""Libraries that compile the circuits of a backend or draw its samples."""
DECODERS: dict[str, str] = {
    "pymatching": "pymatching",
    "pymatching_correlated": "pymatching",
    "fusion_blossom": "fusion-blossom",
    "chromobius": "chromobius",
    "bposd": "ldpc",
    "lsd": "ldpc",
    "relay_bp": "relay-bp",
    "tesseract": "tesseract-decoder",
}
"""Library of each decoder of error-correcting codes. Encoded circuits are decoded by `pymatching`."""

LOCK = Path(__file__).parents[1] / "requirements" / "worker.lock"
"""Lock file of the workers' dependencies. A scheduler has few of these libraries installed."""

IRRELEVANT = frozenset(
    {
        "name",
        "priority",
        "timeout_s",
        "cache",
        "max_retries",
        "depends_on",
        "budget",
        "granularity",
        "tags",
        "session",
    }
)
"""Keys of a spec that do not change its result."""
COMPILING = frozenset({"optimization_level"})
"""Keys that only matter where circuits are compiled for a device."""


def canonical(value: Any) -> bytes:
    """JSON with sorted keys and no spaces: equal values, equal bytes; an infinity is written as a word.

    Not the form of RFC 8785, which sorts names and writes floats and non-ASCII characters differently: keys
    of stored results are derived from these bytes.
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def digest(value: Any) -> str:
    """SHA-256 of the canonical JSON, in hexadecimal."""
    return hashlib.sha256(canonical(value)).hexdigest()


def _uncomputed(system: Mapping[str, Any]) -> dict[str, Any]:
    """Return a molecule with the version of the function that computes its integrals in place of them."""
    return {"molecule": system["molecule"], "integrals": functions.find(INTEGRALS).version}


def key(
    spec: dict[str, Any],
    *,
    tenant_id: int,
    backend: str | None,
    device: str = "",
    calibration: str | None = None,
    start: str | None = None,
) -> str | None:
    """Return the key under which a spec's result is shared within a tenant, or None if it must not be shared.

    Args:
        spec: the canonical spec.
        tenant_id: the tenant that owns the result.
        backend: name of the selected backend, None if no circuits are run.
        device: the backend's device, empty if it represents none.
        calibration: id of the calibration that the result belongs to. Results of a device whose calibration
            is not known yet are not shared. A simulator's calibration is that of the spec's noise model,
            whose figures are in the spec; that of a study of error correction is of the device that its noise
            names.
        start: key of the job at whose parameters the loop starts, while they are not known; without it the
            result is not shared.
    """
    kind = spec["kind"]
    if kind not in VERSIONS or not spec["cache"] or (device and calibration is None):
        return None
    # Nor do keys of jobs that start where their kind does.
    spec = dict(spec)
    if (point := spec.pop("initial_point", None)) is not None:
        spec["initial_point"] = start if point["values"] is None else point["values"]
        if spec["initial_point"] is None:
            return None
    if "molecule" in (system := spec.get("hamiltonian") or {}):
        spec["hamiltonian"] = _uncomputed(system)
    # Keys of jobs without a device keep the format they had before devices existed, so cached results stay
    # valid.
    ran_on: dict[str, Any] = {}
    if device:
        ran_on = {"device": device, "calibration": calibration, "compiler": portfolio.VERSION}
    irrelevant = IRRELEVANT if device else IRRELEVANT | COMPILING
    # Nor do keys of circuits that are not encoded say so.
    encoded = spec.get("error_correction") is not None
    irrelevant = irrelevant if encoded else irrelevant | {"error_correction"}
    decoding = [DECODERS[name] for name in (("pymatching",) if encoded else spec.get("decoder", ()))]
    if None in map(_version, decoding):
        return None  # of an extra that only workers have
    if kind == "qec_memory" and calibration is not None:
        ran_on["calibration"] = calibration
    libraries = (*LIBRARIES[kind], *SAMPLERS.get(backend or "", ()), *decoding)
    return digest(
        {
            "spec": {name: value for name, value in spec.items() if name not in irrelevant},
            "tenant": tenant_id,
            "backend": backend,
            **ran_on,
            "version": VERSIONS[kind],
            "code": _code(spec) if kind == "pure_classical" else None,
            "libraries": {name: _version(name) for name in libraries},
        }
    )


def _code(spec: dict[str, Any]) -> list[Any]:
    """Identify the code of a `pure_classical` job's function: its version and its package."""
    function = functions.find(spec["function"])
    return [function.version, function.package]


@cache
def _version(package: str) -> str | None:
    """Return the version that workers compute with: the one installed here, else that of their lock file."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return locked(package)


def locked(package: str) -> str | None:
    """Return the version in the workers' lock file for this Python, or None if it has none."""
    from packaging.requirements import Requirement

    lines = LOCK.read_text().splitlines() if LOCK.exists() else []
    for line in lines:
        if line.startswith(f"{package}=="):
            pin = Requirement(line.rstrip("\\ "))
            if pin.marker is None or pin.marker.evaluate():
                return next(iter(pin.specifier)).version
    return None

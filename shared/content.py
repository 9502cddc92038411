"""Content ids: the same id for everything that determines a result, and for nothing else."""

from __future__ import annotations

import hashlib
import json
from typing import Any

VERSIONS: dict[str, int] = {
    "hybrid_vqe": 4,
    "hybrid_qaoa": 4,
    "quantum_ml": 4,
    "pure_quantum": 3,
    "pure_classical": 3,
}
"""Code version of each kind's operations: raised with every change of what they give. A kind that is
not listed is never shared (cryptographic jobs draw fresh secrets)."""

IRRELEVANT = frozenset(
    {"name", "priority", "timeout_s", "cache", "max_retries", "depends_on", "budget", "granularity"}
)
"""Keys of a spec that do not change its result."""


def canonical(value: Any) -> bytes:
    """JSON with sorted keys and no spaces: equal values, equal bytes; an infinity is written as a word."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def digest(value: Any) -> str:
    """SHA-256 of the canonical JSON, in hexadecimal."""
    return hashlib.sha256(canonical(value)).hexdigest()


def key(spec: dict[str, Any], *, tenant_id: int, backend: str | None) -> str | None:
    """The key under which a spec's result is shared within a tenant; None where it must not be."""
    if spec["kind"] not in VERSIONS or not spec["cache"]:
        return None
    relevant = {name: value for name, value in spec.items() if name not in IRRELEVANT}
    return digest(
        {"spec": relevant, "tenant": tenant_id, "backend": backend, "version": VERSIONS[spec["kind"]]}
    )

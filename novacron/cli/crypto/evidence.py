"""Evidence of a migration step, as text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

LONGEST = 40
"""Longer values, such as digests, are shortened."""


def words(evidence: Mapping[str, Any]) -> str:
    """Return a step's evidence, component by component; or what was rolled back."""
    if "restored" in evidence:
        failures = [
            f"the server of {name} was not notified: {why}"
            for name, why in evidence.get("untold", {}).items()
        ]
        return "; ".join([*evidence["restored"], *failures]) or "nothing to restore"
    return "; ".join(f"{name}: {', '.join(_facts(proof))}" for name, proof in evidence.items() if proof)


def _facts(proof: Mapping[str, Any]) -> Iterator[str]:
    for name, value in proof.items():
        if name == "probe":
            yield from _seen(value)
        elif name == "remains":
            yield from [value] if isinstance(value, str) else value
        elif isinstance(value, Mapping):
            yield f"{name} ({', '.join(_facts(value))})"
        elif value is True:
            yield name
        else:
            yield f"{name.replace('_', ' ')} {_value(value)}"


def _seen(probe: Mapping[str, Any] | None) -> Iterator[str]:
    """Yield what was observed of a server: in a TLS handshake, or in the first message of SSH."""
    if not probe:
        return
    if handshake := probe.get("handshake"):
        yield f"seen {handshake['group']} and {handshake['signature']}"
    elif "methods" in probe:
        yield f"seen {probe['preferred']}, {len(probe['classical'])} classical methods"


def _value(value: Any) -> str:
    text = " and ".join(value) if isinstance(value, list) else str(value)
    return text if len(text) <= LONGEST else f"{text[:16]}..."

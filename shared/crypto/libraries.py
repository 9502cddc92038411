"""Which libraries provide the algorithms on this machine, determined without importing the libraries."""

from __future__ import annotations

from dataclasses import asdict
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, get_args

from novacron.algorithms import ALGORITHMS, Algorithm, Type
from shared.crypto import liboqs

if TYPE_CHECKING:
    from shared.crypto.permitted import Permitted

MODULES = {"cryptography": "cryptography", "pycryptodome": "Crypto"}
"""Provider -> its Python module; liboqs is located by `shared.crypto.liboqs`."""
UNLISTED = {"parts", "successor", "tls_groups", "hpke", "ssh_kex"}
"""Fields of a row that a listing does not copy unchanged."""


@cache
def refusal(provider: str, algorithm: Algorithm) -> str:
    """Return why a provider cannot provide one of its algorithms here, empty if it can."""
    if provider == "liboqs":
        return liboqs.probed().refusal_of(algorithm)
    return "" if find_spec(MODULES[provider]) else f"the package {provider} is not installed"


def present(algorithm: Algorithm) -> list[str]:
    """Return the providers that have an algorithm here, the preferred one first."""
    return [name for name in algorithm.providers if not refusal(name, algorithm)]


def listing(permitted: Permitted) -> dict[str, Any]:
    """List every algorithm with its providers and availability, and the names by type.

    Args:
        permitted: the algorithms permitted for new keys.
    """
    names = {
        f"{type_}_algorithms": [one.name for one in ALGORITHMS.values() if one.type == type_]
        for type_ in get_args(Type)
    }
    return {"algorithms": [_shown(one, permitted) for one in ALGORITHMS.values()], **names}


def _shown(algorithm: Algorithm, permitted: Permitted) -> dict[str, Any]:
    refusals = {name: refusal(name, algorithm) for name in algorithm.providers}
    row = {name: value for name, value in asdict(algorithm).items() if name not in UNLISTED}
    return row | {
        "quantum_vulnerable": algorithm.quantum_vulnerable,
        "takes_context": algorithm.takes_context,
        "successor": algorithm.successor,
        "available": not all(refusals.values()),
        "permitted": permitted.has(algorithm.name),
        "providers": [
            {"name": name, "available": not why, "why": why or None} for name, why in refusals.items()
        ],
    }

"""Checks of the algorithms that a job names, before a worker does them."""

from __future__ import annotations

from novacron.algorithms import ALGORITHMS, check_context
from novacron.algorithms import find as find_algorithm
from novacron.errors import BadInput
from novacron.specs import Crypto, Spec
from novacron.specs.crypto.certificates import GenerateCertificate
from novacron.specs.crypto.keys import GenerateKey, RotateKey, Sign, Verify
from shared.crypto.permitted import Permitted
from shared.db import session
from shared.db.crypto import keys

NEEDS = {"kem_roundtrip": "kem", "sign_verify": "signature"}
"""Operation -> type of algorithm it needs; operations that are not listed accept any."""


def check(spec: Crypto) -> None:
    """Refuse an unknown algorithm, and one that does not support the operation.

    Raises:
        BadInput: names the field and the algorithms that do.
    """
    found, wanted = find_algorithm(spec.algorithm), NEEDS.get(spec.operation)
    if wanted and found.type != wanted:
        able = ", ".join(name for name, one in ALGORITHMS.items() if one.type == wanted)
        raise BadInput(
            f"{spec.operation} needs a {wanted} algorithm, this is a {found.type}",
            field="algorithm", value=spec.algorithm, hint=f"use {able}",
        )  # fmt: skip


def check_permitted(allowed: Permitted, spec: Spec) -> None:
    """Refuse a new key with an algorithm that this installation does not permit, before a worker does.

    Raises:
        BadInput: names the permitted algorithms.
    """
    if isinstance(spec, GenerateKey):
        allowed.check(spec.algorithm_name)
    elif isinstance(spec, RotateKey) and spec.algorithm:
        allowed.check(spec.algorithm)
    elif isinstance(spec, GenerateCertificate):
        second = spec.companion
        allowed.check(spec.algorithm, beside=second.algorithm if second else None)
        if second:
            allowed.check(second.algorithm, beside=spec.algorithm, field="companion.algorithm")


def check_context_of(connection: session.Connection, spec: Sign | Verify, tenant_id: int) -> None:
    """Refuse a context for a key whose signatures have none.

    Raises:
        BadInput: the context would be ignored.
    """
    key = keys.find(connection, tenant_id, spec.key_id)
    if key is None:
        return  # the worker reports it
    version = spec.version if isinstance(spec, Verify) else key.version
    named = [one.algorithm for one in key.versions if version in (None, one.version)]
    if named:
        check_context(spec.context, named)

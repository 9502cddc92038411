"""Validation of the algorithms in a request: those to replace, and their targets."""

from __future__ import annotations

from novacron.algorithms import ALGORITHMS
from novacron.errors import BadInput, nearest
from novacron.migration.classification import Classification, classify
from novacron.migration.policy import Policy, Targets

_KEMS = [one for one in ALGORITHMS.values() if one.type == "kem"]
STANDS_FOR: dict[str, dict[str, tuple[str, ...]]] = {
    "group": {one.name: one.tls_groups for one in _KEMS if one.tls_groups},
    "encryption": {one.name: one.hpke for one in _KEMS if one.hpke},
    "ssh_kex": {one.name: one.ssh_kex for one in _KEMS if one.ssh_kex},
}
"""What a KEM is used as in TLS, in envelopes and in SSH; the hybrid first."""

_EXAMPLES = ("RSA-2048", "ECDSA-P256", "ECDH-P256", "X25519", "Ed25519", "HPKE-X25519", "Kyber768")


def known_targets(policy: Policy) -> list[str]:
    """Return the names of all possible targets."""
    uses = [name for table in STANDS_FOR.values() for names in table.values() for name in names]
    own = [name for type_ in Targets.model_fields for name in policy.targets.of(type_)]
    offered = [one.name for one in ALGORITHMS.values() if one.status not in ("classical", "round3")]
    return list(dict.fromkeys([*offered, *uses, "sntrup761x25519-sha512", "LMS", "XMSS", *own]))


def current(name: str, field: str, policy: Policy) -> Classification:
    """Return an algorithm to replace.

    Raises:
        BadInput: it is unknown, or not a public-key algorithm.
    """
    found = classify(name)
    if found is None:
        close = nearest(name, [*_EXAMPLES, *known_targets(policy)])
        hint = f"did you mean {close!r}?" if close else f"such as {', '.join(_EXAMPLES)}"
        raise BadInput("is not a known algorithm", field=field, value=name, hint=hint)
    if found.type == "symmetric":
        hint = "AES-256 and SHA-384 need no replacement; lengthen shorter keys"
        raise BadInput("is no public-key algorithm: nothing replaces it", field=field, value=name, hint=hint)
    return found


def target(name: str, field: str, policy: Policy) -> Classification:
    """Return a target algorithm.

    Raises:
        BadInput: it is unknown, broken by a quantum computer, not a standard, or refused by the policy.
    """
    found = classify(name)
    if found and found.quantum_vulnerable:
        raise BadInput("is broken by a quantum computer", field=field, value=name, hint=_takes(policy))
    if found and found.status == "round3":
        successor = _successor(name)
        hint = f"the standard is {successor}; the two do not understand each other" if successor else None
        raise BadInput("is a submission, not a standard", field=field, value=name, hint=hint)
    known = known_targets(policy)
    if found is None or found.type == "symmetric" or name not in known:
        close = nearest(name, known)
        hint = f"did you mean {close!r}?" if close else _takes(policy)
        raise BadInput("is not a known post-quantum algorithm", field=field, value=name, hint=hint)
    if policy.exclusive and name not in policy.targets.of(found.type):
        rule = f"is not taken by the policy {policy.name}"
        raise BadInput(rule, field=field, value=name, hint=_takes(policy))
    return found


def _successor(name: str) -> str | None:
    plain = name.lower().replace("-", "")
    return next((one.successor for one in ALGORITHMS.values() if one.name.lower() == plain), None)


def _takes(policy: Policy) -> str | None:
    names = [*policy.targets.kem, *policy.targets.signature]
    return f"use {', '.join(names)}" if names else None

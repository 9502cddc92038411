"""Which steps a component goes through, what is done in each, and how one knows that it is done."""

from __future__ import annotations

from typing import Any

from novacron.migration.component import Component
from novacron.migration.plan import Check, StepType
from scheduler.pqc.migration.choice import Move

PREPARE = ("prepare",)
ENABLE = ("enable_verifiers", "enable_readers")
CHANGE = ("canary", "switch", "rewrap", "reissue", "validate")
RETIRE = ("retire",)

SHOWN_PLACES = 10
_CANARIES = ("envelopes", "certificate", "tls_endpoint", "service", "ssh_key", "ssh_endpoint")


def steps(move: Move) -> list[StepType]:
    """The types of a component's steps, in order."""
    kind, role = move.component.kind, move.component.role
    enable: StepType = "enable_verifiers" if move.signs else "enable_readers"
    if role in ("reader", "verifier"):
        return [enable, "retire"]
    found: list[StepType] = ["prepare"]
    if role == "both":
        found.append(enable)
    if kind in _CANARIES and move.component.count > 1:
        found.append("canary")
    found.append("switch")
    if move.type == "encryption":
        found.append("rewrap")
    if kind == "trust_anchor":
        found.append("reissue")
    return [*found, "validate", "retire"]


_ACTIONS: dict[str, dict[str, str]] = {
    "prepare": {
        "": "make a key for {new} beside the one for {old}, not in use yet",
        "certificate": "have a certificate issued for a {new} key, and keep both beside those in use",
        "trust_anchor": "make a {new} root and keep it offline beside the {old} one",
        "tls_endpoint": "keep a copy of the configuration; see that the TLS library knows {new}",
        "ssh_endpoint": "note the methods that the server takes; see that it knows {new}",
        "database_tls": "see that server and clients know {new}; PostgreSQL before 18 does not",
        "redis_tls": "see that server and clients know {new}",
    },
    "enable_verifiers": {
        "": "have everything that verifies accept {new} beside {old}",
        "trust_anchor": "put the {new} root into every trust store, beside the {old} one",
    },
    "enable_readers": {
        "": "have everything that reads accept {new} beside {old}",
        "tls_endpoint": "offer {new} beside {old}",
        "ssh_endpoint": "take {new} beside {old}",
    },
    "canary": {"": "go over to {new} with {share} of the {count} objects, and watch them"},
    "switch": {
        "": "use {new} for everything made from now on",
        "certificate": "install the {new} certificate and key, have the server read them",
        "trust_anchor": "issue from the {new} root from now on",
        "tls_endpoint": "prefer {new}; {old} stays on offer",
        "ssh_endpoint": "list {new} first, though the client chooses; {old} is taken still",
    },
    "rewrap": {"": "seal the data keys of all {count} envelopes for the {new} key as well; payloads stay"},
    "reissue": {"": "issue every certificate below it anew"},
    "validate": {"": "prove that the new works and that the old still does"},
    "retire": {
        "": "accept {old} no longer and destroy its private keys",
        "certificate": "revoke the {old} certificate and destroy its key",
        "trust_anchor": "take the {old} root out of every trust store and destroy its key",
        "envelopes": "take the {old} recipient out of every envelope and destroy its private key",
        "tls_endpoint": "offer {old} no longer",
        "ssh_endpoint": "take no classical method any longer",
    },
}  # fmt: skip

_CHECKS: dict[str, tuple[str, str]] = {
    "prepare": ("key_exists", "the new key is there and the old one is still in use"),
    "enable_verifiers": ("both_accepted", "one signature of each algorithm is accepted"),
    "enable_readers": ("both_accepted", "what is sealed for the old and for the new can be read"),
    "canary": ("fraction_converted", "the converted objects work and nothing failed while they were watched"),
    "switch": ("new_in_use", "what is made now uses the new algorithm"),
    "rewrap": ("all_converted", "every envelope opens with the new key and with the old one"),
    "reissue": ("all_converted", "every certificate below the root has a new chain that is valid"),
    "retire": ("old_gone", "the old algorithm is refused"),
}
_UNDOING = {
    "prepare": "destroy the new key, which nothing uses yet",
    "enable_verifiers": "accept the old algorithm only",
    "enable_readers": "accept the old algorithm only, once nothing is sealed for the new one alone",
    "canary": "put the converted objects back from the checkpoint",
    "switch": "use the old algorithm again; it is still accepted everywhere",
    "rewrap": "take the new recipient out of the envelopes; the old one was never taken out",
    "reissue": "install the old certificates again",
    "validate": "nothing to undo: it changes nothing",
    "retire": "cannot be undone: what it destroys is gone",
}
_HANDSHAKES = ("tls_endpoint", "database_tls", "redis_tls", "ssh_endpoint", "certificate", "trust_anchor")


def actions(move: Move, type_: StepType, share: float | None) -> tuple[str, ...]:
    """What is done, in words."""
    texts = _ACTIONS[type_]
    text = texts.get(move.component.kind, texts[""])
    told = {
        "old": move.old,
        "new": move.new,
        "count": f"{move.component.count:,}",
        "share": f"{share or 1:.0%}",
    }
    where = _places(move.component) if move.component.target is None else None
    return (text.format(**told), *([where] if where else ()))


def _places(component: Component) -> str | None:
    """Where those who do it by hand find it."""
    if not component.places:
        return None
    rest = len(component.places) - SHOWN_PLACES
    return f"at {', '.join(component.places[:SHOWN_PLACES])}{f' and {rest} more' if rest > 0 else ''}"


def checks(move: Move, type_: StepType) -> tuple[Check, ...]:
    """How one knows that a step is done."""
    if type_ != "validate":
        name, text = _CHECKS[type_]
        return (_check(name, text),)
    if move.component.kind in _HANDSHAKES:
        return (_check("handshake", f"a handshake that used {move.new} was seen, and its chain is valid"),)
    return (_check("second_provider", f"a second library accepts what {move.new} made"),)


def _check(name: Any, text: str) -> Check:
    return Check(check=name, text=text)


def undoing(type_: StepType) -> str:
    """How a step is taken back."""
    return _UNDOING[type_]


def title(move: Move, type_: StepType) -> str:
    """A step's name."""
    return f"{type_.replace('_', ' ')}: {move.component.name}, {move.old} to {move.new}"

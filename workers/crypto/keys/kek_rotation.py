"""KEK rotation, during which every stored key can be opened at all times.

The new KEK is stored, then it seals everything new, then the data keys are re-wrapped in batches, and KEKs no
longer needed are removed last. An interrupted rotation resumes when it is run again: the rows record what
remains to be done.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypedDict

from novacron.errors import Conflict
from novacron.json_types import JsonObject
from shared.db.crypto import keks
from shared.db.session import Connection
from workers.crypto.keys.kek import Kek, Keyring
from workers.crypto.keys.sealing import Binding, rewrap

BATCH = 100


class Rotation(TypedDict):
    """Result of a rotation: the current KEK, and the number of re-wrapped data keys."""

    operation: str
    kek_id: str
    rewrapped: int


def rotate(
    connection: Connection,
    keyring: Keyring,
    *,
    renew: bool,
    effect: str,
    checkpoint: Callable[[], None] = lambda: None,
) -> Rotation:
    """Re-wrap every data key under another KEK.

    Args:
        connection: in autocommit.
        keyring: must find every KEK in use.
        renew: generate a new KEK; otherwise the newest of the keyring is used.
        effect: identifies this rotation: repeated under the same name, it resumes instead of generating
            another.
        checkpoint: called between batches.

    Raises:
        Conflict: another rotation is running.
        KekError: a KEK is missing, or the keyring cannot generate one.
    """
    if not keks.alone(connection):
        raise Conflict("another rotation of the KEK is in progress: wait until it ends")
    try:
        kek = _switched(connection, keyring, renew, effect)
        rewrapped = 0
        while batch := keks.behind(connection, BATCH):
            rewrapped += _rewrap(connection, keyring, kek, batch)
            checkpoint()
        keks.retire(connection)
        _forget(connection, keyring)
    finally:
        keks.let_go(connection)
    return {"operation": "rotate_kek", "kek_id": kek.kek_id, "rewrapped": rewrapped}


def _forget(connection: Connection, keyring: Keyring) -> None:
    """Remove KEKs that seal nothing any more; rows are checked again, whatever their recorded state.

    Raises:
        Conflict: a sealed key needs one of them.
    """
    gone = keks.retired(connection)
    if needed := keks.needed(connection, gone):
        raise Conflict(f"no KEK is dropped, {needed}, though it counts as retired: restore the table keks")
    keyring.forget(gone)


def rehearse(connection: Connection, keyring: Keyring, *, renew: bool) -> JsonObject:
    """Describe what `rotate` would do; changes nothing."""
    found, newest = keks.held(connection), keyring.newest().kek_id
    current = next((kek_id for kek_id, state, *_ in found if state == "current"), newest)
    to = "a new KEK" if renew and newest == current else newest
    lines = [
        f"wrap the data keys of {keys} sealed keys of {tenants} tenants under {to} instead of {kek_id}"
        for kek_id, _, keys, tenants in found if kek_id != to
    ]  # fmt: skip
    gone = [kek_id for kek_id, *_ in found if kek_id != to]
    kept = f"keep {', '.join(gone)} elsewhere as long as copies of the database from before are kept"
    return {
        "operation": "rotate_kek", "dry_run": True, "kek_id": current,
        "actions": [*lines, *([f"drop {', '.join(gone)} from the workers' keyring: {kept}"] if gone else [])],
    }  # fmt: skip


def _switched(connection: Connection, keyring: Keyring, renew: bool, effect: str) -> Kek:
    """Switch the current KEK and return it."""
    if known := keks.switched_by(connection, effect):
        return keyring.find(known)
    newest = keyring.newest()
    with connection.transaction():
        in_use = keks.current(connection, newest.kek_id)
    if renew and newest.kek_id == in_use:
        newest = keyring.renew()
    keks.switch(connection, newest.kek_id, effect)
    return newest


def _rewrap(connection: Connection, keyring: Keyring, kek: Kek, batch: list[keks.Behind]) -> int:
    with connection.transaction():
        return sum(keks.rewrap(connection, one, _under(keyring, kek, one)) for one in batch)


def _under(keyring: Keyring, kek: Kek, one: keks.Behind) -> Any:
    binding = Binding(one.tenant_id, one.key_id, one.version, one.algorithm, one.usage)
    return rewrap(keyring.find(one.sealed.kek_id), kek, one.sealed, binding)

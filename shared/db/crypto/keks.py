"""The current key-encryption key, and the rewrapping of all sealed keys from one KEK to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shared.db.crypto.keys import Sealed
from shared.db.session import Connection

LOCK = 0x6B656B73
"""Advisory lock that permits one rotation at a time."""

CURRENT = "SELECT id FROM keks WHERE state = 'current' FOR SHARE"
FIRST = "INSERT INTO keks (id) VALUES (%s) ON CONFLICT DO NOTHING"
RETIRING = "UPDATE keks SET state = 'retiring' WHERE state = 'current' AND id <> %s"
SWITCH = """
INSERT INTO keks (id, effect) VALUES (%(id)s, %(effect)s)
ON CONFLICT (id) DO UPDATE SET state = 'current', effect = excluded.effect, retired_at = NULL
WHERE keks.state <> 'current'
"""
BEHIND = """
SELECT k.id, k.tenant_id, k.usage, v.version, v.algorithm, v.kek_id, v.wrapped_dek, v.sealed
FROM key_versions v JOIN keys k ON k.id = v.key_id
WHERE v.kek_id IN (SELECT id FROM keks WHERE state = 'retiring') ORDER BY 1, 4 LIMIT %s
"""
REWRAP = """
UPDATE key_versions SET kek_id = %(to)s, wrapped_dek = %(wrapped)s
WHERE key_id = %(key)s AND version = %(version)s AND kek_id = %(from)s AND wrapped_dek = %(before)s RETURNING version
"""
RETIRED = """
UPDATE keks SET state = 'retired', retired_at = clock_timestamp()
WHERE state = 'retiring' AND NOT EXISTS (SELECT FROM key_versions v WHERE v.kek_id = keks.id) RETURNING id
"""


@dataclass(frozen=True, slots=True)
class Behind:
    """A sealed key whose DEK is still wrapped by a retiring KEK."""

    key_id: str
    tenant_id: int
    usage: str
    version: int
    algorithm: str
    sealed: Sealed


def current(connection: Connection, default: str) -> str:
    """Return the current KEK; `default` becomes it in a database without any.

    Prevents a switch until the caller's transaction ends.
    """
    while True:
        if row := connection.execute(CURRENT).fetchone():
            return str(row[0])
        # None yet, or the one just read was replaced while this statement waited for its row.
        if connection.execute("SELECT FROM keks LIMIT 1").fetchone() is None:
            connection.execute(FIRST, (default,))


def switched_by(connection: Connection, effect: str) -> str | None:
    """Return the KEK that an effect switched to; None if it has not happened."""
    row = connection.execute("SELECT id FROM keks WHERE effect = %s", (effect,)).fetchone()
    return str(row[0]) if row else None


def switch(connection: Connection, kek_id: str, effect: str | None) -> None:
    """Make another KEK current; the previous one becomes retiring."""
    with connection.transaction():
        connection.execute(RETIRING, (kek_id,))
        connection.execute(SWITCH, {"id": kek_id, "effect": effect})


def behind(connection: Connection, limit: int) -> list[Behind]:
    """Return some of the sealed keys still wrapped by a retiring KEK."""
    return [
        Behind(key_id, tenant, usage, version, algorithm, Sealed(*sealed))
        for key_id, tenant, usage, version, algorithm, *sealed in connection.execute(BEHIND, (limit,))
    ]


def rewrap(connection: Connection, one: Behind, new: Sealed) -> bool:
    """Replace the wrapped DEK; return False if it was already replaced."""
    arguments = {
        "key": one.key_id, "version": one.version, "from": one.sealed.kek_id, "before": one.sealed.wrapped_dek,
        "to": new.kek_id, "wrapped": new.wrapped_dek,
    }  # fmt: skip
    return connection.execute(REWRAP, arguments).fetchone() is not None


def retire(connection: Connection) -> list[str]:
    """Retiring -> retired for every KEK that wraps no key any more; return their ids."""
    return [row[0] for row in connection.execute(RETIRED)]


def retired(connection: Connection) -> list[str]:
    """Return the KEKs that no row needs."""
    return [row[0] for row in connection.execute("SELECT id FROM keks WHERE state = 'retired' ORDER BY id")]


NEEDED = """
SELECT v.kek_id, k.tenant_id, v.key_id, v.version FROM key_versions v JOIN keys k ON k.id = v.key_id
WHERE v.kek_id = ANY(%s::text[]) ORDER BY v.key_id, v.version LIMIT 1
"""
HELD = """
SELECT e.id, e.state, count(v.key_id), count(DISTINCT k.tenant_id)
FROM keks e LEFT JOIN key_versions v ON v.kek_id = e.id LEFT JOIN keys k ON k.id = v.key_id
WHERE e.state <> 'retired' GROUP BY e.id ORDER BY e.created_at, e.id
"""


def needed(connection: Connection, kek_ids: Sequence[str]) -> str | None:
    """Describe a sealed key that still needs one of these KEKs; None if there is none."""
    row = connection.execute(NEEDED, (list(kek_ids),)).fetchone()
    return f"version {row[3]} of key {row[2]} (tenant {row[1]}) is sealed by {row[0]}" if row else None


def held(connection: Connection) -> list[tuple[str, str, int, int]]:
    """Return id and state of every KEK in use, and how many sealed keys of how many tenants it wraps."""
    return [(kek_id, state, keys, tenants) for kek_id, state, keys, tenants in connection.execute(HELD)]


def alone(connection: Connection) -> bool:
    """Try to take the rotation lock; it is held until `let_go` or the end of the connection."""
    row = connection.execute("SELECT pg_try_advisory_lock(%s)", (LOCK,)).fetchone()
    return bool(row and row[0])


def let_go(connection: Connection) -> None:
    """Release the rotation lock."""
    connection.execute("SELECT pg_advisory_unlock(%s)", (LOCK,))

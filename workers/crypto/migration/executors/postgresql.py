"""PostgreSQL: its server certificate and key, and `ssl_groups` in its configuration.

A reload (SIGHUP, `pg_ctl reload`, `SELECT pg_reload_conf()`) reads both again; invalid values are logged and
the old ones stay in effect, so only a handshake proves the change. Setting names are case-insensitive, the
last of several lines wins, and settings written by ALTER SYSTEM to `postgresql.auto.conf` override every
other file (its manual, 19.1). `ssl_groups` was called `ssl_ecdh_curve` before PostgreSQL 18, which accepts
both names; earlier versions accept one curve and no list.
"""

from __future__ import annotations

from workers.crypto.migration import directive
from workers.crypto.migration.action import Action
from workers.crypto.migration.directive import Dialect
from workers.crypto.migration.executors import certificate, tls
from workers.crypto.migration.pair import Pair
from workers.crypto.migration.part import Part
from workers.crypto.migration.programs import PostgreSQL
from workers.runtime.outcome import UserError

NAMES = ("ssl_groups", "ssl_ecdh_curve")
DIALECT = Dialect(ignores_case=True, after=r"\Z", line="{name} = {value}")
DEFAULT = "X25519:prime256v1"
"""Default groups of PostgreSQL 18."""
ALTERED = "postgresql.auto.conf"


def action(part: Part[PostgreSQL]) -> Action:
    """Return the action for the certificate, or for the groups.

    Raises:
        UserError: it concerns a certificate, and none is declared; or another file overrides the groups.
    """
    target = part.target
    if part.signs:
        if not target.certificate:
            raise UserError(
                f"targets.{target.name} declares no certificate: add {', '.join(target.CERTIFIED)}"
            )
        return certificate.certificate(part, Pair(target, part.holder.plan_id))
    _check_last_word(target)
    first, *others = sorted(NAMES, key=lambda name: name != target.groups_directive)
    return tls.groups_of(part, first, *others, dialect=DIALECT, default=DEFAULT)


def _check_last_word(target: PostgreSQL) -> None:
    altered = target.config.with_name(ALTERED)
    if target.config == altered or not altered.exists():
        return
    text = altered.read_bytes().decode(errors="surrogateescape")
    if found := directive.find(text, *NAMES, dialect=DIALECT).written:
        raise UserError(
            f"{altered} sets the groups to {found}, by ALTER SYSTEM, and wins over {target.config}:"
            f" declare it as `config` of targets.{target.name}, or undo it by ALTER SYSTEM RESET"
        )

"""PostgreSQL: its server certificate and key, and `ssl_groups` in its configuration.

A reload (SIGHUP, `pg_ctl reload`, `SELECT pg_reload_conf()`) reads both again; what cannot be used is logged
and the old stays in use, so only a handshake tells. Names of settings know no case, the last of two lines
wins, and what ALTER SYSTEM wrote to `postgresql.auto.conf` wins over every other file (its manual, 19.1).
`ssl_groups` was called `ssl_ecdh_curve` before PostgreSQL 18, which takes both names; versions before take
one curve and no list.
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
"""Groups of PostgreSQL 18 where none are set."""
ALTERED = "postgresql.auto.conf"


def action(part: Part[PostgreSQL]) -> Action:
    """What a step does to the certificate, or to the groups.

    Raises:
        UserError: it is about a certificate, and none is declared; or another file has the last word about
            groups.
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

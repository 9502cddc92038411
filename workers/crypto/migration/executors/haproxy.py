"""HAProxy: one PEM file of certificate and key, and the list of groups in its configuration.

It requires chain and key in one file (`crt` in its manual, 5.1), which one atomic rename replaces, and
validates its configuration with every file that it names by `haproxy -c`. A word is bare or in quotation
marks (2.2); a missing directive is added to `global`, as `ssl-default-bind-curves`.
"""

from __future__ import annotations

from workers.crypto.migration.action import Action
from workers.crypto.migration.bundle import Bundle
from workers.crypto.migration.directive import Dialect
from workers.crypto.migration.executors import certificate, tls
from workers.crypto.migration.part import Part
from workers.crypto.migration.programs import HAProxy
from workers.runtime.outcome import UserError

DIALECT = Dialect(after=r"^[ \t]*global\b[^\n]*(?:\n|\Z)", line="    {name} {value}")


def action(part: Part[HAProxy]) -> Action:
    """Return the action for the certificate, or for the groups.

    Raises:
        UserError: it concerns groups, and no directive is declared.
    """
    target = part.target
    if part.signs:
        return certificate.certificate(part, Bundle(target, part.holder.plan_id))
    if not target.groups_directive:
        raise UserError(
            f"targets.{target.name} does not say which directive of its `config` lists groups:"
            ' groups_directive = "ssl-default-bind-curves"'
        )
    # `curves` belongs on a `bind` line, which only the operator knows.
    dialect = DIALECT if target.groups_directive.startswith("ssl-default") else Dialect()
    return tls.groups_of(part, target.groups_directive, dialect=dialect)

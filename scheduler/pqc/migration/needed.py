"""Stored keys of a planning request whose current versions are still required."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from novacron.errors import BadInput
from novacron.migration.component import Component
from shared.db.crypto import keys, needs
from shared.db.crypto.needs import Ending
from shared.db.session import Connection


def check(connection: Connection, tenant_id: int, components: Iterable[Component]) -> None:
    """Refuse a plan that no step could carry out: rotation of a key that is gone or bound to a certificate.

    Other dependents of a key may have ended by the time the plan is executed, and are checked then.

    Raises:
        BadInput: it names the component and the certificate; all of them where there are several.
    """
    wrong = [
        one for number, component in enumerate(components)
        if (component.target or "").startswith("key_")
        for one in _wrong(connection, tenant_id, f"components[{number}].target", component.target or "")
    ]  # fmt: skip
    if wrong:
        wrong[0].others = tuple(wrong[1:])
        raise wrong[0]


def _wrong(connection: Connection, tenant_id: int, field: str, key_id: str) -> Iterator[BadInput]:
    key = keys.find(connection, tenant_id, key_id)
    if key is None:
        yield BadInput(
            "is not a key of this tenant", field=field, value=key_id, hint="see `novacron crypto keys list`"
        )
        return
    if key.state != "active":
        yield BadInput(f"is {key.state}, and gets no other version", field=field, value=key_id)
        return
    for need in needs.of(connection, tenant_id, Ending.of(key, "rotate")):
        if need.kind == "certificate":
            hint = f"{need.cure}; without a target people do it by hand"
            rule = f"is needed: certificate {need.name} {need.why}"
            yield BadInput(rule, field=field, value=key_id, hint=hint)

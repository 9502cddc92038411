"""Stored keys that a request to plan names, and that something needs as they are."""

from __future__ import annotations

from collections.abc import Iterable

from novacron.errors import BadInput
from novacron.migration.component import Component
from shared.db import keys, needs
from shared.db.needs import Ending
from shared.db.session import Connection


def check(connection: Connection, tenant_id: int, components: Iterable[Component]) -> None:
    """Refuse to plan what no step could do: another version of a key that a certificate is bound to.

    What else needs a key may have ended when the plan is carried out, and is asked then.

    Raises:
        BadInput: it names the component and the certificate; all of them where there are more.
    """
    wrong = []
    for number, component in enumerate(components):
        name = component.target or ""
        if not name.startswith("key_") or (key := keys.find(connection, tenant_id, name)) is None:
            continue
        ending = Ending.of(key, "rotate")
        for need in needs.of(connection, tenant_id, ending):
            if need.kind == "certificate":
                rule = f"is needed: certificate {need.name} {need.why}"
                field = f"components[{number}].target"
                hint = f"{need.cure}; without a target people do it by hand"
                wrong.append(BadInput(rule, field=field, value=name, hint=hint))
    if wrong:
        wrong[0].others = tuple(wrong[1:])
        raise wrong[0]

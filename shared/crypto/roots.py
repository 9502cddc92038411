"""The folders in which inventories may look at files: the operator's, and those granted to a tenant."""

from __future__ import annotations

from shared.db.tenants import Standing


def granted(setting: str, who: Standing) -> list[str]:
    """The folders that may be looked at for somebody.

    Args:
        setting: `/folder` for operators, `TENANT=/folder` for that tenant's admins, too; colons between.
        who: for whom.
    """
    found = []
    for entry in setting.split(":"):
        tenant, separator, folder = entry.partition("=")
        if entry.startswith("/") or not separator:
            tenant, folder = "", entry
        if folder and (who.operator or (tenant and tenant == who.tenant)):
            found.append(folder)
    return found

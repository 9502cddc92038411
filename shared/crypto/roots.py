"""Directories that inventories may scan: the operator's, and those granted to a tenant."""

from __future__ import annotations

from shared.db.tenants import Standing


def granted(setting: str, who: Standing) -> list[str]:
    """Return the directories that a caller may scan.

    Args:
        setting: colon-separated; `/folder` for operators, `TENANT=/folder` also for that tenant's admins.
        who: the caller.
    """
    found = []
    for entry in setting.split(":"):
        tenant, separator, folder = entry.partition("=")
        if entry.startswith("/") or not separator:
            tenant, folder = "", entry
        if folder and (who.operator or (tenant and tenant == who.tenant)):
            found.append(folder)
    return found

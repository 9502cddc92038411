"""Roles of tokens, in ascending order: each includes the permissions of the previous ones."""

from typing import Literal, get_args

Role = Literal["read", "submit", "admin", "operator"]
"""Permissions of each role.

read: view. submit: jobs, keys, certificates. admin: everything of the tenant, including its tokens. operator:
the installation: tenants, their tokens, the key-encryption key, files outside a tenant's folders.
"""
ROLES: tuple[Role, ...] = get_args(Role)


def includes(role: str, other: str) -> bool:
    """Return whether a role includes the permissions of another."""
    return ROLES.index(role) >= ROLES.index(other)

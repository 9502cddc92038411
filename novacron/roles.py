"""Roles of tokens: each may do what the ones before it may."""

from typing import Literal, get_args

Role = Literal["read", "submit", "admin", "operator"]
"""read: look. submit: jobs, keys, certificates. admin: whatever is the tenant's own, its tokens included.
operator: the installation: tenants, their tokens, the key-encryption key, files outside a tenant's folders.
"""
ROLES: tuple[Role, ...] = get_args(Role)


def includes(role: str, other: str) -> bool:
    """Whether a role may do what another one may."""
    return ROLES.index(role) >= ROLES.index(other)

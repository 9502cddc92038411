"""What roles may ask for: operations, priorities, files."""

from dataclasses import replace
from typing import Any

import pytest

from novacron.errors import BadInput, Forbidden
from novacron.roles import ROLES
from novacron.specs import parse_spec
from scheduler.planning import authority
from shared.db.tokens import Bearer
from shared.settings import Settings

KEY = "key_" + "0" * 26
PLAN = {"plan_id": "plan_1"}
NEEDED: dict[str, tuple[str, dict[str, Any]]] = {
    "generate_keypair": ("submit", {"algorithm": "ML-KEM-768"}), "generate_key": ("submit",
    {"algorithm": "X-Wing"}),
    "rotate_key": ("submit", {"key_id": KEY}), "retire_key": ("admin", {"key_id": KEY}),
    "destroy_key": ("admin", {"key_id": KEY}), "rotate_kek": ("operator", {}),
    "execute_migration": ("admin", PLAN), "rollback_migration": ("admin", PLAN),
    "watch_migration": ("admin", PLAN),
    "inventory": ("admin", {"store": True}),
}  # fmt: skip


def check(role: str, body: dict[str, Any], tenant: str = "acme", **settings: Any) -> None:
    spec = parse_spec({"kind": "cryptographic", **body})
    authority.check(spec, Bearer(2, tenant, "t", role), replace(Settings(), **settings))


def refused(role: str, body: dict[str, Any], **more: str) -> bool:
    try:
        check(role, body, **more)
    except Forbidden:
        return True
    return False


@pytest.mark.parametrize("operation", NEEDED)
def test_each_role_does_what_the_lesser_ones_may(operation: str) -> None:
    needed, body = NEEDED[operation]
    allowed = [role for role in ROLES if not refused(role, {"operation": operation, **body})]
    assert allowed == list(ROLES[ROLES.index(needed) :])


def test_looking_at_the_installation_is_for_its_operator() -> None:
    stack = {"operation": "inventory", "stack": True}
    assert [refused(role, stack) for role in ROLES] == [True, True, True, False]


def test_files_are_looked_at_where_the_operator_granted_a_folder() -> None:
    files = {"operation": "inventory", "paths": ["/srv/acme"]}
    with pytest.raises(Forbidden, match="acme=/folder in NOVACRON_INVENTORY_ROOTS"):
        check("admin", files, inventory_roots="/home:globex=/srv")
    check("admin", files, inventory_roots="/home:acme=/srv/acme")
    check("operator", files)


@pytest.mark.parametrize(("role", "priority", "let"), [
    ("submit", 10, True), ("submit", 11, False), ("submit", -100, True), ("admin", 50, True),
    ("admin", 51, False),
    ("operator", 100, True),
])  # fmt: skip
def test_priorities_have_a_ceiling_by_role(role: str, priority: int, let: bool) -> None:
    body = {"operation": "generate_keypair", "algorithm": "ML-KEM-768", "priority": priority}
    if let:
        check(role, body)
        return
    with pytest.raises(BadInput, match="NOVACRON_PRIORITY_CEILINGS") as told:
        check(role, body)
    assert (told.value.field, told.value.value) == ("priority", priority)

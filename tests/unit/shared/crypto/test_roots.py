"""Folders that inventories may look at belong to the operator, or to a tenant."""

import pytest

from shared.crypto.roots import granted
from shared.db.tenants import Standing

SETTING = "/etc/ssl:acme=/srv/acme:/home:globex=/srv/globex:acme=/srv/more:"


@pytest.mark.parametrize(("tenant", "role", "folders"), [
    ("acme", "admin", ["/srv/acme", "/srv/more"]), ("globex", "admin", ["/srv/globex"]),
    ("default", "admin", []),
    ("default", "operator", ["/etc/ssl", "/srv/acme", "/home", "/srv/globex", "/srv/more"]), ("", "admin",
    []),
])  # fmt: skip
def test_a_folder_is_its_tenants_and_the_operators(tenant, role, folders):
    assert granted(SETTING, Standing(tenant, role)) == folders


def test_without_a_setting_there_is_no_folder():
    assert granted("", Standing("acme", "operator")) == []

"""What may be dialled, and what never is, by whatever name it goes."""

import ipaddress
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novacron.errors import Forbidden, Unreachable
from shared.crypto.reach import Reach, parse


@pytest.fixture
def names(monkeypatch):
    """Names and their addresses, as a resolver would tell them."""
    known: dict[str, list[str]] = {}

    def look_up(host, port, **_):
        if host in known:
            return [(0, 0, 0, "", (address, port)) for address in known[host]]
        try:
            ipaddress.ip_address(host)
        except ValueError:
            raise socket.gaierror(f"{host} is not known") from None
        return [(0, 0, 0, "", (host, port))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return known


EVERYTHING = "*, 0.0.0.0/0, [::/0]"
NEVER = [
    "169.254.169.254", "169.254.170.2", "fe80::1", "fe80::1%eth0", "fd00:ec2::254", "fd20:ce::254",
    "100.100.100.200", "168.63.129.16", "192.0.0.192", "0.0.0.0", "::", "255.255.255.255", "224.0.0.1",
    "ff02::1",
    # The metadata address of most clouds inside IPv6: mapped, compatible, NAT64, 6to4, Teredo.
    "::ffff:169.254.169.254", "::ffff:a9fe:a9fe", "::169.254.169.254", "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::a9fe:a9fe", "2002:a9fe:a9fe::1", "2001:0:4136:e378:8000:63bf:5601:5601", "::ffff:0.0.0.0",
]  # fmt: skip


@pytest.mark.parametrize("address", NEVER)
def test_some_addresses_are_never_dialled(names, address):
    names["innocent.example"] = [address]
    everything = Reach(parse(EVERYTHING), [("innocent.example", 443), (address, 443)])
    with pytest.raises((Forbidden, Unreachable)):
        everything.addresses("innocent.example", 443, 1.0)
    with pytest.raises((Forbidden, Unreachable)):
        everything.addresses(address, 443, 1.0)


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1"])
def test_this_machine_is_dialled_without_a_word(names, address):
    assert Reach().addresses(address, 5432, 1.0) == [(address, 5432)]


@pytest.mark.parametrize("host", ["10.0.0.1", "192.0.2.7", "2001:db8::1", "web.example", "nowhere.invalid"])
def test_nothing_else_is(names, host):
    names["web.example"] = ["192.0.2.7"]
    with pytest.raises(Forbidden, match="NOVACRON_PROBE_ALLOW") as refused:
        Reach().addresses(host, 443, 1.0)
    assert "192.0.2.7" not in str(refused.value).replace(host, "")


def test_a_refusal_does_not_tell_whether_a_name_exists(names):
    names["inside.example"] = ["10.0.0.1"]
    told = []
    for host in ("inside.example", "nobody.example"):
        with pytest.raises(Forbidden) as refused:
            Reach().addresses(host, 443, 1.0)
        told.append(str(refused.value).replace(host, "HOST"))
    assert told[0] == told[1]


@pytest.mark.parametrize(("setting", "host", "port", "let"), [
    ("web.example", "web.example", 443, True), ("web.example", "WEB.example.", 443, True),
    ("web.example", "api.web.example", 443, False), ("*.example", "web.example", 443, True),
    ("*.example", "example", 443, False), ("*.example", "badexample", 443, False),
    ("web.example:443", "web.example", 443, True), ("web.example:443", "web.example", 22, False),
    ("10.0.0.0/8", "web.example", 443, True), ("10.0.0.5", "web.example", 443, True),
    ("10.0.0.6", "web.example", 443, False), ("10.0.0.0/8:443", "web.example", 22, False),
    ("[2001:db8::/32]:443", "six.example", 443, True), ("[2001:db8::/32]:443", "six.example", 22, False),
    ("2001:db8::/32", "six.example", 22, True), ("*", "six.example", 22, True),
    ("*:443", "six.example", 22, False),
    ("10.0.0.0/8", "mapped.example", 443, True),
])  # fmt: skip
def test_the_list_goes_by_names_addresses_and_ports(names, setting, host, port, let):
    names |= {"web.example": ["10.0.0.5"], "WEB.example.": ["10.0.0.5"], "six.example": ["2001:db8::1"],
              "api.web.example": ["192.0.2.1"], "example": ["192.0.2.1"], "badexample": ["192.0.2.1"],
              "mapped.example": ["::ffff:10.1.2.3"]}  # fmt: skip
    judge = Reach(parse(setting))
    if let:
        assert judge.addresses(host, port, 1.0)
    else:
        with pytest.raises(Forbidden):
            judge.addresses(host, port, 1.0)


def test_of_a_name_with_several_addresses_only_those_allowed_are_dialled(names):
    names["mixed.example"] = ["10.0.0.1", "169.254.169.254", "192.0.2.1", "127.0.0.1"]
    assert Reach(parse("192.0.2.0/24")).addresses("mixed.example", 1, 1.0) == [
        ("192.0.2.1", 1),
        ("127.0.0.1", 1),
    ]


def test_a_name_that_changes_its_address_is_dialled_where_it_was_judged(names, monkeypatch):
    """DNS rebinding: the second look-up never happens."""
    names["rebind.example"] = ["127.0.0.1"]
    found = Reach().addresses("rebind.example", 1, 1.0)
    names["rebind.example"] = ["169.254.169.254"]
    assert found == [("127.0.0.1", 1)]


def test_a_declared_server_that_is_not_there_is_just_not_reached(names):
    with pytest.raises(Unreachable, match=r"nothing answers at gone.example:443$"):
        Reach(servers=[("gone.example", 443)]).addresses("gone.example", 443, 1.0)


@pytest.mark.parametrize(
    "setting", ["web example", "10.0.0.0/33:x", "web:0", "web:65536", "[::1", "a/b", "*.", "bücher"]
)
def test_a_wrong_entry_is_refused(setting):
    with pytest.raises(ValueError, match="is none of hosts"):
        parse(f"good.example,{setting}")


@given(st.ip_addresses())
def test_whatever_is_dialled_is_global_or_allowed(address):
    """Against the standard library's own idea of what is no server's address."""
    try:
        Reach(parse(EVERYTHING)).addresses(str(address), 443, 1.0)
    except Forbidden:
        return
    assert not (address.is_link_local or address.is_multicast or address.is_unspecified)

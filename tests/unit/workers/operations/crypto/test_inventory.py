"""How findings become an inventory."""

from shared.crypto.found import Found, unread
from workers.operations.crypto import inventory


def test_one_thing_in_one_place_is_one_asset():
    twice = [Found("key", "a", "a.pem", "X25519", fingerprint="sha256:00")] * 2
    other = Found("key", "a", "a.pem", "X25519", fingerprint="sha256:01")
    made = inventory._made(("a.pem",), [*twice, other, unread("b.pem", "damaged")])
    assert len(made.assets) == 2 and [one.target for one in made.errors] == ["b.pem"]


def test_what_an_inventory_cannot_hold_is_an_error_and_stops_nothing():
    huge = Found("key", "huge", "h.pem", "RSA-9999999", 9_999_999)
    made = inventory._made((), [huge, Found("key", "a", "a.pem", "X25519")])
    assert [one.name for one in made.assets] == ["a"]
    assert [(one.target, one.error) for one in made.errors] == [
        ("h.pem", "key_bits is beyond what an inventory holds")
    ]


def test_there_is_an_end_to_assets_and_errors_take_no_place_of_them(monkeypatch):
    monkeypatch.setattr(inventory, "MAX_ASSETS", 9)
    found = [Found("key", str(number), "a.pem", "X25519") for number in range(12)]
    errors = [unread("b.pem", f"damaged {number}") for number in range(20)]
    made = inventory._made((), [*errors, *found, found[0]])
    assert len(made.assets) == 9 and len(made.errors) == 9
    assert [one.error for one in made.errors[-2:]] == [
        "3 more assets are not listed: look at it in several parts",
        "13 more errors are not listed: look at it in several parts",
    ]

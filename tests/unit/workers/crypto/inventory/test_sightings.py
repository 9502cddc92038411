"""One thing seen in several places is one asset, and the target that covers it is found by any of them."""

from pathlib import Path

import pytest

from novacron.migration import Inventory
from scheduler.pqc.cbom import reading, writing
from workers.crypto.inventory import sightings
from workers.crypto.migration import coverage
from workers.crypto.migration.targets import Certificate, Envelopes, Groups, Target

AT = "2026-11-25T12:00:00Z"


def asset(asset_id, kind, location, algorithm="ECDSA-P256", **more):
    return {
        "asset_id": asset_id, "kind": kind, "name": asset_id, "location": location, "algorithm": algorithm,
        "purposes": ["authenticity"], "quantum_vulnerable": True, "found_at": AT, **more,
    }  # fmt: skip


def certificate(asset_id, location, digest="aa", **details):
    return asset(asset_id, "certificate", location, details={"certificate_fingerprint": digest, **details})


def joined(*assets):
    found = Inventory(inventory_id="inv_1", created_at=AT, assets=assets)
    return sightings.joined(found)


def told(found):
    return [(one.asset_id, *one.places) for one in found.assets]


def test_a_certificate_in_a_file_and_on_the_wire_is_one():
    found = joined(
        certificate("file", "/etc/web.pem"), certificate("copy", "/etc/copy.pem"),
        certificate("wire", "127.0.0.1:443"), certificate("again", "two@127.0.0.1:443"),
        certificate("other", "127.0.0.1:443", "bb"),
    )  # fmt: skip
    assert told(found) == [
        ("file", "/etc/web.pem", "127.0.0.1:443", "two@127.0.0.1:443"), ("copy", "/etc/copy.pem"),
        ("other", "127.0.0.1:443"),
    ]  # fmt: skip


def test_an_endpoint_asked_by_two_names_is_one():
    found = joined(
        asset("a", "tls_endpoint", "127.0.0.1:443", "X25519"),
        asset("b", "tls_endpoint", "two@127.0.0.1:443", "X25519"),
        asset("c", "tls_endpoint", "127.0.0.1:444", "X25519"),
        asset("d", "tls_endpoint", "three@127.0.0.1:443", "secp256r1"),
    )
    assert told(found) == [
        ("a", "127.0.0.1:443", "two@127.0.0.1:443"), ("c", "127.0.0.1:444"), ("d", "three@127.0.0.1:443"),
    ]  # fmt: skip


def test_it_is_one_component_of_a_bill_of_materials_and_comes_back():
    found = joined(certificate("file", "/etc/web.pem"), certificate("wire", "127.0.0.1:443"))
    document = writing.write(found)
    (one,) = [each for each in document["components"] if each["bom-ref"] == "file"]
    assert one["evidence"]["occurrences"] == [{"location": "/etc/web.pem"}, {"location": "127.0.0.1:443"}]
    assert told(reading.read(document)) == [("file", "/etc/web.pem", "127.0.0.1:443")]
    for each in document["components"]:
        each.pop("properties", None)
    (read,) = [each for each in reading.read(document).assets if each.kind == "certificate"]
    assert read.places == ("/etc/web.pem", "127.0.0.1:443")


NAMES = ("one.example",)
DECLARED: dict[str, Target] = {
    "web": Certificate("web", Path("/etc/web.pem"), Path("/etc/web.key"), "c", NAMES, probe="localhost:443"),
    "two": Certificate(
        "two", Path("/etc/two.pem"), Path("/etc/two.key"), "c", ("two.example",), probe="localhost:443"
    ),
    "edge": Groups("edge", Path("/etc/edge.conf"), "ssl_ecdh_curve", probe="127.0.0.1:443"),
    "archive": Envelopes("archive", Path("/srv/archive")),
}


@pytest.mark.parametrize(
    ("one", "target"),
    [
        (certificate("a", "/etc/web.pem"), "web"),
        (certificate("a", "/etc/../etc/web.pem"), "web"),
        (certificate("a", "/elsewhere.pem"), None),
        (certificate("a", "/elsewhere.pem") | {"also_at": ["two.example@127.0.0.1:443"]}, "two"),
        (certificate("a", "127.0.0.1:443"), None),
        (certificate("a", "/etc/web.pem", ca=True), None),
        (asset("a", "key", "/etc/two.key"), "two"),
        (asset("a", "tls_endpoint", "localhost:443", "X25519"), "edge"),
        (asset("a", "tls_endpoint", "localhost:444", "X25519"), None),
        (asset("a", "envelope", "/srv/archive/2026/x.ncrypt"), "archive"),
        (asset("a", "envelope", "/srv/archive/x.age"), None),
        (asset("a", "envelope", "/srv/archive2/x.ncrypt"), None),
        (asset("a", "keystore_key", "key_1"), None),
    ],
)
def test_a_target_covers_what_it_names(one, target):
    found = Inventory(inventory_id="inv_1", created_at=AT, assets=[one])
    assert [each.target for each in coverage.annotated(found, DECLARED).assets] == [target]

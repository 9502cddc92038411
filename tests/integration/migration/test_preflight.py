"""A plan's targets looked at as a whole before the first step: all that is wrong is told, nothing touched."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from novacron.crypto import PublicKey, Recipient, header_of, seal_file
from novacron.errors import BadInput
from novacron.specs.crypto.certificates import GenerateCertificate
from testing.migration.certificates import authority
from testing.migration.plans import planned
from workers.crypto.migration import preflight
from workers.crypto.migration.pair import read_chain
from workers.crypto.migration.targets import Certificate, Envelopes, Groups, StoredKey
from workers.crypto.pki.authority import Authority
from workers.crypto.pki.register import Register

UNKNOWN = "cert_01M89DY7N8XX0CBPC3NT6ZZW61"
TYPES = ("prepare", "enable_verifiers", "switch", "validate", "retire")
SEALED = ("prepare", "enable_readers", "canary", "switch", "rewrap", "validate", "retire")
KEY_USAGES = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
    "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
)  # fmt: skip


def served(folder, names=("localhost",), purposes=(), usages=()):
    """A certificate of P-256 and its key, with what is asked for."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")]), datetime.now(UTC)
    builder = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False)
    )  # fmt: skip
    if purposes:
        builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
    if usages:
        builder = builder.add_extension(
            x509.KeyUsage(**{name: name in usages for name in KEY_USAGES}), critical=True
        )
    chain, private = folder / "web.pem", folder / "web.key"
    chain.write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return chain, private


@pytest.fixture
def root(connection, store):
    return authority(connection, store)


@pytest.fixture
def web(root, tmp_path):
    def of(names=("localhost",), *, has=("localhost",), purposes=(), usages=(), **more):
        chain, key = served(tmp_path, has, purposes, usages)
        return Certificate("web", chain, key, root.certificate_id, tuple(names), **more)

    return of


def refused(made):
    with pytest.raises(BadInput) as caught:
        preflight.check(made.holder, made.steps, made.targets)
    assert set(made.states()) == {"pending"}
    return {(one.field, str(one)) for one in caught.value.all}


def steps(component="web", **more):
    return planned(*TYPES, component=component, old="ECDSA-P256", new="ML-DSA-65", **more)


def says(found, field, text):
    return any(one == field and text in told for one, told in found)


BOTH = (ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH)


def test_names_of_the_served_certificate_are_not_dropped(web, migration):
    target = web(
        has=("localhost", "old.example", "*.example.org", "a.example.net"),
        names=("localhost", "*.example.net"),
    )
    found = refused(migration(steps(), target))
    assert says(found, "targets.web.names", "has the name dns:old.example, which the next one would lose")
    assert says(found, "targets.web.names", "dns:*.example.org")
    assert len(found) == 2, "a.example.net is covered by the wildcard"


def test_what_is_declared_as_dropped_may_be_lost(web, migration):
    target = web(
        has=("localhost", "old.example"), purposes=BOTH, usages=("digital_signature", "data_encipherment"),
        dropped=("old.example", "clientAuth", "data_encipherment"),
    )  # fmt: skip
    made = migration(steps(), target)
    preflight.check(made.holder, made.steps, made.targets)
    made.run("s01")
    (leaf, *_) = read_chain(target.key.parent / ".web.migration" / "plan_1" / "certificate.pem")
    purposes = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(purposes) == [ExtendedKeyUsageOID.SERVER_AUTH]


def test_purposes_and_usages_are_kept(web, migration):
    target = web(purposes=BOTH, usages=("digital_signature", "content_commitment", "key_agreement"))
    made = migration(steps(), target)
    preflight.check(made.holder, made.steps, made.targets)
    made.run("s01")
    (leaf, *_) = read_chain(target.key.parent / ".web.migration" / "plan_1" / "certificate.pem")
    assert list(leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value) == list(BOTH)
    usage = leaf.extensions.get_extension_for_class(x509.KeyUsage).value
    assert usage.digital_signature and usage.content_commitment and not usage.key_agreement


def test_purposes_and_usages_that_would_be_lost_are_named(web, migration):
    target = web(purposes=BOTH, usages=("digital_signature", "data_encipherment"))
    target = Certificate(
        "web", target.certificate, target.key, target.issuer, target.names, purposes=("serverAuth",)
    )
    found = refused(migration(steps(), target))
    assert says(found, "targets.web.purposes", "has the purpose client_auth, which the next one would lose")
    assert says(found, "targets.web.dropped", "has the key usage data_encipherment")
    assert len(found) == 2


def test_a_check_that_fails_already_is_told_before_anything_is_touched(web, migration, tmp_path):
    target = web(check=("sh", "-c", "echo no good >&2; exit 1"))
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    found = refused(migration(steps(), target))
    assert says(found, "targets.web.check", "fails already") and says(found, "targets.web.check", "no good")
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_an_issuer_that_cannot_issue_is_told(web, root, migration, connection, store):
    assert says(
        refused(migration(steps(), web(days=4000))), "targets.web.days", "the issuer itself is valid for"
    )
    wanted = GenerateCertificate(
        algorithm="ML-DSA-65", subject="CN=Below", validity_period="200d", issuer=root.certificate_id,
        extensions={"basic_constraints": {"ca": True}},
    )  # fmt: skip
    issuing = Authority(connection, store, 1, "tester")
    below = issuing.generate(wanted)[0].certificate_id
    Register(issuing).revoke(below, "ca_compromise")
    chain, key = served(web().key.parent)
    for issuer, why in ((below, "is revoked (ca_compromise)"), (UNKNOWN, "there is no certificate")):
        target = Certificate("web", chain, key, issuer, ("localhost",))
        assert says(refused(migration(steps(), target)), "targets.web.issuer", why)


def test_everything_that_is_wrong_is_told_at_once(web, migration, tmp_path, store):
    sealing = store.generate("HPKE-X25519", "decrypt").key_id
    targets = (
        web(has=("localhost", "lost.example")),
        Groups("edge", tmp_path / "missing.conf", "ssl_ecdh_curve"),
        Envelopes("archive", tmp_path / "nowhere", key_id=sealing),
        StoredKey("releases", sealing),
    )
    plan = [
        *steps(),
        *planned("prepare", component="edge", old="X25519", new="X25519MLKEM768"),
        *planned("prepare", component="archive", old="HPKE-X25519", new="X-Wing"),
        *planned("prepare", component="releases", old="Ed25519", new="ML-DSA-65"),
    ]
    made = migration([{**one, "id": f"t{number}"} for number, one in enumerate(plan)], *targets)
    fields = {field for field, _ in refused(made)}
    assert fields >= {"targets.web.names", "targets.edge.config", "targets.releases.key_id"}


def test_one_target_is_changed_once(web, migration):
    plan = [
        *steps("web"),
        *({**one, "id": f"x{one['id']}"} for one in steps("other", targets={"other": "web"})),
    ]
    found = refused(migration(plan, web()))
    assert any("is changed for web from ECDSA-P256 to ML-DSA-65 already" in told for _, told in found)


def test_a_component_that_was_begun_is_left_to_its_steps(web, migration):
    made = migration(steps(), web())
    made.run("s01")
    made.targets = {"web": Certificate(
        "web", made.targets["web"].certificate, made.targets["web"].key, made.targets["web"].issuer,
        ("localhost",), check=("false",),
    )}  # fmt: skip
    preflight.check(made.holder, made.steps, made.targets)


def sealed(store, folder, key_id, count=3):
    folder.mkdir()
    version = store.key(key_id).current
    to = [Recipient(PublicKey(version.algorithm, version.public_key), f"{key_id}/{version.version}")]
    for number in range(count):
        plain = folder / f"{number}.txt"
        plain.write_text(f"secret {number}")
        seal_file(plain, folder / f"{number}.ncrypt", to, classical=True)
        plain.unlink()


def test_two_folders_with_one_key_get_one_new_version(store, migration, tmp_path):
    key_id = store.generate("HPKE-X25519", "decrypt").key_id
    folders = [tmp_path / "first", tmp_path / "second"]
    for folder in folders:
        sealed(store, folder, key_id)
    plan = [
        {**one, "id": f"{name[0]}{one['id']}"}
        for name in ("first", "second")
        for one in planned(*SEALED, component=name, old="HPKE-X25519", new="X-Wing")
    ]
    made = migration(plan, *(Envelopes(folder.name, folder) for folder in folders))
    preflight.check(made.holder, made.steps, made.targets)
    order = [one["id"] for kind in SEALED[:-1] for one in plan if one["type"] == kind]
    made.run(*order)
    assert [one.version for one in store.key(key_id).versions] == [1, 2]
    made.undo()
    assert store.key(key_id).version == 1
    made.run(*order)
    made.run("fs07")
    assert store.key(key_id).at(1).destroyed_at is None, "the other folder is still for it"
    made.run("ss07")
    assert store.key(key_id).at(1).destroyed_at is not None
    for folder in folders:
        for path in folder.glob("*.ncrypt"):
            assert [*header_of(path).key_ids] == [f"{key_id}/2"]

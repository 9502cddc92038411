"""Certificates of a migration renewed on a real server: when due, after a crash, and again and again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest
from cryptography import x509

from novacron.errors import BadInput
from novacron.specs import parse_spec
from shared.crypto.tls.probe import probe
from shared.db.crypto import audit, certificates, plans, steps
from testing.contexts import context
from testing.migration.certificates import authority
from testing.migration.plans import planned
from workers.crypto.migration import drift, renewal, step
from workers.crypto.migration.targets import Certificate
from workers.operations.crypto import renewal as operation
from workers.runtime.context import Origin
from workers.runtime.outcome import Done, Snooze, Stopped, UserError

from .conftest import job

TYPES = ("prepare", "enable_verifiers", "switch", "validate", "retire")


@pytest.fixture
def declared(web, tmp_path, monkeypatch):
    """The operator's file of targets; returns what writes it."""
    path = tmp_path / "targets.toml"
    monkeypatch.setenv("NOVACRON_TARGETS_FILE", str(path))

    def of(target):
        lines = [f"[targets.{target.name}]", 'kind = "certificate"']
        for key in ("certificate", "key", "issuer", "probe"):
            lines += [f'{key} = "{getattr(target, key)}"'] if getattr(target, key) else []
        for key in ("names", "check", "reload"):
            lines.append(f"{key} = {list(getattr(target, key))!r}")
        path.write_text("\n".join([*lines, f"days = {target.days}", ""]))

    of(web)
    return of


@pytest.fixture
def warned() -> list[str]:
    """What renewal jobs have warned of."""
    return []


@pytest.fixture
def renew(connection, declared, warned):
    """A renewal job."""

    def of(job_id="job_9", payload=None, **wanted):
        spec = parse_spec({"kind": "cryptographic", "operation": "renew_certificates", **wanted})
        return operation.renew(context(
            spec, payload, queue="crypto", warn=warned.append,
            origin=Origin(job(connection, job_id), 1, 1, "tester", lambda: connection),
        ))  # fmt: skip

    return of


@pytest.fixture
def migrated(web, migration):
    """The target with a certificate of ours."""
    migration(planned(*TYPES, component="web", old="ECDSA-P256", new="ML-DSA-65"), web).run()
    return web


def shown(server):
    return x509.load_der_x509_certificate(probe("127.0.0.1", server.port).attempts["preferred"].chain[0])


def result(outcome):
    assert isinstance(outcome, Done)
    return outcome.value


def test_what_is_not_due_is_kept_and_says_when_it_is(migrated, server, renew):
    before = shown(server)
    (kept,) = result(renew())["kept"]
    assert kept["target"] == "web" and "due from" in kept["why"] and shown(server) == before


def test_what_is_due_is_renewed_and_seen(migrated, server, renew, connection):
    before, old_key = shown(server), server.key.read_bytes()
    (told,) = result(renew(within_days=90, dry_run=True))["renewed"]
    assert told["plan_id"] is None and shown(server) == before
    (told,) = result(renew(within_days=90))["renewed"]
    after = shown(server)
    assert after != before and after.public_key() != before.public_key()
    stored = certificates.by_serial(connection, migrated.issuer, after.serial_number)
    assert stored and told["certificate_id"] == stored.certificate_id and told["algorithm"] == "ML-DSA-65"
    assert server.key.read_bytes() != old_key
    superseded = certificates.by_serial(connection, migrated.issuer, before.serial_number)
    assert superseded and superseded.revoked_at and superseded.revocation_reason == "superseded"
    found = steps.status(connection, 1, told["plan_id"])
    assert (
        found and found["status"] == "completed" and [one["state"] for one in found["steps"]] == ["done"] * 5
    )
    plan = plans.find(connection, 1, told["plan_id"])
    assert plan and plan["policy"] == "renewal"
    acts = [one["action"] for one in audit.entries(connection, 1, limit=500)]
    assert acts.count("migration.planned") == 1 and "certificate.revoke" in acts


@pytest.mark.parametrize("name", ["web", "plan_1", "certificate"])
def test_it_is_named_by_target_plan_or_certificate(migrated, server, renew, connection, name):
    if name == "certificate":
        known = certificates.by_serial(connection, migrated.issuer, shown(server).serial_number)
        assert known
        name = known.certificate_id
    if name == "plan_1":
        made = planned(*TYPES, component="web", old="ECDSA-P256", new="ML-DSA-65")
        document = {"plan_id": name, "name": "x", "policy": "general", "steps": made}
        plans.insert(
            connection, 1, document | {"created_at": datetime.now(UTC).isoformat()},
            actor="tester", idempotency_key=None, request_hash="",
        )  # fmt: skip
    before = shown(server)
    assert result(renew(names=[name], force=True))["renewed"] and shown(server) != before
    with pytest.raises(BadInput, match="did you mean 'web'"):
        renew(names=["webb"])


def test_a_migration_that_waits_is_gone_on_with_after_a_renewal(web, server, renew, migration):
    made = migration(planned(*TYPES, component="web", old="ECDSA-P256", new="ML-DSA-65"), web)
    made.run("s01", "s02", "s03", "s04")
    old_key = (server.key.parent / ".web.migration" / "plan_1.before" / "key.pem").read_bytes()
    before = shown(server)
    assert result(renew(force=True))["renewed"]
    after = shown(server)
    assert after != before
    made.run("s05")
    assert shown(server) == after and made.states() == ["done"] * 5
    left = [path.read_bytes() for path in server.key.parent.rglob("*") if path.is_file()]
    assert old_key not in left, "the classical key is gone"


def test_the_next_certificate_comes_from_the_ca_that_is_named_now(
    migrated, server, renew, declared, connection, store
):
    """As when the CA before it is to retire: its certificate is replaced and revoked all the same."""
    before, other = shown(server), authority(connection, store).certificate_id
    declared(replace(migrated, issuer=other))
    (kept,) = result(renew())["kept"]
    assert "due from" in kept["why"]
    assert result(renew(force=True))["renewed"]
    made = certificates.same(connection, 1, shown(server))
    assert made and made.issuer_id == other
    superseded = certificates.same(connection, 1, before)
    assert superseded and superseded.issuer_id == migrated.issuer and superseded.revoked_at
    former = certificates.find(connection, 1, migrated.issuer)
    assert former and former.key_id and store.needs(former.key_id, "retire") == []


def test_a_certificate_from_elsewhere_is_not_ours_to_renew(web, server, renew):
    (kept,) = result(renew(force=True))["kept"]
    assert "was not issued by" in kept["why"] and not server.key.is_symlink()


def test_a_renewal_that_fails_is_put_back_and_gone_on_with(
    migrated, server, renew, declared, connection, monkeypatch
):
    monkeypatch.setattr("workers.crypto.migration.server.SETTLED_S", 0.5)
    before = shown(server)
    declared(Certificate(
        "web", migrated.certificate, migrated.key, migrated.issuer, migrated.names, reload=("true",),
        probe=migrated.probe,
    ))  # fmt: skip
    with pytest.raises(
        UserError, match=r"web: step s03 failed: .*does not show the new certificate; put back"
    ):
        renew(force=True)
    assert shown(server) == before and server.key.exists()
    declared(migrated)
    connection.execute(
        "UPDATE jobs SET state = 'failed', finished_at = now(), error = '{\"code\": \"user\"}'"
    )
    (told,) = result(renew(job_id="job_10", force=True))["renewed"]
    assert shown(server) != before
    assert len(plans.listing(connection, 1, limit=10)) == 1, "the same plan"
    found = steps.status(connection, 1, told["plan_id"])
    assert found and found["status"] == "completed"


def test_a_renewal_that_was_cut_short_is_gone_on_with(migrated, server, renew, monkeypatch, connection):
    perform = step.perform

    def cut(holder, row, actions, stop):
        if row.step_id == "s04":
            raise Stopped
        return perform(holder, row, actions, stop)

    monkeypatch.setattr(step, "perform", cut)
    with pytest.raises(Stopped):
        renew(force=True)
    monkeypatch.setattr(step, "perform", perform)
    after = shown(server)
    renew(names=["web"], force=True)
    assert shown(server) == after, "the same certificate, not one more"
    (one,) = plans.listing(connection, 1, limit=10)
    assert one["status"] == "completed"


def test_a_standing_job_warns_once_and_tries_again(migrated, server, renew, declared, warned):
    before = shown(server)
    first = renew(every_s=60, within_days=1)
    assert isinstance(first, Snooze) and first.delay_s == 60 and shown(server) == before
    declared(Certificate(
        "web", migrated.certificate, migrated.key, migrated.issuer, migrated.names, check=("false",)
    ))  # fmt: skip
    failed = renew(every_s=60, force=True)
    assert len(warned) == 1 and "renewal of web failed: step s03 failed" in warned[0]
    renew(every_s=60, force=True, payload=failed.payload)
    assert len(warned) == 1, "once"
    declared(replace(migrated, names=()))
    assert renew(every_s=60, force=True, payload=failed.payload).delay_s == 60
    assert "must hold at least one name" in warned[1], "a file of targets amid a change"
    declared(migrated)
    assert isinstance(renew(every_s=60, force=True, payload=failed.payload), Snooze)
    assert shown(server) != before


def test_drift_tells_of_certificates_that_end(migrated, server, monkeypatch):
    before = cast(drift.Seen, probe("127.0.0.1", server.port).document())
    assert drift.look(migrated, before) == []

    def later(days):
        class Then(datetime):
            @classmethod
            def now(cls, tz=None):
                return datetime.now(tz) + timedelta(days=days)

        monkeypatch.setattr(drift, "datetime", Then)
        return [(one.severity, one.text) for one in drift.look(migrated, before)]

    ends = shown(server).not_valid_after_utc
    assert later(70) == [
        ("medium", f"its certificate expires on {ends:%Y-%m-%d %H:%M} UTC: novacron crypto renew")
    ]
    assert later(100) == [("high", f"its certificate expired on {ends:%Y-%m-%d %H:%M} UTC")]
    unseen = Certificate("web", migrated.certificate, migrated.key, migrated.issuer, migrated.names)
    assert [one.severity for one in drift.look(unseen, None)] == ["high"], "by its file"


def test_a_certificate_is_due_in_its_last_third():
    begins = datetime(2026, 1, 1, tzinfo=UTC)
    ends = begins + timedelta(days=90)
    assert renewal.due_from(begins, ends) == begins + timedelta(days=60)
    assert renewal.due_from(begins, ends, timedelta(days=7)) == begins + timedelta(days=83)

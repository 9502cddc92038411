"""The client: submit jobs, follow them, read their results."""

from __future__ import annotations

import time
from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

from novacron._certificates import Certificates
from novacron._job import Job
from novacron._tokens import Tokens
from novacron._transport import flows
from novacron._transport.endpoint import find
from novacron._transport.http import Request, Response
from novacron._transport.socket import Connections
from novacron._transport.stream import Cursor, Event
from novacron.errors import Unavailable
from novacron.inputs.spec import Spec, described
from novacron.tls.handshake import Handshake

if TYPE_CHECKING:
    from novacron.crypto import PublicKey, Recipient

__all__ = ["Client", "Job"]

T = TypeVar("T")


class Client(Certificates, Tokens):
    """A scheduler, seen from outside; threads may share one.

    Args:
        url: the scheduler's address; else NOVACRON_URL, else the embedded stack's. Where several schedulers
            share a database: all of them, with commas between; the next is asked where one does not answer.
        token: the bearer token; else NOVACRON_TOKEN, else the embedded stack's.

    Raises:
        Unreachable: no address is known.
        BadInput: the address is not one, or NOVACRON_TLS or NOVACRON_CA_FILE do not fit it.
    """

    def __init__(self, url: str | None = None, token: str | None = None) -> None:
        self._connections = Connections(find(url, token))

    def __repr__(self) -> str:
        return f"<Client {self.url}>"

    @property
    def url(self) -> str:
        """The scheduler's address; of several the one in use."""
        return self._connections.url

    @property
    def handshake(self) -> Handshake | None:
        """What TLS agreed on for the last request: group, signature, version; None over plain HTTP."""
        return self._connections.handshake

    def submit(self, spec: Spec) -> Job:
        """Submit a job: a spec object, a canonical spec as a dict, or the path of a job file or circuit.

        Raises:
            BadInput: the spec breaks a rule; nothing was written.
            Unavailable: no scheduler answered, or it stayed too busy.
            Denied: the token is not good enough.
        """
        with described(spec) as document:
            return Job(self, self._run(flows.submit(document)))

    def job(self, job_id: str) -> Job:
        """Look up a job.

        Raises:
            NotFound: there is no such job, or it is somebody else's.
        """
        return Job(self, self._run(flows.job(job_id)))

    def jobs(self, *, status: str | None = None, kind: str | None = None, limit: int = 50) -> list[Job]:
        """List the caller's jobs, newest first."""
        return [Job(self, document) for document in self._run(flows.jobs(status, kind, limit))]

    def backends(self) -> list[dict[str, Any]]:
        """List the backends: name, queue, whether available and why not, limits."""
        return self._run(flows.backends())

    def workers(self) -> dict[str, Any]:
        """Describe the ``workers`` and the ``queues``."""
        return self._run(flows.workers())

    def algorithms(self) -> Any:
        """Describe the cryptographic algorithms on offer."""
        return self._run(flows.algorithms())

    def rewrap_envelope(
        self,
        header: bytes,
        key_id: str,
        *,
        add: Sequence[Recipient | PublicKey] = (),
        drop: Collection[str] = (),
        classical: bool = False,
    ) -> bytes:
        """Have an envelope's header re-wrapped with a stored key; the payload stays here.

        Args:
            header: of the envelope, encoded.
            key_id: the stored key that opens it.
            add: who shall be able to open it, too.
            drop: names of recipients that no longer shall.
            classical: let keys pass that a quantum computer breaks.

        Raises:
            NotAuthentic: the envelope was changed, or is not for this key.
            BadInput: nobody would be left.
        """
        return self._run(flows.rewrap_envelope(header, key_id, add, drop, classical))

    def sign_digest(
        self, key_ids: Sequence[str], sha512: str, length: int, *, purpose: str = "document"
    ) -> dict[str, Any]:
        """Sign a content by its SHA-512 and length with two stored keys, one post-quantum and one classical.

        `novacron.crypto.Digest.of` computes them; `novacron.crypto.verify_bundle` verifies the answer.
        """
        return self._run(flows.sign_digest(key_ids, sha512, length, purpose))

    def sign_result(self, job_id: str) -> dict[str, Any]:
        """Return a completed job with its result and receipt, signed; `verify_result` verifies it anywhere.

        Raises:
            Conflict: the job has not completed.
            NotFound: there is no such job, or it is somebody else's.
        """
        return self._run(flows.sign_result(job_id))

    def generate_key(
        self, algorithm: str, *, usage: str | None = None, label: str | None = None
    ) -> dict[str, Any]:
        """Make a key in the store; its private part never leaves there.

        Args:
            algorithm: by the name of its standard, `ML-DSA-65` for instance.
            usage: `sign`, `decrypt` or `decapsulate`; else what the algorithm is for.
            label: what listings call it.
        """
        return self._run(flows.new_key("generate", algorithm=algorithm, usage=usage, label=label))

    def import_key(
        self,
        private_key: str,
        *,
        password: str | None = None,
        usage: str | None = None,
        label: str | None = None,
    ) -> dict[str, Any]:
        """Store a private key given as PKCS#8 in PEM, under a password or not."""
        return self._run(
            flows.new_key("import", private_key=private_key, password=password, usage=usage, label=label)
        )

    def keys(self, *, limit: int = 50) -> list[dict[str, Any]]:
        """List the tenant's keys, newest first."""
        return self._run(flows.keys(limit))

    def key(self, key_id: str) -> dict[str, Any]:
        """Describe a key, with the public keys of all its versions.

        Raises:
            NotFound: there is no such key, or it is somebody else's.
        """
        return self._run(flows.key(key_id))

    def rotate_key(
        self,
        key_id: str,
        *,
        algorithm: str | None = None,
        expected_version: int | None = None,
        dry_run: bool = False,
    ) -> dict[str, Any]:
        """Give a key a new version, of another algorithm where one is named; old versions stay readable.

        Args:
            key_id: which key.
            algorithm: of the new version; None keeps it.
            expected_version: the version in use that this was decided on.
            dry_run: return who needs it and how often and where it was used; change nothing.

        Raises:
            Conflict: another version is in use, the key is retired, or something that is named needs it.
        """
        wanted = {"algorithm": algorithm, "expected_version": expected_version, "dry_run": dry_run}
        return self._run(flows.change_key(key_id, "rotate", **wanted))

    def retire_key(
        self, key_id: str, *, abandon: Sequence[str] = (), dry_run: bool = False
    ) -> dict[str, Any]:
        """End the new use of a key; what it signed or sealed stays readable.

        Args:
            key_id: which key.
            abandon: names of what is given up, though it needs the key.
            dry_run: return who needs it and how often and where it was used; change nothing.

        Raises:
            Conflict: something needs it, which is named.
        """
        return self._run(flows.change_key(key_id, "retire", dry_run=dry_run, abandon=abandon))

    def destroy_key(
        self, key_id: str, *, version: int | None = None, abandon: Sequence[str] = (), dry_run: bool = False
    ) -> dict[str, Any]:
        """Erase the private keys of a retired key, or of one version that is no longer in use.

        Args:
            key_id: which key.
            version: the one to be erased; None is all of them.
            abandon: as for `retire_key`.
            dry_run: as for `retire_key`.

        Raises:
            Conflict: it is in use, or something needs it, which is named.
        """
        wanted = {"version": version, "abandon": abandon, "dry_run": dry_run}
        return self._run(flows.change_key(key_id, "destroy", **wanted))

    def audit_log(self) -> dict[str, Any]:
        """Export the tenant's audit log, signed; `novacron.crypto.audit.verify` checks it."""
        return self._run(flows.audit_log())

    def make_inventory(self, *targets: str, store: bool = False, stack: bool = False) -> Job:
        """Look for cryptography in files, at ``host:port``, in your keys, in the scheduler's connections."""
        return Job(self, self._run(flows.make_inventory(targets, store, stack)))

    def convert_cbom(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """Return an inventory as a CycloneDX 1.7 bill of materials, or the inventory in one."""
        return self._run(flows.convert_cbom(document))

    def assess_migration(
        self,
        inventory: Mapping[str, Any],
        *,
        policies: Sequence[str | Mapping[str, Any]] | None = None,
        **assumptions: Any,
    ) -> dict[str, Any]:
        """Weigh an inventory: what a quantum computer threatens, which rule binds first, what to do first.

        Args:
            inventory: as `crypto inventory` gives it.
            policies: names of policies, or policies written out; else the draft of NIST IR 8547.
            assumptions: `data_lifetime_years`, `migration_years`, `high_value`, `newly_acquired`, `answers`.
        """
        return self._run(flows.assess_migration(inventory, policies=policies, **assumptions))

    def plan_migration(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Make a migration plan and keep it; nothing of it happens before it is executed.

        Args:
            request: `timeline` and `components` or `inventory`, and where wanted `current_algorithms`,
                `target_algorithms`, `risk_tolerance`, `policy`, `name`.

        Raises:
            BadInput: an algorithm does not fit, components depend on each other in a cycle, or the deadline
                cannot be kept; it names the step and the date.
        """
        return self._run(flows.plan_migration(request))

    def migration_plan(self, plan_id: str) -> dict[str, Any]:
        """Look up a migration plan.

        Raises:
            NotFound: there is no such plan, or it is somebody else's.
        """
        return self._run(flows.migration_plan(plan_id))

    def migration_plans(self, *, limit: int = 50) -> list[dict[str, Any]]:
        """List the tenant's migration plans without their steps, newest first."""
        return self._run(flows.migration_plans(limit))

    def migration_policies(self) -> dict[str, Any]:
        """Describe the ``policies``, the ``threat`` and the ``questions`` that assessments go by."""
        return self._run(flows.migration_policies())

    def execute_migration(
        self,
        plan_id: str,
        *,
        approve_retire: bool = False,
        confirm: Sequence[str] = (),
        confirm_all: bool = False,
        until: str | None = None,
        now: bool = False,
        unattended: bool = False,
        abandon: Sequence[str] = (),
        dry_run: bool = False,
    ) -> Job:
        """Carry a migration plan out, or go on with it where it stopped.

        Args:
            plan_id: the stored plan.
            approve_retire: run the steps past which there is no way back, too; else they wait.
            confirm: steps changed by hand that are done: ids, ranges such as ``s03-s09``, components.
            confirm_all: every step changed by hand whose turn it is now is done.
            until: id of the step that this execution ends with.
            now: do not wait for the days on which the plan retires, or in which a canary is watched.
            unattended: have the job go on by itself on these days.
            abandon: names of what is given up, though it needs what a step destroys.
            dry_run: only say what every step would do; it is in the job's result.

        Raises:
            BadInput: the plan has no such step.
            NotFound: there is no such plan.
        """
        wanted = {
            "approve_retire": approve_retire, "confirm": confirm, "confirm_all": confirm_all,
            "until": until, "now": now, "unattended": unattended, "abandon": abandon, "dry_run": dry_run,
        }  # fmt: skip
        return Job(self, self._run(flows.migrate(plan_id, "execute", **wanted)))

    def rollback_migration(self, plan_id: str) -> Job:
        """Put back everything a plan has changed; the job fails past the point of no return."""
        return Job(self, self._run(flows.migrate(plan_id, "rollback")))

    def watch_migration(self, plan_id: str, *, every_s: float | str = 86400.0, renew: bool = False) -> Job:
        """Have a plan's endpoints looked at every so many seconds, until the job is cancelled.

        Args:
            plan_id: a plan that was carried out.
            every_s: between two looks: seconds, or a span such as ``12h``.
            renew: renew its certificates that are due, too.
        """
        return Job(self, self._run(flows.migrate(plan_id, "watch", every_s=every_s, renew=renew)))

    def renew_certificates(
        self,
        *names: str,
        within_days: float | str | None = None,
        force: bool = False,
        dry_run: bool = False,
        every_s: float | str | None = None,
    ) -> Job:
        """Renew the certificates of declared targets that this installation has issued and that are due.

        Args:
            names: targets, or plans or certificates whose targets are meant; none are all that are declared.
            within_days: how long before its end a certificate is due; None is in the last third of its time.
            force: those that are not due, too.
            dry_run: only say which are due; it is in the job's result.
            every_s: look again after so many seconds, until the job is cancelled; None looks once.
        """
        wanted = {"within_days": within_days, "force": force, "dry_run": dry_run, "every_s": every_s}
        return Job(self, self._run(flows.renew_certificates(names, **wanted)))

    def migration_status(self, plan_id: str) -> dict[str, Any]:
        """Describe how far a plan is: its steps with their evidence, and what has drifted since."""
        return self._run(flows.migration_status(plan_id))

    def explain(self, spec: Spec) -> dict[str, Any]:
        """Describe how a job would run (tasks, queue and why, estimate) without submitting it."""
        with described(spec) as document:
            return self._run(flows.explain(document))

    def version(self) -> str:
        """Return the scheduler's version."""
        return self._run(flows.version())

    def readiness(self) -> dict[str, Any]:
        """Describe whether the scheduler is ``ready`` to run jobs, and what is missing where it is not."""
        return self._run(flows.readiness())

    def close(self) -> None:
        """Close idle connections; the client may still be used."""
        self._connections.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(self, flow: Generator[Request, Response, T]) -> T:
        return self._connections.run(flow)

    def _events(self, cursor: Cursor) -> Iterator[Event]:
        while not cursor.done:
            try:
                with self._connections.stream(cursor.request()) as (status, chunks):
                    cursor.opened(status)
                    for chunk in chunks:
                        yield from cursor.accept(chunk)
                        if cursor.done:
                            return
                cursor.ended()
            except Unavailable as failure:
                time.sleep(cursor.pause_s(failure))

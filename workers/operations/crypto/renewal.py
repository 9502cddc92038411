"""Renewal of certificates issued by migrations: once, or periodically."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from novacron.errors import BadInput, nearest
from novacron.json_types import JsonObject
from novacron.specs import Spec
from novacron.specs.crypto.migration import RenewCertificates
from shared.db.crypto import plans
from shared.db.crypto.steps import HeldError, Holder
from workers.crypto.migration import binding, renewal, targets
from workers.crypto.migration.renewal import Held
from workers.crypto.migration.served import Certified
from workers.crypto.migration.targets import Target
from workers.crypto.pki.authority import Authority
from workers.runtime.context import Context
from workers.runtime.outcome import Done, Snooze, UserError

BUSY_S = 1.0
"""Seconds until a target locked by another job is tried again."""
OPERATION = "renew_certificates"


@dataclass
class Outcome:
    """Result of one pass over all certificates.

    Attributes:
        renewed: with their plans.
        kept: those that are not due, and those issued elsewhere, with the reason.
        failed: target -> why.
        busy: targets locked by other jobs.
    """

    renewed: list[Mapping[str, str | None]] = field(default_factory=list)
    kept: list[dict[str, str]] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    busy: list[str] = field(default_factory=list)

    def document(self) -> JsonObject:
        """Return the plain JSON form."""
        return {"operation": OPERATION, "renewed": self.renewed, "kept": self.kept, "failed": self.failed}


def renew(context: Context[RenewCertificates]) -> Done | Snooze:
    """Renew what is due; with `every_s`, repeat at this interval until the job is cancelled.

    Raises:
        UserError: a certificate could not be renewed; with `every_s` this is a warning, and is retried.
        BadInput: a name is no target, plan or certificate.
    """
    every_s = context.spec.every_s
    try:
        made = _looked(context)
    except BadInput as error:  # a standing job survives a file of targets that is being edited
        if not context.payload:
            raise
        made = Outcome(failed={"targets": str(error)})
    if every_s is not None:
        failures = {f"renewal of {name} failed: {why}" for name, why in made.failed.items()}
        for text in sorted(failures - set(context.payload.get("failed", ()))):
            context.warn(text)
        return Snooze(BUSY_S if made.busy else every_s, {"failed": sorted(failures)})
    if made.failed:
        raise UserError("; ".join(f"{name}: {why}" for name, why in made.failed.items()))
    return Snooze(BUSY_S, context.payload) if made.busy else Done(made.document())


def _looked(context: Context[RenewCertificates]) -> Outcome:
    spec, declared = context.spec, targets.declared(context)
    within = None if spec.within_days is None else timedelta(days=spec.within_days)
    wanted = chosen(context, spec.names, declared)
    return look(context, wanted, declared, within=within, force=spec.force, dry_run=spec.dry_run)


def chosen(context: Context[Spec], names: Iterable[str], declared: Mapping[str, Target]) -> list[Certified]:
    """Return the targets with certificates selected by name, by plan or by certificate; by default all.

    Raises:
        BadInput: a name is none of these.
    """
    known = {name: one for name, one in declared.items() if isinstance(one, Certified) and one.certificate}
    found: dict[str, Certified] = {}
    for position, name in enumerate(names):
        meant = _meant(context, name, declared, known)
        if not meant:
            close = nearest(name, known)
            raise BadInput(
                "is no declared target with a certificate, no plan with one, and no certificate of one",
                field=f"names[{position}]", value=name, hint=f"did you mean {close!r}?" if close else None,
            )  # fmt: skip
        found |= {one.name: one for one in meant}
    return list((found or known).values())


def _meant(
    context: Context[Spec], name: str, declared: Mapping[str, Target], known: Mapping[str, Certified]
) -> list[Certified]:
    if name in known:
        return [known[name]]
    origin = context.origin
    plan = plans.find(origin.database(), origin.tenant_id, name)
    if plan:
        bound = binding.bound(plan["steps"], declared).values()
        return [known[one.name] for one in bound if one.name in known]
    authority = Authority.of(context)
    return [one for one in known.values() if _certificate(authority, one) == name]


def _certificate(authority: Authority, target: Certified) -> str | None:
    try:
        return renewal.held(authority, target, None).certificate_id
    except UserError:
        return None


def due(context: Context[Spec], watched: Iterable[Target], declared: Mapping[str, Target]) -> dict[str, str]:
    """Renew what is due among the certificates watched for a plan; return failures with their reasons."""
    wanted = [one for one in watched if isinstance(one, Certified) and one.certificate]
    return look(context, wanted, declared).failed


def look(
    context: Context[Spec],
    wanted: Iterable[Certified],
    declared: Mapping[str, Target],
    *,
    within: timedelta | None = None,
    force: bool = False,
    dry_run: bool = False,
) -> Outcome:
    """Check every certificate, and renew those that are due.

    Args:
        context: context of the job's task.
        wanted: the targets whose certificates are checked.
        declared: all declared targets.
        within: how long before its end a certificate is due; None is in the last third of its validity.
        force: also renew those that are not due.
        dry_run: only report which are due.
    """
    made, authority = Outcome(), Authority.of(context)
    for target in wanted:
        context.checkpoint()
        moment = renewal.now()
        try:
            one = renewal.held(authority, target, within)
        except UserError as error:
            made.kept.append({"target": target.name, "why": str(error)})
            continue
        if not (force or one.is_due(moment)):
            made.kept.append(_told(one) | {"why": one.words(moment)})
        elif dry_run:
            made.renewed.append({**_told(one), "plan_id": None, "why": one.words(moment)})
        else:
            _renew(context, one, declared, made)
    return made


def _told(one: Held) -> dict[str, str]:
    return {
        "target": one.target, "certificate_id": one.certificate_id, "algorithm": one.algorithm,
        "not_after": one.ends.isoformat(),
    }  # fmt: skip


def _renew(context: Context[Spec], one: Held, declared: Mapping[str, Target], made: Outcome) -> None:
    origin, authority = context.origin, Authority.of(context)

    def holder_of(plan_id: str) -> Holder:
        return Holder(origin.database(), plan_id, origin.tenant_id, origin.job_id, origin.submitted_by)

    try:
        holder = renewal.begin(holder_of, one, renewal.now())
        done = renewal.carry_out(holder, declared, context.checkpoint)
    except (UserError, HeldError) as error:
        made.failed[one.target] = str(error)
        return
    if not done:
        made.busy.append(one.target)
        return
    target = declared[one.target]
    assert isinstance(target, Certified)
    fresh = renewal.held(authority, target, None)
    context.note(f"renewed {one.target}: {fresh.certificate_id} instead of {one.certificate_id}")
    made.renewed.append(_told(fresh) | {"plan_id": holder.plan_id, "instead_of": one.certificate_id})

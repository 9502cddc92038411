"""Execution, rollback and monitoring of migration plans."""

from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field

from novacron.roles import Role
from novacron.specs.base import YEAR_S, Spec, distinct
from novacron.specs.crypto.keys import Abandoned
from novacron.specs.duration import Days, Seconds
from novacron.specs.scalars import Flag, Identifier, Label


class ExecuteMigration(Spec):
    """Execute a plan, or resume its execution.

    Attributes:
        plan_id: the stored plan.
        approve_retire: whether irreversible steps may run; otherwise they wait.
        confirm: manual steps that are done: ids, ranges such as `s03-s09`, or components for all steps of
            each. Those not named wait.
        confirm_all: confirm every manual step that is due now.
        until: id of the last step of this execution, in the plan's order.
        now: do not wait for the plan's retirement dates or for canary monitoring periods.
        unattended: let the job continue by itself on these dates; it occupies no worker until then.
        abandon: names of objects to abandon, although they depend on what a step destroys.
        dry_run: report what every step would do, and do nothing.
    """

    role: ClassVar[Role] = "admin"

    kind: Literal["cryptographic"] = "cryptographic"
    operation: Literal["execute_migration"] = "execute_migration"
    plan_id: Identifier
    approve_retire: Flag = False
    confirm: Annotated[tuple[Label, ...], Field(max_length=1000), AfterValidator(distinct)] = ()
    confirm_all: Flag = False
    until: Identifier | None = None
    now: Flag = False
    unattended: Flag = False
    abandon: Abandoned = ()
    dry_run: Flag = False


class RollbackMigration(Spec):
    """Roll back every change that a plan has made, the newest step first.

    Attributes:
        plan_id: the stored plan.
    """

    role: ClassVar[Role] = "admin"

    kind: Literal["cryptographic"] = "cryptographic"
    operation: Literal["rollback_migration"] = "rollback_migration"
    plan_id: Identifier


class WatchMigration(Spec):
    """Check periodically whether a plan's endpoints still offer what it configured.

    The job ends when it is cancelled. It occupies no worker between checks.

    Attributes:
        plan_id: an executed plan.
        every_s: interval between checks in seconds.
        renew: whether certificates of the plan that are due are also renewed.
    """

    role: ClassVar[Role] = "admin"

    kind: Literal["cryptographic"] = "cryptographic"
    operation: Literal["watch_migration"] = "watch_migration"
    plan_id: Identifier
    every_s: Annotated[Seconds, Field(ge=1, le=YEAR_S)] = 86400.0
    renew: Flag = False


class RenewCertificates(Spec):
    """Renew certificates of declared targets that this installation has issued and that are due.

    Attributes:
        names: targets, or plans or certificates whose targets are meant; none selects all declared targets.
        within_days: remaining days at which a certificate is due; None: in the last third of its validity.
        force: renew those that are not due, too.
        dry_run: only report which are due.
        every_s: repeat at this interval in seconds until the job is cancelled; None runs once.
    """

    role: ClassVar[Role] = "admin"

    kind: Literal["cryptographic"] = "cryptographic"
    operation: Literal["renew_certificates"] = "renew_certificates"
    names: Annotated[tuple[Label, ...], Field(max_length=1000), AfterValidator(distinct)] = ()
    within_days: Annotated[Days, Field(ge=0, le=36525)] | None = None
    force: Flag = False
    dry_run: Flag = False
    every_s: Annotated[Seconds, Field(ge=1, le=YEAR_S)] | None = None

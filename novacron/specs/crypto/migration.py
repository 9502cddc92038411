"""Carrying out a migration plan, taking it back, and watching over what it left."""

from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field

from novacron.roles import Role
from novacron.specs.base import YEAR_S, Spec, distinct
from novacron.specs.crypto.keys import Abandoned
from novacron.specs.duration import Days, Seconds
from novacron.specs.scalars import Flag, Identifier, Label


class ExecuteMigration(Spec):
    """Carry out a plan, or go on with one that was begun.

    Attributes:
        plan_id: the stored plan.
        approve_retire: whether steps past the point of no return may run; without it they wait.
        confirm: steps changed by hand that are done: ids, ranges such as `s03-s09`, or components for all
            steps of each. Those not named wait.
        confirm_all: every step changed by hand whose turn it is now is done.
        until: id of the step that this execution ends with, in the plan's order.
        now: do not wait for the days on which the plan retires, nor for those in which a canary is watched.
        unattended: the job goes on by itself on these days, and holds no worker until then.
        abandon: names of what is given up, though it needs what a step destroys.
        dry_run: say what every step would do, and do nothing.
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
    """Put back everything a plan has changed, the newest step first.

    Attributes:
        plan_id: the stored plan.
    """

    role: ClassVar[Role] = "admin"

    kind: Literal["cryptographic"] = "cryptographic"
    operation: Literal["rollback_migration"] = "rollback_migration"
    plan_id: Identifier


class WatchMigration(Spec):
    """Look again and again whether the endpoints of a plan still offer what it left them with.

    The job ends when it is cancelled. It holds no worker between two looks.

    Attributes:
        plan_id: a plan that was carried out.
        every_s: seconds between two looks.
        renew: whether certificates of the plan that are due are renewed, too.
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
        names: targets, or plans or certificates whose targets are meant; none are all that are declared.
        within_days: how long before its end a certificate is due; None is in the last third of its time.
        force: renew those that are not due, too.
        dry_run: only say which are due.
        every_s: look again after so many seconds, until the job is cancelled; None looks once.
    """

    role: ClassVar[Role] = "admin"

    kind: Literal["cryptographic"] = "cryptographic"
    operation: Literal["renew_certificates"] = "renew_certificates"
    names: Annotated[tuple[Label, ...], Field(max_length=1000), AfterValidator(distinct)] = ()
    within_days: Annotated[Days, Field(ge=0, le=36525)] | None = None
    force: Flag = False
    dry_run: Flag = False
    every_s: Annotated[Seconds, Field(ge=1, le=YEAR_S)] | None = None

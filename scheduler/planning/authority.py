"""Authorization beyond endpoints: priorities, and files on the workers' machines."""

from __future__ import annotations

from novacron.errors import BadInput, Forbidden
from novacron.specs import Spec
from novacron.specs.crypto.inventory import MakeInventory
from shared import priorities
from shared.crypto import roots
from shared.db.tenants import Standing
from shared.db.tokens import Bearer
from shared.settings import Settings


def check(spec: Spec, who: Bearer, settings: Settings) -> None:
    """Check whether a caller may submit a job.

    Raises:
        Forbidden: the role does not permit it.
        BadInput: its priority is above the role's limit.
    """
    if not who.may(spec.needed_role):
        raise Forbidden(
            f"this operation needs the role {spec.needed_role}, and the token {who.name!r} has {who.role}"
        )
    most = priorities.ceilings(settings.priority_ceilings)[who.role]
    if spec.priority > most:
        raise BadInput(
            f"must be at most {most} with the role {who.role}", field="priority", value=spec.priority,
            hint="the operator sets the ceilings in NOVACRON_PRIORITY_CEILINGS",
        )  # fmt: skip
    if isinstance(spec, MakeInventory) and spec.paths:
        _check_files(who, settings)


def _check_files(who: Bearer, settings: Settings) -> None:
    # Only the workers know an operator's folders; they check each path again.
    folders = roots.granted(settings.inventory_roots, Standing(who.tenant, who.role))
    if not folders and not who.may("operator"):
        raise Forbidden(
            f"no folder of the workers' machine is the tenant {who.tenant!r}'s to look at: the operator"
            f" grants one by {who.tenant}=/folder in NOVACRON_INVENTORY_ROOTS"
        )

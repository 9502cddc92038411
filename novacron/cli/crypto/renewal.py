"""`crypto renew`: renewal of certificates that migrations have issued, before they expire."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from novacron.cli import output
from novacron.cli.crypto.execution import finish

if TYPE_CHECKING:
    from collections.abc import Mapping


def renew(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME]...",
            help="Targets, plans or certificates to renew; all declared targets if omitted.",
        ),
    ] = None,
    within: Annotated[
        str | None,
        typer.Option(
            metavar="DAYS",
            help="Days, or a duration, before expiry when due; a third of the validity if omitted.",
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Also renew certificates that are not due.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show which certificates are due, without renewing them.")
    ] = False,
    every: Annotated[
        str | None,
        typer.Option(
            metavar="TIME",
            help="Repeat at this interval: seconds, or a duration such as 12h; once if omitted.",
        ),
    ] = None,
    as_json: output.AsJson = False,
) -> None:
    """Renew due certificates with new keys; install both and verify them by a TLS handshake."""
    job = output.client().certificates.renew(
        *(names or ()), within_days=within, force=force, dry_run=dry_run, every_s=every
    )
    if every is not None:
        if as_json:
            return output.emit(job.document)
        pause_s = job.document["spec"]["every_s"]
        return output.say(f"job {job.id} checks every {pause_s:g} s; stop it with: novacron cancel {job.id}")
    finish(job, as_json)
    if not as_json:
        _show(job.document["result"], dry_run)


def _show(found: Mapping[str, Any], dry_run: bool) -> None:
    for one in found["renewed"]:
        if dry_run:
            output.say(f"{one['target']}: {one['why']}: would be renewed")
        else:
            output.say(
                f"{one['target']}: renewed, {one['certificate_id']} is valid until {one['not_after']}"
                f" (plan {one['plan_id']})"
            )
    for one in found["kept"]:
        output.say(f"{one['target']}: {one['why']}")
    if not found["renewed"] and not found["kept"]:
        output.say("no target with a certificate is declared")

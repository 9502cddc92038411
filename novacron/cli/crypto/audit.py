"""`crypto audit`: the audit log, and its verification."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from novacron.cli import output
from novacron.cli.crypto.keyfiles import document
from novacron.errors import NotAuthentic

app = typer.Typer(help="Inspect, export and verify the audit log.", no_args_is_help=True)


@app.command("list")
def list_(
    limit: Annotated[int, typer.Option(min=1, help="Maximum number of entries, the newest.")] = 50,
    as_json: output.AsJson = False,
) -> None:
    """List the audit log, oldest first."""
    found = output.client().audit.export()["entries"][-limit:]
    if as_json:
        return output.emit({"entries": found})
    from novacron.cli import tables

    output.console().print(tables.audit(found))


@app.command()
def export(
    file: Annotated[Path, typer.Option("-o", "--output", metavar="LOG.json", help="Output file.")],
    force: output.Force = False,
) -> None:
    """Export the whole audit log with its signature, for offline verification."""
    destination = output.destination(file, force)
    log = output.client().audit.export()
    destination.write(json.dumps(log, indent=1).encode() + b"\n")
    output.notice(f"{len(log['entries'])} entries in {file}")


@app.command()
def verify(
    file: Annotated[
        Path | None, typer.Argument(metavar="LOG.json", help="Exported log; the scheduler's log if omitted.")
    ] = None,
    key: Annotated[
        Path | None, typer.Option(metavar="KEY.pem", help="File of the trusted public key.")
    ] = None,
    as_json: output.AsJson = False,
) -> None:
    """Verify the log's hash chain and signature; exit status 1 if invalid or the key is not trusted.

    A log fetched from the scheduler may be verified with its own key; a log from a file may not.
    """
    from novacron.crypto import audit

    log = document(file) if file else output.client().audit.export()
    verdict = audit.verify(log)
    trusted = file is None and key is None
    if key is not None:
        from novacron.crypto import keys

        trusted = keys.PublicKey.from_pem(keys.read(key)).fingerprint == verdict.fingerprint
    if as_json:
        output.emit({
            "entries": verdict.n_entries, "signed": verdict.n_signed, "good": verdict.good,
            "why": verdict.why, "fingerprint": verdict.fingerprint, "trusted": trusted,
        })  # fmt: skip
    if not verdict.good:
        raise NotAuthentic(f"the log is invalid: {verdict.why}")
    if not trusted:
        raise _unknown(verdict.fingerprint, key)
    if not as_json:
        output.say(f"{verdict.n_entries} entries are valid, signed by {verdict.fingerprint}")


def _unknown(fingerprint: str, key: Path | None) -> NotAuthentic:
    if key is not None:
        return NotAuthentic(f"the log is signed by {fingerprint}, not by the key in {key}")
    return NotAuthentic(
        f"the log is valid and signed by {fingerprint}: name the key you trust with --key"
        " (`novacron crypto keys export` prints it)"
    )

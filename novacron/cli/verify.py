"""`verify`: local verification of a signed result."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from novacron.cli import output
from novacron.cli.crypto.keyfiles import document


def verify(
    file: Annotated[
        Path,
        typer.Argument(metavar="RESULT.json", help="Signed result, written by `result ID --json --sign`."),
    ],
    keys: Annotated[
        list[str] | None,
        typer.Option(
            "--key",
            metavar="KEY",
            help="File of a trusted public key, repeatable; the trusted keys of the data folder if omitted.",
        ),
    ] = None,
    as_json: output.AsJson = False,
) -> None:
    """Verify offline that a signed result is unchanged and signed by a trusted key."""
    from novacron.crypto import results

    found = results.verify_result(document(file))
    trusted = results.trusted(found, _trusted(keys or []))
    if as_json:
        return output.emit(
            {
                "verified": True,
                "key_id": trusted.key_id,
                "algorithm": trusted.key.algorithm,
                "fingerprint": trusted.key.fingerprint,
                "signed_at": trusted.signed_at,
            }
        )
    output.say(f"good: signed {trusted.signed_at} with {trusted.key.algorithm} ({trusted.key.fingerprint})")


def _trusted(names: list[str]) -> list[Any]:
    from novacron._transport.endpoint import data_folder
    from novacron.cli.crypto.keyfiles import public_key
    from novacron.crypto.trust import trusted_keys

    return [public_key(name) for name in names] or trusted_keys(data_folder())

"""`crypto sign` and `crypto verify`: hybrid signatures of files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from novacron.cli import output
from novacron.cli.crypto.keyfiles import document, is_stored, private_key, public_key, secret
from novacron.errors import BadInput

File = Annotated[Path, typer.Argument(metavar="FILE", help="Signed file.")]
Purpose = Annotated[
    str, typer.Option(help="Purpose bound into the signature; must be the same in verification.")
]
Draft = Annotated[
    bool, typer.Option("--draft", help="Use a composite signature (IETF draft) with one composite key.")
]


def sign(
    file: File,
    keys: Annotated[
        list[str],
        typer.Option(
            "--key", metavar="KEY", help="Signing key: id of a stored key or file of a private key; give two."
        ),
    ],
    out: Annotated[
        Path, typer.Option("-o", "--output", metavar="SIGNATURE", help="Signature file to write.")
    ],
    purpose: Purpose = "document",
    draft: Draft = False,
    force: output.Force = False,
    strict: output.Strict = False,
) -> None:
    """Sign a file with two keys, one post-quantum and one classical."""
    from novacron.crypto.files import reading

    destination = output.destination(out, force)
    with reading(file) as source:
        signature = _composite(source, keys, strict) if draft else _bundle(source, keys, purpose, strict)
    destination.write(signature)


def verify(
    file: File,
    signature: Annotated[
        Path, typer.Argument(metavar="SIGNATURE", help="Signature file, written by `crypto sign`.")
    ],
    keys: Annotated[
        list[str],
        typer.Option(
            "--key", metavar="KEY", help="Trusted public key: file or id of a stored key; give both."
        ),
    ],
    purpose: Purpose = "document",
    draft: Draft = False,
) -> None:
    """Verify a file's hybrid signature by two trusted keys."""
    from novacron.crypto import verify_bundle
    from novacron.crypto.files import reading

    with reading(file) as source:
        if draft:
            _verify_composite(source, signature, keys)
            return output.say("good")
        bundle, trusted = document(signature), [public_key(name) for name in keys]
        statement = verify_bundle(source, bundle, trusted, purpose=purpose)
    signers = " and ".join(f"{one['algorithm']} ({one['key_id']})" for one in statement["signers"])
    output.say(f"good: signed {statement['signed_at']} with {signers}")


def _bundle(source: Any, names: list[str], purpose: str, strict: bool) -> bytes:
    from novacron.crypto import Digest, sign

    if len(names) != 2:
        raise BadInput("a signature takes two keys, one post-quantum and one classical", field="--key")
    if all(is_stored(name) for name in names):
        digest = Digest.of(source)
        found: dict[str, Any] = output.client().envelopes.sign_digest(
            names, digest.sha512, digest.length, purpose=purpose
        )
    elif any(is_stored(name) for name in names):
        raise BadInput("one key is stored, the other a file: both must be in one place", field="--key")
    else:
        found = sign(source, [private_key(name, strict) for name in names], purpose=purpose)
    return json.dumps(found, indent=2).encode() + b"\n"


def _composite(source: Any, names: list[str], strict: bool) -> bytes:
    from novacron.crypto import composite, composite_keys

    algorithm, private = composite_keys.read_private(secret(_only(names), strict))
    return composite.sign(algorithm, private, source, draft=True)


def _verify_composite(source: Any, signature: Path, names: list[str]) -> None:
    from novacron.crypto import composite, composite_keys
    from novacron.crypto.keys import read

    algorithm, public = composite_keys.read_public(read(_only(names)))
    composite.verify(algorithm, public, source, read(signature), draft=True)


def _only(names: list[str]) -> str:
    if len(names) != 1 or is_stored(names[0]):
        raise BadInput("a composite signature takes one key, in a file", field="--key")
    return names[0]

"""`crypto encrypt`, `decrypt`, `rewrap` and `inspect`: envelopes in files and pipes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from novacron.cli import output
from novacron.cli.crypto.keyfiles import is_stored, opening_key, recipient
from novacron.cli.output import PIPE
from novacron.destination import SECRET
from novacron.errors import BadInput, NotAuthentic

if TYPE_CHECKING:
    from novacron.crypto import Header, Recipient

SUFFIX = ".ncrypt"

Source = Annotated[Path, typer.Argument(metavar="FILE", help="Input file; - for standard input.")]
To = Annotated[
    list[str],
    typer.Option(
        "--to", metavar="KEY", help="Recipient: id of a stored key or file of a public key; repeatable."
    ),
]
Key = Annotated[
    str | None,
    typer.Option(
        metavar="KEY",
        help="Private key: file or id of a stored key; the stored key named in the envelope if omitted.",
    ),
]
Output = Annotated[
    Path | None, typer.Option("-o", "--output", metavar="FILE", help="Output file; - for standard output.")
]
Context = Annotated[
    str, typer.Option(help="Context bound to the envelope; the same text is required for decryption.")
]
Classical = Annotated[
    bool, typer.Option("--classical", help="Allow recipients with quantum-vulnerable keys.")
]


def encrypt(
    file: Source,
    to: To,
    out: Output = None,
    profile: Annotated[
        str | None, typer.Option(help="Required profile of the recipients' keys: default, high or cnsa.")
    ] = None,
    context: Context = "",
    classical: Classical = False,
    force: output.Force = False,
) -> None:
    """Encrypt a file for one or more recipients; the default output is FILE.ncrypt."""
    from novacron.crypto import envelope

    recipients = [recipient(name) for name in to]
    _check_profile(profile, recipients)
    destination = output.destination(out or _named(file), force, mode=SECRET)
    with _read(file) as source, destination.writing() as target:
        header = envelope.seal(source, target, recipients, context=context, classical=classical)
    output.notice(f"sealed for {', '.join(header.key_ids)}")
    output.told(destination)


def decrypt(
    file: Source,
    out: Output = None,
    key: Key = None,
    context: Context = "",
    force: output.Force = False,
    strict: output.Strict = False,
) -> None:
    """Decrypt a file; the output file appears only after all of it is authenticated."""
    from novacron.crypto import PrivateKey, envelope

    destination = output.destination(out or _unnamed(file), force, mode=SECRET)
    if destination.is_stream:
        output.notice("trust the output only if this command exits with status 0")
    with _read(file) as source, destination.writing() as opened:
        if key and not is_stored(key):
            envelope.open_(source, opened, opening_key(key, strict), context=context)
        else:
            once = PrivateKey.generate()
            envelope.open_(
                source, opened, once, context=context,
                rewrapped=lambda header: _in_store(
                    header, key, [envelope.Recipient(once.public)], header.key_ids
                ),
            )  # fmt: skip
    output.told(destination)


def rewrap(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Envelope, changed in place.")],
    to: Annotated[
        list[str] | None,
        typer.Option(
            "--to",
            metavar="KEY",
            help="Recipient to add: id of a stored key or file of a public key; repeatable.",
        ),
    ] = None,
    drop: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Recipient to remove: key id from `crypto inspect`; repeatable."),
    ] = None,
    key: Key = None,
    classical: Classical = False,
    strict: output.Strict = False,
) -> None:
    """Add or remove recipients of an envelope without re-encrypting its payload."""
    from novacron.crypto import envelope, header_of, replace_header

    added = [recipient(name) for name in to or []]
    with _naming(file):
        header = header_of(file)
    if unknown := sorted({*(drop or [])} - {*header.key_ids}):
        raise BadInput(f"is not a recipient: {', '.join(header.key_ids)}", field="--drop", value=unknown[0])
    if key and not is_stored(key):
        new = envelope.rewrap(
            header, opening_key(key, strict), add=added, drop=drop or [], classical=classical
        )
    else:
        new = _in_store(header, key, added, drop or [], classical)
    replace_header(file, new)
    output.notice(f"sealed for {', '.join(new.key_ids)}")


def inspect(file: Source, as_json: output.AsJson = False) -> None:
    """Show an envelope's header without verifying it."""
    from novacron.crypto import Header

    with _read(file) as source:
        header = Header.read(source)
    shown = {
        "envelope_id": header.preamble.envelope_id.hex(),
        "payload": "AES-256-GCM in chunks of 64 KiB",
        "context_sha384": header.preamble.context_hash.hex(),
        "recipients": [
            {"key_id": one.key_id, "suite": one.suite.name if one.suite else list(one.suite_ids)}
            for one in header.stanzas
        ],
    }
    if as_json:
        return output.emit(shown)
    output.say(f"envelope {shown['envelope_id']}, {shown['payload']}")
    for one in header.stanzas:
        output.say(f"  {one.suite.name if one.suite else one.suite_ids}  {one.key_id}")


def _in_store(
    header: Header,
    key: str | None,
    add: list[Recipient],
    drop: tuple[str, ...] | list[str],
    classical: bool = False,
) -> Header:
    """Return the header, rewrapped by a worker that holds the key."""
    from novacron.crypto import Header

    stored = [name.partition("/")[0] for name in header.key_ids if is_stored(name.partition("/")[0])]
    if not (key or stored):
        raise BadInput("the envelope names no stored key", field="--key", hint="name the private key's file")
    return Header.decode(
        output.client().envelopes.rewrap(
            header.encode(), key or stored[0], add=add, drop=drop, classical=classical
        )
    )


def _check_profile(profile: str | None, recipients: list[Recipient]) -> None:
    from novacron.crypto.suites import PROFILES

    if profile is None:
        return
    if profile not in PROFILES:
        raise BadInput(f"must be one of {', '.join(PROFILES)}", field="--profile", value=profile)
    for one in recipients:
        if one.public.algorithm != PROFILES[profile]:
            raise BadInput(
                f"the profile {profile} takes keys of {PROFILES[profile]}",
                field="--to", value=f"{one.name} ({one.public.algorithm})",
            )  # fmt: skip


def _named(file: Path) -> Path:
    return PIPE if file == PIPE else file.with_name(file.name + SUFFIX)


def _unnamed(file: Path) -> Path:
    if file == PIPE:
        return PIPE
    if file.suffix != SUFFIX:
        raise BadInput(f"is required for a file that does not end with {SUFFIX}", field="--output")
    return file.with_suffix("")


@contextmanager
def _read(path: Path) -> Iterator[BinaryIO]:
    from novacron.crypto.files import reading

    if path == PIPE:
        yield sys.stdin.buffer
    else:
        with reading(path) as file, _naming(path):
            yield file


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Attribute errors raised in the block to this file."""
    try:
        yield
    except NotAuthentic as error:
        raise NotAuthentic(f"{path}: {error}") from error

"""Keys named on the command line: ids of stored keys, or local files."""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from novacron.cli import output
from novacron.destination import SECRET
from novacron.errors import BadInput, Conflict

if TYPE_CHECKING:
    from novacron.crypto import PrivateKey, PublicKey, Recipient

Key = TypeVar("Key")
PASSWORD = "NOVACRON_KEY_PASSWORD"
_STORED = re.compile(r"key_[0-9A-Z]{26}")


def keyfile(
    path: Annotated[
        Path,
        typer.Option("-o", "--output", metavar="FILE", help="Private key file to write, for example me.pem."),
    ],
    algorithm: Annotated[
        str, typer.Argument(help="Algorithm, for example X-Wing, ML-DSA-65 or Ed25519.")
    ] = "X-Wing",
    draft: Annotated[bool, typer.Option(help="Allow composite signature keys (IETF draft).")] = False,
    password: Annotated[
        bool, typer.Option(help="Encrypt the private key with a password; not for composite keys.")
    ] = False,
    public: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Public key file to write; me.pub.pem beside the private key me.pem if omitted.",
        ),
    ] = None,
    force: output.Force = False,
) -> None:
    """Generate a key pair on this machine, in files such as me.pem and me.pub.pem."""
    from novacron.crypto import PrivateKey

    ours = output.destination(path, force, mode=SECRET, kept=SECRET)
    if ours.is_stream and public is None:
        raise BadInput("is needed where the private key goes into a stream", field="--public")
    theirs = output.destination(public or public_path(path), force, field="--public")
    if algorithm.startswith("id-"):
        from novacron.crypto import composite_keys

        (text, private), name = composite_keys.generate_pem(algorithm, draft=draft), algorithm
    else:
        key = PrivateKey.generate(algorithm)
        private, text = key.pem(_new_password() if password else None), key.public.pem()
        name = key.public.fingerprint
    with ours.writing() as secret, theirs.writing() as shared:
        secret.write(private.encode())
        shared.write(text.encode())
    output.notice(f"the private key is in {ours.name}, the public one in {theirs.name}")
    if not ours.is_stdout and not theirs.is_stdout:
        output.say(name)


def public_path(path: Path) -> Path:
    """Return the path of a key file's public half."""
    return path.with_name(path.name.removesuffix(".pem") + ".pub.pem")


def is_stored(name: str) -> bool:
    """Return whether a name is the id of a stored key."""
    return _STORED.fullmatch(name) is not None


def recipient(name: str) -> Recipient:
    """Return a recipient: a stored key by its id, or a file with a public key.

    Raises:
        BadInput: the file holds none, or one that cannot encrypt.
        NotFound: there is no such stored key.
        Conflict: it is retired or destroyed.
    """
    from novacron.crypto import Recipient
    from novacron.crypto.suites import suite_of

    if is_stored(name):
        found = output.client().keys.get(name)
        if found["state"] != "active":
            raise Conflict(f"key {name} is {found['state']}: nothing new is sealed for it")
        return Recipient(_of_document(found), f"{name}/{found['version']}")
    public = public_key(name)
    with _naming(name):
        suite_of(public.algorithm)
    return Recipient(public)


def public_key(name: str) -> PublicKey:
    """Return a public key: a stored key by its id, or from a file (PEM, or the output of `keys show --json`).

    Raises:
        BadInput: the file holds none.
        NotFound: there is no such stored key.
    """
    from novacron.crypto import PublicKey
    from novacron.crypto.keys import read

    if is_stored(name):
        return _of_document(output.client().keys.get(name))
    data = read(name)
    with _naming(name):
        try:
            if data.lstrip().startswith(b"{"):
                return _of_document(json.loads(data))
            return PublicKey.from_pem(data)
        except (ValueError, KeyError, TypeError):
            raise BadInput("is not a public key") from None


def private_key(name: str, strict: bool) -> PrivateKey:
    """Return the private key in a file, prompting for its password if it is encrypted.

    Raises:
        BadInput: the file holds none, or the password is wrong; `strict`: others can read it.
    """
    from novacron.crypto import PrivateKey

    return _read(name, strict, PrivateKey.from_pem)


def opening_key(name: str, strict: bool) -> PrivateKey:
    """Return the private key in a file, of an algorithm for envelopes; raises as `private_key`."""
    from novacron.crypto import keys

    return _read(name, strict, keys.opening_key)


def signing_key(name: str, strict: bool) -> Any:
    """Return the library's signing key in a file, of any signature algorithm; raises as `private_key`."""
    from novacron.crypto import keys

    return _read(name, strict, keys.signing_key)


def secret(name: str, strict: bool) -> bytes:
    """Return the content of a private key's file; warn if others can read or change it.

    Raises:
        BadInput: it cannot be read; `strict`: others can access it.
    """
    from novacron import secret_file
    from novacron.crypto.files import reading
    from novacron.crypto.private_keys import LARGEST_BYTES, is_public

    with reading(name) as file:
        data = file.read(LARGEST_BYTES + 1)
        if not is_public(data):  # a public key may be readable, and is refused for what it is
            secret_file.check(file, name, strict=strict, warn=output.notice)
        return data


def _read(name: str, strict: bool, reader: Callable[[bytes, str | None], Key]) -> Key:
    """Return a reader's result for a file and its password; errors name the file."""
    data = secret(name, strict)
    with _naming(name):
        return reader(data, password_for(name, data))


@contextmanager
def _naming(name: str) -> Iterator[None]:
    """Attribute errors raised in the block to this file."""
    try:
        yield
    except BadInput as error:
        error.file = error.file or name
        raise


def private_text(path: Path, strict: bool) -> str:
    """Return a private key's file as PEM, converting it if necessary; raises as `secret`."""
    from novacron.crypto import private_keys

    return private_keys.as_pem(secret(str(path), strict))


def document(path: Path) -> dict[str, Any]:
    """Return the JSON object in a file.

    Raises:
        BadInput: there is none.
    """
    from novacron.inputs.document import read_json
    from novacron.inputs.text import read_text

    found = read_json(read_text(path), str(path))
    if not isinstance(found, dict):
        raise BadInput("must hold a JSON object", file=str(path))
    return found


def password_for(name: str, data: bytes) -> str | None:
    """Return the password of a key file, from the environment or the terminal; None if not encrypted."""
    from novacron.crypto.private_keys import needs_password

    if not needs_password(data):
        return None
    return os.environ.get(PASSWORD) or str(typer.prompt(f"Password of {name}", hide_input=True, err=True))


def _new_password() -> str:
    given = os.environ.get(PASSWORD)
    return given or str(typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))


def _of_document(found: Any) -> PublicKey:
    from novacron.crypto import PublicKey

    return PublicKey(found["algorithm"], base64.b64decode(found["public_key"], validate=True))

"""`crypto keys` and `crypto kek`: the keys in the store, and the key that encrypts them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from novacron.cli import output
from novacron.cli.crypto import needs
from novacron.cli.crypto.keyfiles import password_for, private_text
from novacron.errors import BadInput

app = typer.Typer(help="Manage keys in the key store.", no_args_is_help=True)
kek = typer.Typer(
    help="Manage the key-encryption key (KEK), which encrypts the stored keys.", no_args_is_help=True
)

KeyId = Annotated[str, typer.Argument(metavar="KEY", help="Key id.")]
Usage = Annotated[
    str | None,
    typer.Option(help="Key usage: sign, decrypt or decapsulate; given by the algorithm if omitted."),
]
Label = Annotated[str | None, typer.Option(help="Label shown in listings.")]
Version = Annotated[int | None, typer.Option(min=1, help="Key version; the current one if omitted.")]
Abandon = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME", help="Allow this object to lose the key that it depends on; repeatable."),
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Show the key's dependents and uses, without changing anything.")
]


@app.command()
def generate(
    algorithm: Annotated[
        str, typer.Argument(help="Algorithm, for example ML-DSA-65; see `crypto algorithms`.")
    ],
    usage: Usage = None,
    label: Label = None,
    as_json: output.AsJson = False,
) -> None:
    """Generate a key in the store; the private key never leaves it."""
    _show(output.client().keys.generate(algorithm, usage=usage, label=label), as_json)


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Private key in PKCS#8, PEM or DER.")],
    usage: Usage = None,
    label: Label = None,
    strict: output.Strict = False,
    as_json: output.AsJson = False,
) -> None:
    """Import a private key; its password is read from NOVACRON_KEY_PASSWORD or prompted for."""
    text = private_text(file, strict)
    password = password_for(str(file), text.encode())
    made = output.client().keys.import_(text, password=password, usage=usage, label=label)
    _show(made, as_json)


@app.command("list")
def list_(
    limit: Annotated[int, typer.Option(min=1, help="Maximum number of entries.")] = 50,
    as_json: output.AsJson = False,
) -> None:
    """List the keys, newest first."""
    found = output.client().keys(limit=limit)
    if as_json:
        return output.emit({"keys": found})
    from novacron.cli import tables

    output.console().print(tables.keys(found))


@app.command()
def show(key_id: KeyId, as_json: output.AsJson = False) -> None:
    """Show a key and its versions."""
    _show(output.client().keys.get(key_id), as_json)


@app.command()
def export(
    key_id: KeyId,
    version: Version = None,
    raw: Annotated[
        bool, typer.Option("--raw", help="Print the raw public key as base64 instead of PEM.")
    ] = False,
) -> None:
    """Print a public key as PEM."""
    found = output.client().keys.get(key_id)
    wanted = version or found["version"]
    one = next((one for one in found["versions"] if one["version"] == wanted), None)
    if one is None:
        raise BadInput(f"key {key_id} has no such version", field="version", value=version)
    if not raw and one["public_key_pem"] is None:
        raise BadInput(f"keys of {one['algorithm']} have no PEM encoding", hint="use --raw")
    output.say(one["public_key"] if raw else one["public_key_pem"].rstrip())


@app.command()
def rotate(
    key_id: KeyId,
    algorithm: Annotated[
        str | None, typer.Option(help="Algorithm of the new version; unchanged if omitted.")
    ] = None,
    expected_version: Annotated[
        int | None, typer.Option(min=1, help="Fail unless this is the current version.")
    ] = None,
    dry_run: DryRun = False,
    as_json: output.AsJson = False,
) -> None:
    """Create a new version of a key; old versions can still verify, decrypt and decapsulate."""
    rotated = output.client().keys.rotate(
        key_id, algorithm=algorithm, expected_version=expected_version, dry_run=dry_run
    )
    _show(rotated, as_json)


@app.command()
def retire(
    key_id: KeyId, abandon: Abandon = None, dry_run: DryRun = False, as_json: output.AsJson = False
) -> None:
    """Retire a key; refused while objects depend on it. It can still verify and decrypt."""
    _show(output.client().keys.retire(key_id, abandon=abandon or (), dry_run=dry_run), as_json)


@app.command()
def destroy(
    key_id: KeyId,
    version: Annotated[
        int | None,
        typer.Option(
            min=1, help="Erase only this version, which must not be the current one; all if omitted."
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Skip the confirmation prompt.")] = False,
    abandon: Abandon = None,
    dry_run: DryRun = False,
    as_json: output.AsJson = False,
) -> None:
    """Erase private keys from the store; refused while objects depend on them."""
    if not yes and not dry_run:
        typer.confirm(f"Erase {key_id}? Data that only it can decrypt are lost", abort=True, err=True)
    gone = output.client().keys.destroy(key_id, version=version, abandon=abandon or (), dry_run=dry_run)
    _show(gone, as_json)


@kek.callback()
def _kek() -> None:
    """Manage the key-encryption key (KEK), which encrypts the stored keys."""


@kek.command("rotate")
def rotate_kek(
    renew: Annotated[
        bool,
        typer.Option("--renew/--no-renew", help="Generate a new KEK, or use the newest existing one."),
    ] = True,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be done, without doing it.")
    ] = False,
    as_json: output.AsJson = False,
) -> None:
    """Re-encrypt all stored keys under another KEK."""
    spec = {"kind": "cryptographic", "operation": "rotate_kek", "renew": renew, "dry_run": dry_run}
    job = output.client().submit(spec).wait().document
    if as_json:
        output.emit(job)
    output.end(job)
    if not as_json:
        for line in job["result"].get("actions") or [
            f"{job['result']['kek_id']} seals all keys; {job['result']['rewrapped']} were re-encrypted"
        ]:
            output.say(line)


def _show(key: dict[str, Any], as_json: bool) -> None:
    """Print a key, or the result of a dry run."""
    if as_json:
        return output.emit(key)
    if key.get("dry_run"):
        return _rehearsal(key)
    from novacron.cli import tables

    output.console().print(tables.key(key), tables.key_versions(key))
    if key["seedless"] and key["state"] == "active":
        cure = f"novacron crypto keys rotate {key['key_id']}"
        output.notice(f"its seed is not known, without which few programs take a key; `{cure}` makes another")


def _rehearsal(told: dict[str, Any]) -> None:
    output.say(f"{told['operation']} of {told['key_id']}: " + ("refused" if told["refused"] else "possible"))
    refusing = needs.lines(told["needs"], abandonable=told["operation"] != "rotate_key")
    for line in [*refusing, *needs.uses(told["uses"]), *told["remains"]]:
        output.say(f"    {line}")

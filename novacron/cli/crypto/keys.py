"""`crypto keys` and `crypto kek`: the keys in the store, and the key that encrypts them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from novacron.cli import output
from novacron.cli.crypto import needs
from novacron.cli.crypto.keyfiles import password_for, private_text
from novacron.errors import BadInput

app = typer.Typer(help="Keys in the store.", no_args_is_help=True)
kek = typer.Typer(help="The key-encryption key, which seals the keys in the store.", no_args_is_help=True)

KeyId = Annotated[str, typer.Argument(metavar="KEY", help="The key's id.")]
Usage = Annotated[str | None, typer.Option(help="sign, decrypt or decapsulate; else what it is for.")]
Label = Annotated[str | None, typer.Option(help="What listings call it.")]
Version = Annotated[int | None, typer.Option(min=1, help="The version; else the one in use.")]
Abandon = Annotated[
    list[str] | None, typer.Option(metavar="NAME", help="Give up an object that needs the key.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say who needs the key, and how it was used.")]


@app.command()
def generate(
    algorithm: Annotated[str, typer.Argument(help="ML-DSA-65 for instance; see `crypto algorithms`.")],
    usage: Usage = None,
    label: Label = None,
    as_json: output.AsJson = False,
) -> None:
    """Generate a key; its private part never leaves the store."""
    _show(output.client().keys.generate(algorithm, usage=usage, label=label), as_json)


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="PKCS#8, in PEM or DER.")],
    usage: Usage = None,
    label: Label = None,
    strict: output.Strict = False,
    as_json: output.AsJson = False,
) -> None:
    """Import a private key; its password is prompted for, or taken from NOVACRON_KEY_PASSWORD."""
    text = private_text(file, strict)
    password = password_for(str(file), text.encode())
    made = output.client().keys.import_(text, password=password, usage=usage, label=label)
    _show(made, as_json)


@app.command("list")
def list_(
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 50,
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
    raw: Annotated[bool, typer.Option("--raw", help="The bare bytes, as base64, instead of PEM.")] = False,
) -> None:
    """Print a public key as PEM."""
    found = output.client().keys.get(key_id)
    wanted = version or found["version"]
    one = next((one for one in found["versions"] if one["version"] == wanted), None)
    if one is None:
        raise BadInput(f"key {key_id} has no such version", field="version", value=version)
    if not raw and one["public_key_pem"] is None:
        raise BadInput(f"keys of {one['algorithm']} have no form in PEM", hint="take --raw")
    output.say(one["public_key"] if raw else one["public_key_pem"].rstrip())


@app.command()
def rotate(
    key_id: KeyId,
    algorithm: Annotated[str | None, typer.Option(help="Of the new version; else the same.")] = None,
    expected_version: Annotated[
        int | None, typer.Option(min=1, help="Refuse where another version is in use.")
    ] = None,
    dry_run: DryRun = False,
    as_json: output.AsJson = False,
) -> None:
    """Create a new version of a key; old versions still verify, decrypt and decapsulate."""
    rotated = output.client().keys.rotate(
        key_id, algorithm=algorithm, expected_version=expected_version, dry_run=dry_run
    )
    _show(rotated, as_json)


@app.command()
def retire(
    key_id: KeyId, abandon: Abandon = None, dry_run: DryRun = False, as_json: output.AsJson = False
) -> None:
    """Retire a key; refused while something depends on it. What it signed or encrypted stays readable."""
    _show(output.client().keys.retire(key_id, abandon=abandon or (), dry_run=dry_run), as_json)


@app.command()
def destroy(
    key_id: KeyId,
    version: Annotated[int | None, typer.Option(min=1, help="Only this one, no longer in use.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    abandon: Abandon = None,
    dry_run: DryRun = False,
    as_json: output.AsJson = False,
) -> None:
    """Erase private keys from the store; refused while something depends on them."""
    if not yes and not dry_run:
        typer.confirm(f"Erase {key_id}? What only it opens is lost", abort=True, err=True)
    gone = output.client().keys.destroy(key_id, version=version, abandon=abandon or (), dry_run=dry_run)
    _show(gone, as_json)


@kek.callback()
def _kek() -> None:
    """The key-encryption key, which encrypts the keys in the store."""


@kek.command("rotate")
def rotate_kek(
    renew: Annotated[
        bool,
        typer.Option("--renew/--no-renew", help="Draw a new one, or take the newest there is."),
    ] = True,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    as_json: output.AsJson = False,
) -> None:
    """Re-encrypt all stored keys under another key-encryption key."""
    spec = {"kind": "cryptographic", "operation": "rotate_kek", "renew": renew, "dry_run": dry_run}
    job = output.client().submit(spec).wait().document
    if as_json:
        output.emit(job)
    output.end(job)
    if not as_json:
        for line in job["result"].get("actions") or [
            f"{job['result']['kek_id']} seals all keys; {job['result']['rewrapped']} were wrapped anew"
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

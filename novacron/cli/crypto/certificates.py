"""`crypto certificates` and `crypto csr`: certificates of the store, verification, and requests."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from novacron.cli import output
from novacron.cli.crypto.keyfiles import signing_key
from novacron.errors import BadInput

if TYPE_CHECKING:
    from cryptography import x509

    from novacron.crypto.pki import Verdict
    from novacron.destination import Destination

app = typer.Typer(help="Manage X.509 certificates.", no_args_is_help=True)

Id = Annotated[str, typer.Argument(metavar="ID", help="Certificate id.")]
Subject = Annotated[str, typer.Option(help="Subject, for example CN=example.org,O=Example.")]
Names = Annotated[
    list[str] | None,
    typer.Option(
        "--name", help="Subject alternative name: host, IP address, mail address or URI; repeatable."
    ),
]
Usages = Annotated[
    list[str] | None, typer.Option("--key-usage", help="Key usage, for example keyCertSign; repeatable.")
]
Purposes = Annotated[
    list[str] | None,
    typer.Option("--purpose", help="Extended key usage, for example serverAuth; repeatable."),
]
Pem = Annotated[
    Path | None, typer.Option("-o", "--output", metavar="FILE", help="PEM file for the certificate chain.")
]


@app.command()
def generate(
    algorithm: Annotated[
        str | None, typer.Argument(help="Algorithm of the new key, for example ML-DSA-65.")
    ] = None,
    subject: Annotated[
        str | None, typer.Option(help="Subject, for example CN=example.org,O=Example.")
    ] = None,
    days: Annotated[
        str, typer.Option(metavar="DAYS", help="Validity: days, or a duration such as 12h, 24m or 10y.")
    ] = "90",
    issuer: Annotated[
        str | None, typer.Option(metavar="ID", help="Certificate id of the CA; self-signed if omitted.")
    ] = None,
    csr: Annotated[
        Path | None, typer.Option(help="File of a certificate signing request (CSR); its key is certified.")
    ] = None,
    ca: Annotated[bool, typer.Option("--ca", help="Issue a CA certificate.")] = False,
    path_length: Annotated[
        int | None, typer.Option(min=0, help="Maximum number of intermediate CAs below this CA.")
    ] = None,
    names: Names = None,
    key_usage: Usages = None,
    purposes: Purposes = None,
    companion: Annotated[
        str | None, typer.Option(metavar="ALGORITHM", help="Algorithm of the key of a companion certificate.")
    ] = None,
    companion_issuer: Annotated[
        str | None,
        typer.Option(metavar="ID", help="Certificate id of the companion's CA; self-signed if omitted."),
    ] = None,
    out: Pem = None,
    force: output.Force = False,
    as_json: output.AsJson = False,
) -> None:
    """Issue a certificate for a new key in the store or, with --csr, for the key of a request."""
    destination = output.chosen(out, force, as_json=as_json)
    extensions = {
        "subject_alternative_names": names or [],
        "basic_constraints": {"ca": ca, "path_length": path_length},
        "extended_key_usage": purposes or [],
    }
    period: str | dict[str, int] = {"days": int(days)} if days.isdecimal() else days
    more: dict[str, Any] = {"key_usage": key_usage or [], "extensions": extensions}
    if csr is not None:
        made = _signed(csr, issuer, period, subject, algorithm, companion, more)
    else:
        second = {"algorithm": companion, "issuer": companion_issuer} if companion else None
        made = output.client().certificates.generate(
            _needed(algorithm, "algorithm"), _needed(subject, "--subject"), period,
            issuer=issuer, companion=second, **more,
        )  # fmt: skip
    _deliver(made, destination, as_json)


def _signed(
    csr: Path,
    issuer: str | None,
    period: str | dict[str, int],
    subject: str | None,
    algorithm: str | None,
    companion: str | None,
    more: dict[str, Any],
) -> dict[str, Any]:
    if algorithm or companion:
        raise BadInput("the request holds the key: give no algorithm", field="--csr")
    from novacron.crypto.pki.reading import request_text

    client = output.client()
    return client.certificates.sign_request(
        _of(csr, request_text), _needed(issuer, "--issuer"), period, subject=subject, **more
    )


def _needed(value: str | None, field: str) -> str:
    if value is None:
        raise BadInput("is required", field=field)
    return value


@app.command("list")
def list_(
    limit: Annotated[int, typer.Option(min=1, help="Maximum number of entries.")] = 50,
    as_json: output.AsJson = False,
) -> None:
    """List the certificates, newest first."""
    found = output.client().certificates(limit=limit)
    if as_json:
        return output.emit({"certificates": found})
    from novacron.cli import tables

    output.console().print(tables.certificates(found))


@app.command()
def show(
    certificate_id: Id, out: Pem = None, force: output.Force = False, as_json: output.AsJson = False
) -> None:
    """Show a certificate."""
    destination = output.chosen(out, force, as_json=as_json)
    _deliver(output.client().certificates.get(certificate_id), destination, as_json)


@app.command()
def revoke(
    certificate_id: Id,
    reason: Annotated[
        str, typer.Option(help="Revocation reason, for example key_compromise or superseded.")
    ] = "unspecified",
    as_json: output.AsJson = False,
) -> None:
    """Revoke a certificate."""
    _show(output.client().certificates.revoke(certificate_id, reason=reason), as_json)


@app.command()
def crl(certificate_id: Id) -> None:
    """Print a CA's certificate revocation list as PEM."""
    output.say(output.client().certificates.crl(certificate_id).rstrip())


@app.command()
def verify(
    certificate: Annotated[
        Path, typer.Argument(metavar="FILE", help="Certificate, optionally followed by its intermediates.")
    ],
    root: Annotated[
        list[Path], typer.Option(metavar="FILE", help="File of trusted root certificates; repeatable.")
    ],
    chain: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="File of further intermediate certificates; repeatable."),
    ] = None,
    crls: Annotated[
        list[Path] | None,
        typer.Option("--crl", metavar="FILE", help="File of certificate revocation lists; repeatable."),
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="Host or IP address that the certificate must be valid for.")
    ] = None,
    at: Annotated[datetime | None, typer.Option(help="Time of verification in UTC; now if omitted.")] = None,
    as_json: output.AsJson = False,
) -> None:
    """Verify a certificate chain up to a trusted root, offline and with two implementations."""
    from novacron.crypto.pki import crl_of, verify

    leaf, *between = _certificates(certificate)
    between += [one for path in chain or [] for one in _certificates(path)]
    verdict = verify(
        leaf, between, [one for path in root for one in _certificates(path)],
        at=at.replace(tzinfo=UTC) if at else None, name=name,
        crls=[_of(path, crl_of) for path in crls or []],
    )  # fmt: skip
    if as_json:
        output.emit(_told(verdict))
    elif verdict.valid:
        output.say("good: " + " <- ".join(_told(verdict)["path"]))
    for reason in [] if as_json else verdict.reasons:
        output.notice(reason)
    if not verdict.valid:
        raise typer.Exit(1)


def _told(verdict: Verdict) -> dict[str, Any]:
    from novacron.crypto.pki.names import text_of

    return {
        "valid": verdict.valid,
        "reasons": list(verdict.reasons),
        "path": [text_of(one.subject) for one in verdict.path],
        "openssl": verdict.openssl or "accepts it",
    }


def csr(
    key: Annotated[Path, typer.Argument(metavar="KEY.pem", help="Private key file; see `crypto keyfile`.")],
    subject: Subject,
    names: Names = None,
    strict: output.Strict = False,
) -> None:
    """Print a certificate signing request for a private key on this machine."""
    private = signing_key(str(key), strict)
    from novacron.crypto.pki import make_request

    output.say(make_request(private, subject, names or []).rstrip())


def _read(path: Path) -> bytes:
    from novacron.crypto.files import reading
    from novacron.crypto.pki.reading import LARGEST_BYTES

    with reading(path) as file:
        return file.read(LARGEST_BYTES + 1)


def _of(path: Path, read: Any) -> Any:
    """Return a reader's result for a file; errors name the file."""
    try:
        return read(_read(path))
    except BadInput as error:
        error.file = error.file or str(path)
        raise


def _certificates(path: Path) -> list[x509.Certificate]:
    from novacron.crypto.pki import certificates_of

    found: list[x509.Certificate] = _of(path, certificates_of)
    return found


def _deliver(made: dict[str, Any], out: Destination | None, as_json: bool) -> None:
    if out is not None:
        out.write("".join([made["certificate"], *made["chain"]]).encode())
    if out is None or not out.is_stdout:
        _show(made, as_json)


def _show(made: dict[str, Any], as_json: bool) -> None:
    if as_json:
        return output.emit(made)
    from novacron.cli import tables

    for one in filter(None, (made, made.get("companion"))):
        output.console().print(tables.certificate(one))

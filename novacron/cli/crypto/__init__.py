"""`crypto`: post-quantum algorithms, keys and what is done with them, one file a group of commands."""

import typer

from novacron.cli.crypto import (
    algorithms,
    audit,
    certificates,
    envelopes,
    execution,
    keyfiles,
    keys,
    signatures,
)

app = typer.Typer(help="Post-quantum cryptography.", no_args_is_help=True)
app.command("algorithms")(algorithms.algorithms)
app.add_typer(keys.app, name="keys")
app.add_typer(keys.kek, name="kek")
app.add_typer(audit.app, name="audit")
app.add_typer(certificates.app, name="certificates")
app.command("csr")(certificates.csr)
app.command("keyfile")(keyfiles.keyfile)
app.command("encrypt")(envelopes.encrypt)
app.command("decrypt")(envelopes.decrypt)
app.command("rewrap")(envelopes.rewrap)
app.command("inspect")(envelopes.inspect)
app.command("sign")(signatures.sign)
app.command("verify")(signatures.verify)
app.command("execute")(execution.execute)
app.command("rollback")(execution.rollback)
app.command("status")(execution.status)
app.command("watch")(execution.watch)

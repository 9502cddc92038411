"""`crypto`: post-quantum algorithms, keys and operations, one file per group of commands."""

import typer

from novacron.cli.crypto import (
    algorithms,
    assess,
    audit,
    certificates,
    envelopes,
    execution,
    inventory,
    keyfiles,
    keys,
    plan,
    renewal,
    signatures,
)

app = typer.Typer(
    help="Manage keys, certificates, envelopes and post-quantum migrations.", no_args_is_help=True
)
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
app.command("inventory")(inventory.inventory)
app.command("cbom")(inventory.cbom)
app.command("assess")(assess.assess)
app.command("policies")(assess.policies)
app.command("plan")(plan.plan)
app.command("plans")(plan.plans)
app.command("execute")(execution.execute)
app.command("rollback")(execution.rollback)
app.command("status")(execution.status)
app.command("watch")(execution.watch)
app.command("renew")(renewal.renew)

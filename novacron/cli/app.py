"""All commands, put together. Each imports what it needs when it runs, so that every one starts fast."""

import typer

from novacron.cli import admin, crypto, jobs, replay, stack, submit

app = typer.Typer(
    help="Durable hybrid quantum-classical jobs.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for command in (
    stack.up,
    stack.down,
    stack.status,
    submit.submit,
    submit.explain,
    jobs.jobs,
    jobs.job,
    jobs.result,
    jobs.cancel,
    jobs.events,
    jobs.plot,
    replay.replay,
    admin.backends,
    admin.workers,
    stack.doctor,
):
    app.command()(command)
app.add_typer(admin.token, name="token")
app.add_typer(crypto.app, name="crypto")

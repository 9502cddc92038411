"""All commands, put together. Each imports what it needs when it runs, so that every one starts fast."""

from collections.abc import Callable

import typer

from novacron.cli import admin, crypto, jobs, predict, replay, stack, submit, tenants, tokens, verify

COMMANDS: dict[str, Callable[..., None]] = {
    "up": stack.up,
    "down": stack.down,
    "status": stack.status,
    "submit": submit.submit,
    "explain": submit.explain,
    "jobs": jobs.jobs,
    "job": jobs.job,
    "result": jobs.result,
    "cancel": jobs.cancel,
    "events": jobs.events,
    "plot": jobs.plot,
    "export": jobs.export,
    "replay": replay.replay,
    "predict": predict.predict,
    "verify": verify.verify,
    "backends": admin.backends,
    "workers": admin.workers,
    "doctor": stack.doctor,
}
GROUPS = {"token": tokens.app, "tenant": tenants.app, "crypto": crypto.app}


def build(wanted: str | None = None) -> typer.Typer:
    """Return the command line; with only the wanted command where there is one of that name.

    Preparing one command takes typer a millisecond or two, all of them as long as a small job.
    """
    app = typer.Typer(
        help="Durable hybrid quantum-classical jobs.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    # With a callback an app of one command still takes the command's name as its first word.
    app.callback()(_novacron)
    for name, command in COMMANDS.items():
        if wanted not in COMMANDS or name == wanted:
            app.command(name)(command)
    for name, group in GROUPS.items():
        if wanted not in COMMANDS:
            app.add_typer(group, name=name)
    return app


def _novacron() -> None:
    """Durable hybrid quantum-classical jobs."""

"""All commands. Each module is imported on demand, so that every command starts fast."""

from importlib import import_module
from typing import Annotated, Any

import typer

COMMANDS = {
    "up": "stack", "down": "stack", "status": "stack",
    "submit": "submit", "explain": "submit",
    "jobs": "jobs", "job": "jobs", "result": "jobs", "events": "jobs", "plot": "jobs",
    "cancel": "many", "wait": "many", "compare": "many",
    "tasks": "tasks", "logs": "logs", "export": "jobs", "replay": "replay", "predict": "predict",
    "table": "table", "retry": "retry", "cost": "costs",
    "verify": "verify", "compile": "compile", "backends": "admin", "workers": "admin", "doctor": "stack",
}  # fmt: skip
"""Command -> module with the function of its name."""
GROUPS = {"token": "tokens", "tenant": "tenants", "crypto": "crypto", "qec": "qec"}
"""Group of commands -> module with it as `app`."""


def build(wanted: str | None = None) -> typer.Typer:
    """Return the command line; only the requested command or group if there is one of that name.

    Importing and preparing all of them takes as long as a small job.
    """
    app = typer.Typer(
        help="Submit and manage durable hybrid quantum-classical jobs.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    # The callback keeps the command's name as the first argument even if the app has only one command.
    app.callback()(_novacron)
    every = wanted not in COMMANDS and wanted not in GROUPS
    for name, module in COMMANDS.items():
        if every or name == wanted:
            app.command(name)(_in(module, name))
    for name, module in GROUPS.items():
        if every or name == wanted:
            app.add_typer(_in(module, "app"), name=name)
    return app


def _in(module: str, name: str) -> Any:
    return getattr(import_module(f"novacron.cli.{module}"), name)


def _tell_version(wanted: bool) -> None:
    if wanted:
        from novacron import __version__
        from novacron.cli import output

        output.say(f"novacron {__version__}")
        raise typer.Exit


def _novacron(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_tell_version, is_eager=True, help="Show the version and exit."),
    ] = False,
) -> None:
    """Submit and manage durable hybrid quantum-classical jobs."""

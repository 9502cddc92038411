"""What every command says in the same way: JSON and text on stdout, notices on stderr, common options.

Everything a command says goes through here, and what users and other machines wrote is never an instruction:
not to Rich (no markup, no emoji codes) and not to the terminal (`novacron._text.printable`).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from novacron._text import printable
from novacron.cli import edge
from novacron.destination import SHARED, STDOUT, Destination
from novacron.durable import KEPT
from novacron.errors import BadInput

if TYPE_CHECKING:
    from rich.console import Console

    from novacron.client import Client

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Force = Annotated[bool, typer.Option("--force", help="Replace a file that is there.")]
STRICT = "NOVACRON_STRICT"
Strict = Annotated[
    bool,
    typer.Option("--strict", envvar=STRICT, help="Refuse secret keys that others can read."),
]
JobId = Annotated[str, typer.Argument(metavar="ID", help="The job's id.")]
PIPE = Path("-")
PIPE_WIDTH = 160


def client() -> Client:
    """Return a client for the scheduler that the environment names."""
    from novacron.client import Client

    return Client()


def emit(document: object) -> None:
    """Print one JSON document on stdout, indented where a person reads it."""
    print(json.dumps(document, indent=2 if sys.stdout.isatty() else None))


def say(text: str, *, end: str = "\n") -> None:
    """Print text on stdout."""
    print(printable(text), end=end, flush=True)


def notice(text: str) -> None:
    """Print a message on stderr."""
    edge.complain(text)


def destination(
    path: Path,
    force: bool,
    *,
    field: str = "--output",
    mode: int = SHARED,
    kept: int = KEPT,
    as_json: bool = False,
) -> Destination:
    """Look at where a file is to be written, before any work is done for it; - is stdout.

    Args:
        path: as the user gave it.
        force: whether a file that is there is replaced.
        field: the option that names it.
        mode: permissions of a new file.
        kept: of the permissions of a file that is replaced, those that may stay.
        as_json: whether the command prints JSON on stdout.

    Raises:
        BadInput: it cannot be written there, or stdout would get two documents.
    """
    found = Destination(STDOUT if path == PIPE else path, replace=force, mode=mode, kept=kept)
    if as_json and found.is_stdout:
        raise BadInput("is standard output, and so is that of --json: name a file", field=field)
    return found


def chosen(
    path: Path | None, force: bool, *, field: str = "--output", as_json: bool = False
) -> Destination | None:
    """Where a file is to be written, as `destination`; None where the user names none."""
    return None if path is None else destination(path, force, field=field, as_json=as_json)


def picture(path: Path, force: bool, *, field: str = "--output", as_json: bool = False) -> Destination:
    """Where a picture is to be written, as `destination`; pictures are PNG.

    Raises:
        BadInput: as `destination`, or the name promises another format.
    """
    if path.suffix.lower() not in ("", ".png"):
        raise BadInput(
            "is no name of a PNG file, which pictures are",
            field=field,
            value=str(path),
            hint=f"name it {path.with_suffix('.png')}",
        )
    return destination(path, force, field=field, as_json=as_json)


def told(written: Destination) -> None:
    """Print the name of a file that was written, unless stdout is where that went."""
    if not written.is_stdout:
        say(written.name)


def console() -> Console:
    """Return a console for stdout; no colours and room for wide tables where it is not a terminal."""
    from novacron.cli.console import PlainConsole

    found = PlainConsole()
    if not found.is_terminal and not found._environ.get("COLUMNS"):
        found.width = PIPE_WIDTH
    return found


def end(job: Mapping[str, Any]) -> None:
    """Leave with the status that an ended job stands for, saying why it failed.

    Raises:
        Exit: status 1, for a job that failed or was cancelled.
    """
    if job["status"] in ("failed", "cancelled"):
        from novacron._view import ending

        notice(ending(job))
        raise typer.Exit(1)

"""Output common to all commands: JSON and text on stdout, notices on stderr, shared options.

All output goes through here. Text from users and other machines is never interpreted, neither by Rich (no
markup, no emoji codes) nor by the terminal (`novacron._text.printable`).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from novacron._text import printable
from novacron.cli import edge
from novacron.cli.exit_status import INTERRUPTED
from novacron.destination import SHARED, STDOUT, Destination
from novacron.durable import KEPT
from novacron.errors import BadInput

if TYPE_CHECKING:
    from rich.console import Console

    from novacron.client import Client, Job

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Force = Annotated[bool, typer.Option("--force", help="Overwrite an existing file.")]
STRICT = "NOVACRON_STRICT"
Strict = Annotated[
    bool,
    typer.Option("--strict", envvar=STRICT, help="Reject secret key files that other users can read."),
]
JobId = Annotated[str, typer.Argument(metavar="ID", help="Job id.")]
PIPE = Path("-")
PIPE_WIDTH = 160


def client() -> Client:
    """Return a client for the scheduler named by the environment."""
    from novacron.client import Client

    return Client()


def emit(document: object) -> None:
    """Print one JSON document on stdout, indented on a terminal."""
    print(json.dumps(document, indent=2 if sys.stdout.isatty() else None))


def say(text: str, *, end: str = "\n") -> None:
    """Print text on stdout."""
    print(printable(text), end=end, flush=True)


def notice(text: str) -> None:
    """Print a message on stderr."""
    edge.complain(text)


@contextmanager
def left_running(job: Job) -> Iterator[None]:
    """Let Ctrl-C end the wait for a job, but not the job.

    Raises:
        Exit: status 130, the user stopped waiting.
    """
    try:
        yield
    except KeyboardInterrupt:
        notice(f"the job continues; follow it with: novacron job {job.id}")
        raise typer.Exit(INTERRUPTED) from None


def destination(
    path: Path,
    force: bool,
    *,
    field: str = "--output",
    mode: int = SHARED,
    kept: int = KEPT,
    as_json: bool = False,
) -> Destination:
    """Check where a file is to be written before any work is done for it; - is stdout.

    Args:
        path: as given by the user.
        force: whether an existing file is replaced.
        field: the option that names it.
        mode: permissions of a new file.
        kept: permissions of a replaced file that may be kept.
        as_json: whether the command prints JSON on stdout.

    Raises:
        BadInput: it cannot be written there, or stdout would receive two documents.
    """
    found = Destination(STDOUT if path == PIPE else path, replace=force, mode=mode, kept=kept)
    if as_json and found.is_stdout:
        raise BadInput("is standard output, and so is that of --json: name a file", field=field)
    return found


def chosen(
    path: Path | None, force: bool, *, field: str = "--output", as_json: bool = False
) -> Destination | None:
    """Return where a file is to be written, as `destination`; None if the user names none."""
    return None if path is None else destination(path, force, field=field, as_json=as_json)


def picture(path: Path, force: bool, *, field: str = "--output", as_json: bool = False) -> Destination:
    """Return where a picture is to be written, as `destination`; pictures are PNG.

    Raises:
        BadInput: as `destination`, or the name's suffix is that of another format.
    """
    if path.suffix.lower() not in ("", ".png"):
        raise BadInput(
            "is not the name of a PNG file",
            field=field,
            value=str(path),
            hint=f"name it {path.with_suffix('.png')}",
        )
    return destination(path, force, field=field, as_json=as_json)


def told(written: Destination) -> None:
    """Print the name of a file that was written, unless it went to stdout."""
    if not written.is_stdout:
        say(written.name)


def console() -> Console:
    """Return a console for stdout; without a terminal it has no colours, and room for wide tables."""
    from novacron.cli.console import PlainConsole

    found = PlainConsole()
    if not found.is_terminal and not found._environ.get("COLUMNS"):
        found.width = PIPE_WIDTH
    return found


def end(job: Mapping[str, Any]) -> None:
    """Exit with the status of an ended job, reporting why it failed.

    Raises:
        Exit: status 1, for a job that failed or was cancelled.
    """
    if job["status"] in ("failed", "cancelled"):
        from novacron._view import ending

        notice(ending(job))
        raise typer.Exit(1)

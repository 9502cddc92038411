"""The `novacron` command."""

import gc
import os
import sys
from io import TextIOWrapper

from novacron.errors import JobEnded, NotAuthentic, NovaCronError, ServerError, Unavailable

JOB_ENDED, BAD_INPUT, NO_SCHEDULER, INTERRUPTED = 1, 2, 3, 130


def main() -> None:
    """Run the command line.

    Exit status 0: done (a submitted job: completed, or accepted where it is not watched); 1: the job failed
    or was cancelled, a comparison found a difference, or a signature or an envelope does not hold; 2: bad
    input; 3: no scheduler can be reached.
    """
    _start_fast()
    _print_anything()
    from novacron.cli.app import build

    try:
        build(sys.argv[1] if len(sys.argv) > 1 else None)(prog_name="novacron")
    except NovaCronError as error:
        from novacron.cli.output import notice

        notice(str(error))
        sys.exit(_status(error))
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def _start_fast() -> None:
    # Looking for plugins of pydantic reads the metadata of every package there is: a tenth of the start.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    # Importing makes many objects and no garbage, so the collector would look through them for nothing.
    gc.set_threshold(100_000)


def _print_anything() -> None:
    # A name that the terminal's encoding has no form for is no reason to end with a traceback.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _status(error: NovaCronError) -> int:
    if isinstance(error, JobEnded | NotAuthentic):
        return JOB_ENDED
    return NO_SCHEDULER if isinstance(error, Unavailable | ServerError) else BAD_INPUT

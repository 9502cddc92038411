"""The `novacron` command."""


def main() -> None:
    """Run the command line.

    Exit status 0: done (a submitted job: completed, or accepted where it is not watched); 1: the job failed
    or was cancelled, a comparison found a difference, or a signature or an envelope does not hold; 2: bad
    input; 3: no scheduler can be reached; 4: the output could not be written; 70: a fault of NovaCron's own;
    128 + n: ended by signal n.
    """
    import signal

    # Until the signal handlers are installed, Ctrl-C ends the process silently: no work has begun.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from novacron.cli import edge

    edge.run(_commands)


def _commands() -> None:
    import sys

    _start_fast()
    _warn_of_slips()
    from novacron.cli.app import build

    build(sys.argv[1] if len(sys.argv) > 1 else None)(prog_name="novacron")


def _warn_of_slips() -> None:
    import os

    from novacron._variables import misspelt
    from novacron.cli import edge

    for line in misspelt(os.environ):
        edge.complain(line)


def _start_fast() -> None:
    import gc
    import os

    # Searching for pydantic plugins reads the metadata of every installed package: a tenth of the startup
    # time.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    # Importing makes many objects and no garbage: collections would only cost time.
    gc.set_threshold(100_000)

"""`python -m workers.probe [--live]`: whether this machine's worker accepts tasks, or is at least alive.

It reads the file that the worker writes every two seconds (NOVACRON_HEARTBEAT_FILE) and contacts neither the
database nor the broker: an outage of these is no reason to restart a worker.
"""

from __future__ import annotations

import argparse

from novacron.cli import edge
from novacron.errors import BadInput, Unavailable
from shared.settings import load
from workers.runtime import heartbeat

RECENT_S = 15.0
"""Age in seconds after which a heartbeat counts as missing, as in the scheduler."""
HUNG_S = 90.0
"""Age in seconds after which a worker counts as hung: longer than any pause between heartbeats, including
lost connections and drains.
"""


def main() -> int:
    """Check once.

    Raises:
        BadInput: a setting breaks its rule, or the file's setting is missing.
        Unavailable: the worker is not in the required state.
    """
    parser = argparse.ArgumentParser(prog="python -m workers.probe", description=__doc__)
    parser.add_argument("--live", action="store_true", help="only whether it is alive")
    live = parser.parse_args().live
    file = load().heartbeat_file
    if not file:
        raise BadInput("names no file", field="NOVACRON_HEARTBEAT_FILE", hint="the worker needs the same")
    print(f"the worker {look(file, live=live)}")
    return 0


def look(file: str, *, live: bool) -> str:
    """Return the worker's last heartbeat.

    Raises:
        BadInput: the file has other content.
        Unavailable: it is too old or, unless `live`, does not accept tasks.
    """
    try:
        seen = heartbeat.last(file)
    except (OSError, ValueError) as error:
        raise BadInput(f"is no heartbeat: {error}", field="NOVACRON_HEARTBEAT_FILE", value=file) from None
    if seen is None:
        raise Unavailable("the worker has sent no heartbeat yet: it is starting or compiling machine code")
    if seen.age_s > (HUNG_S if live else RECENT_S):
        raise Unavailable(f"the worker has sent no heartbeat for {seen.age_s:.0f} s")
    if not live and seen.state != heartbeat.READY:
        raise Unavailable(f"the worker {seen.state}")
    return seen.state


if __name__ == "__main__":
    edge.run(main)

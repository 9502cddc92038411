"""`python -m shared.broker.flower`: a read-only Flower dashboard of the workers, behind a login.

Flower's control actions (revoke a message, stop a worker) are disabled because they bypass the rows that
record which worker holds which task.
"""

from __future__ import annotations

from shared import starting

if __name__ == "__main__":
    starting.end_at_sigterm()

import argparse
import os
import sys
from pathlib import Path

from novacron.cli import edge
from novacron.errors import BadInput
from shared import settings
from shared.broker import celery_protocol

COLUMNS = "name,uuid,state,args,exception,received,started,runtime,worker"
VARIABLE = "NOVACRON_FLOWER_LOGIN_FILE"


def main() -> int:
    """Run until stopped by a signal.

    Raises:
        BadInput: a setting breaks its rule, or no file holds a login.
    """
    parser = argparse.ArgumentParser(prog="python -m shared.broker.flower", description=__doc__)
    parser.add_argument("--address", default="127.0.0.1", help="to listen on")
    parser.add_argument("--port", default="5555", help="to listen on")
    parser.add_argument("--max-tasks", default="5000", help="messages that it remembers")
    parser.add_argument(
        "--forget-s", default="300", help="seconds after which it forgets workers that are gone"
    )
    chosen = parser.parse_args()
    configured = settings.load()
    login = read_login(configured.flower_login_file)
    # Kubernetes sets such variables for a service of that name, and Flower parses them as options.
    for name in [name for name in os.environ if name.startswith(("FLOWER_", "CELERY_"))]:
        del os.environ[name]

    import flower.options  # noqa: F401 - declares them
    from tornado.options import options

    # Not passed as an argument, because other processes could read it.
    options.basic_auth = [login]
    sys.argv[1:] = []
    celery_protocol.application(configured.redis_url, configured.key_prefix, events=True).start([
        "flower", f"--address={chosen.address}", f"--port={chosen.port}", "--read_only=True",
        f"--tasks_columns={COLUMNS}", f"--max_tasks={chosen.max_tasks}",
        f"--purge_offline_workers={chosen.forget_s}",
    ])  # fmt: skip
    return 0


def read_login(file: str) -> str:
    """Read `user:password` from a file.

    Raises:
        BadInput: the file is missing or malformed; its content is not shown.
    """
    if not file:
        raise BadInput("names no file with user:password", field=VARIABLE, hint="Flower is never open to all")
    try:
        login = Path(file).read_text().strip()
    except OSError as error:
        raise BadInput(f"cannot be read: {error.strerror}", field=VARIABLE, value=file) from None
    user, _, password = login.partition(":")
    if not user or not password or len(login.split()) != 1 or "," in login:
        raise BadInput("must hold user:password, without blanks and commas", field=VARIABLE, value=file)
    return login


if __name__ == "__main__":
    edge.run(main)

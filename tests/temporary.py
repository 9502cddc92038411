"""Where the files of a run of the tests lie: in memory, where there is room.

Databases are made and removed there four times as fast, and behind what others write, a disk can hold up a
holder of a lease for longer than that lasts.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

IN_MEMORY = Path("/dev/shm")
MEMORY_BYTES = 6 << 30
"""What must be free there."""
UNFIT = os.ST_NODEV | os.ST_NOEXEC if hasattr(os, "ST_NODEV") else 0
"""Programs and devices are made, too."""


def whole_run() -> Path:
    """Make a folder for all that this process and those it starts write; `remove` it at the end."""
    made = _new()
    made.chmod(0o711)  # servers run as users of their own
    os.environ["TMPDIR"] = tempfile.tempdir = str(made)
    return made


@contextmanager
def folder() -> Iterator[Path]:
    """A folder of this process."""
    made = _new()
    try:
        yield made
    finally:
        shutil.rmtree(made)


def remove(made: Path) -> None:
    """Remove the folder of a whole run; what another run left when it was killed, too."""
    for left in (made, *made.parent.glob("nova-*-*")):
        if left == made or not psutil.pid_exists(int(left.name.split("-")[1])):
            shutil.rmtree(left, ignore_errors=True)


def _new() -> Path:
    place = tempfile.gettempdir() if os.environ.get("TMPDIR") or not _fits(IN_MEMORY) else IN_MEMORY
    return Path(tempfile.mkdtemp(prefix=f"nova-{os.getpid()}-", dir=place))


def _fits(place: Path) -> bool:
    if not os.access(place, os.W_OK) or os.statvfs(place).f_flag & UNFIT:
        return False
    free: int = min(shutil.disk_usage(place).free, psutil.virtual_memory().available)
    return free >= MEMORY_BYTES

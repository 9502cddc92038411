"""Programs that use OpenSSL 3.5 or later: the machine's, else those of scripts/debian_programs.sh."""

import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from tests.patience import PATIENCE_S

FETCHED = Path(sys.prefix) / "debian" / "bin"
WHY = "no openssl and nginx with OpenSSL 3.5 or later are here: scripts/debian_programs.sh fetches them"
ASKED = {"openssl": "version", "nginx": "-V"}


@cache
def find(name: str) -> str | None:
    """Where the program is; None where there is none."""
    for path in filter(None, (shutil.which(name), shutil.which(name, path=FETCHED))):
        said = subprocess.run([path, ASKED[name]], capture_output=True, text=True, timeout=PATIENCE_S)
        # nginx names two versions where it was built with another one than it runs on.
        versions = re.findall(r"OpenSSL (\d+)\.(\d+)", said.stdout + said.stderr)
        if versions and all((int(major), int(minor)) >= (3, 5) for major, minor in versions):
            return path
    return None


def all_here() -> bool:
    """Whether both are."""
    return all(map(find, ASKED))

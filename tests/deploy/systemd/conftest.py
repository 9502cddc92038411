"""Tests with systemd's own judge; where tests run unattended, they fail without it."""

import os
import shutil

NOT_RUN = shutil.which("systemd-analyze") is None and not os.environ.get("CI")
collect_ignore = ["test_systemd.py"] if NOT_RUN else []


def pytest_not_run() -> list[str]:
    return ["tests of the systemd units not run: there is no systemd-analyze"] if NOT_RUN else []

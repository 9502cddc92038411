"""Prometheus itself, asking a scheduler and a worker."""

import os

from testing import programs

# Where tests run unattended, they fail without it.
NOT_RUN = not programs.all_here(programs.PROMETHEUS) and not os.environ.get("CI")
collect_ignore = ["test_drawn.py"] if NOT_RUN else []


def pytest_not_run() -> list[str]:
    return [f"dashboards not drawn by Prometheus: {programs.WHY_PROMETHEUS}"] if NOT_RUN else []

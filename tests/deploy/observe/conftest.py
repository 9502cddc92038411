"""What Prometheus and Grafana are given; Prometheus' own judge of it is asked where it is."""

import os

from testing import programs

# Where tests run unattended, they fail without it.
NOT_RUN = not programs.all_here(programs.PROMETHEUS) and not os.environ.get("CI")
collect_ignore = ["test_promtool.py"] if NOT_RUN else []


def pytest_not_run() -> list[str]:
    return (
        [f"tests of rules and dashboards with promtool not run: {programs.WHY_PROMETHEUS}"] if NOT_RUN else []
    )

"""The chart as Helm renders it; what Helm does not render is tested without."""

import os
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from testing.chart import rendering, tools

# Where tests run unattended, they fail without Helm.
NOT_RUN = not tools.all_here() and not os.environ.get("CI")
WITHOUT_HELM = {"test_written.py"}
collect_ignore = (
    [file.name for file in Path(__file__).parent.glob("test_*.py") if file.name not in WITHOUT_HELM]
    if NOT_RUN
    else []
)
Render = Callable[..., tuple[rendering.Document, ...]]


def pytest_not_run() -> list[str]:
    return [f"tests of the chart with Helm not run: {tools.WHY}"] if NOT_RUN else []


@cache
def _rendered(name: str, sets: tuple[str, ...], release: str) -> tuple[rendering.Document, ...]:
    text = rendering.render("4", [tools.VALUES / f"{name}.yaml"], sets=sets, release=release)
    return rendering.documents(text)


@pytest.fixture(scope="session")
def render() -> Render:
    """Objects of a file of values, with keys set before it."""

    def made(name: str, *sets: str, release: str = rendering.RELEASE) -> tuple[rendering.Document, ...]:
        return _rendered(name, sets, release)

    return made

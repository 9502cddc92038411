"""Data files beside this module."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "data"


@cache
def table(name: str) -> dict[str, Any]:
    """Return a data file's content, shared by all callers: do not modify it."""
    return tomllib.loads((FOLDER / f"{name}.toml").read_text())

"""Rules and dashboards that the chart carries: Helm reads nothing outside of a chart, so they are copies."""

from __future__ import annotations

from pathlib import Path

import yaml

from testing.chart.tools import CHART, ROOT

COPIED = {
    ROOT / "deploy" / "prometheus": (CHART / "files" / "prometheus", "*.y*ml"),
    ROOT / "deploy" / "grafana": (CHART / "files" / "grafana", "*.json"),
}
"""Folder -> where its files go, and which."""


def wanted() -> dict[Path, str]:
    """What each copy must hold."""
    return {
        target / file.name: file.read_text()
        for source, (target, pattern) in COPIED.items()
        for file in sorted(source.rglob(pattern))
        if file.suffix == ".json" or _has_rules(file)
    }


def _has_rules(file: Path) -> bool:
    """Whether it holds rules: beside them lie the server's own configuration and tests of rules."""
    document = yaml.safe_load(file.read_text())
    return isinstance(document, dict) and "groups" in document


def there() -> dict[Path, str]:
    """What each copy holds."""
    return {
        file: file.read_text()
        for target, _ in COPIED.values()
        for file in target.rglob("*")
        if file.is_file()
    }


def write() -> None:
    """Make the copies what they must be."""
    for file in there().keys() - wanted().keys():
        file.unlink()
    for file, text in wanted().items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

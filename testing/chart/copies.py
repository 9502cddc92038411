"""Copies of rules and dashboards inside the chart, since Helm reads no files outside of a chart."""

from __future__ import annotations

from pathlib import Path

import yaml

from testing.chart.tools import CHART, ROOT

COPIED = {
    ROOT / "deploy" / "prometheus": (CHART / "files" / "prometheus", "*.y*ml"),
    ROOT / "deploy" / "grafana": (CHART / "files" / "grafana", "*.json"),
}
"""Source folder -> target folder of its files, and which files."""


def wanted() -> dict[Path, str]:
    """Return the required content of each copy."""
    return {
        target / file.name: file.read_text()
        for source, (target, pattern) in COPIED.items()
        for file in sorted(source.rglob(pattern))
        if file.suffix == ".json" or _has_rules(file)
    }


def _has_rules(file: Path) -> bool:
    """Return whether it holds rules: the folder also has the server's configuration and tests of rules."""
    document = yaml.safe_load(file.read_text())
    return isinstance(document, dict) and "groups" in document


def there() -> dict[Path, str]:
    """Return the current content of each copy."""
    return {
        file: file.read_text()
        for target, _ in COPIED.values()
        for file in target.rglob("*")
        if file.is_file()
    }


def write() -> None:
    """Write the required copies."""
    for file in there().keys() - wanted().keys():
        file.unlink()
    for file, text in wanted().items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

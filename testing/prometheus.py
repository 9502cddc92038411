"""Prometheus with the configuration and rules of the repository, scraping processes of this machine."""

from __future__ import annotations

import json
import re
import tempfile
import urllib.parse
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from scheduler.embedded import ports
from scheduler.embedded.child import Child
from scheduler.embedded.service import Service
from testing import programs
from testing.patience import PATIENCE_S

DEPLOYED = Path(__file__).resolve().parents[1] / "deploy" / "prometheus"
CONFIGURATION = "prometheus.yaml"
HASTE = 15
"""Divisor of all durations in configuration and rules: it scrapes and evaluates every second, and an alert
that requires 30 s requires 2 s. Thresholds are unchanged.
"""


def hastened(text: str) -> str:
    """Divide all durations in a YAML document by `HASTE`."""
    ms = {"s": 1000, "m": 60_000, "h": 3_600_000}
    return re.sub(r"\b(\d+)([smh])\b", lambda found: f"{int(found[1]) * ms[found[2]] // HASTE}ms", text)


class Prometheus:
    """A running server.

    Args:
        folder: an empty folder for its configuration and its data.
        targets: `host:port` of its scrape targets.
        token: bearer token for scrapes.
    """

    def __init__(self, folder: Path, targets: Iterable[str], token: str) -> None:
        configuration = yaml.safe_load(hastened((DEPLOYED / CONFIGURATION).read_text()))
        for name in configuration["rule_files"]:
            (folder / name).write_text(hastened((DEPLOYED / name).read_text()))
        (folder / "token").write_text(token)
        [scraped] = configuration["scrape_configs"]
        del scraped["dns_sd_configs"]
        scraped["static_configs"] = [{"targets": list(targets)}]
        scraped["authorization"] = {"credentials_file": str(folder / "token")}
        (folder / CONFIGURATION).write_text(yaml.safe_dump(configuration))
        address = f"{ports.LOOPBACK}:{ports.choose()}"
        self._url = f"http://{address}"
        command = (
            programs.needed("prometheus"), f"--config.file={folder / CONFIGURATION}", "--log.level=warn",
            f"--storage.tsdb.path={folder / 'data'}", f"--web.listen-address={address}",
        )  # fmt: skip
        service = Service("prometheus", command, folder, ready=self._ready)
        self._child = Child(service, folder, "prometheus", bound=True)

    def start(self) -> None:
        """Start it, and wait until it can be queried."""
        self._child.start()
        self._child.wait_ready(PATIENCE_S)

    def stop(self) -> None:
        """Stop it."""
        self._child.stop()

    def _ready(self, _pid: int) -> bool:
        try:
            with urllib.request.urlopen(f"{self._url}/-/ready", timeout=PATIENCE_S):
                return True
        except OSError:
            return False

    def _get(self, path: str, **arguments: str) -> Any:
        url = f"{self._url}/api/v1/{path}?{urllib.parse.urlencode(arguments)}"
        with urllib.request.urlopen(url, timeout=PATIENCE_S) as answer:
            return json.loads(answer.read())["data"]

    def query(self, expression: str) -> list[tuple[dict[str, str], float]]:
        """Return the labels and the current value of each series of an expression."""
        found = self._get("query", query=expression)["result"]
        return [(one["metric"], float(one["value"][1])) for one in found]

    def rules(self) -> list[dict[str, Any]]:
        """Return all rules, with their health and state."""
        return [rule for group in self._get("rules")["groups"] for rule in group["rules"]]

    def firing(self) -> set[str]:
        """Return the names of firing alerts."""
        return {
            one["labels"]["alertname"] for one in self._get("alerts")["alerts"] if one["state"] == "firing"
        }


@contextmanager
def running(targets: Iterable[str], token: str = "") -> Iterator[Prometheus]:
    """Yield a server that scrapes these targets, removed with its data at the end."""
    with tempfile.TemporaryDirectory(prefix="novacron-prometheus-") as folder:
        made = Prometheus(Path(folder), targets, token)
        try:
            made.start()
            yield made
        finally:
            made.stop()

"""What Prometheus is given, as its own tool judges it: rules and their tests, configuration, dashboards."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from testing import programs
from testing.dashboards import pages
from testing.patience import PATIENCE_S

FOLDER = Path(__file__).resolve().parents[3] / "deploy" / "prometheus"


def promtool(*arguments: str, cwd: Path = FOLDER) -> tuple[int, str]:
    """Its exit status, and what it said."""
    command = [programs.needed("promtool"), *arguments]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=PATIENCE_S)
    return done.returncode, done.stdout + done.stderr


def test_rules_are_in_order():
    status, said = promtool("check", "rules", "--lint=all", "--lint-fatal", "novacron.rules.yaml")
    assert (status, "SUCCESS" in said) == (0, True), said


def test_alerts_fire_and_clear_and_levels_are_right():
    status, said = promtool("test", "rules", "novacron.rules.test.yaml")
    assert status == 0, said


def test_the_tests_of_rules_can_fail(tmp_path):
    shutil.copy(FOLDER / "novacron.rules.test.yaml", tmp_path)
    rules = (FOLDER / "novacron.rules.yaml").read_text()
    (tmp_path / "novacron.rules.yaml").write_text(rules.replace("> 1800", "> 18000"))
    status, said = promtool("test", "rules", "novacron.rules.test.yaml", cwd=tmp_path)
    assert status == 1 and "NovaCronQueueStuck" in said, said


def test_the_configuration_is_in_order(tmp_path):
    """With a token where the container has its secret."""
    for file in FOLDER.iterdir():
        shutil.copy(file, tmp_path)
    token, configuration = tmp_path / "metrics_token", tmp_path / "prometheus.yaml"
    told = configuration.read_text()
    assert "/run/secrets/metrics_token" in told
    configuration.write_text(told.replace("/run/secrets/metrics_token", str(token)))
    assert promtool("check", "config", "prometheus.yaml", cwd=tmp_path)[0] == 1, "there is no token yet"
    token.write_text("token")
    status, said = promtool("check", "config", "prometheus.yaml", cwd=tmp_path)
    assert status == 0 and "1 rule files found" in said, said


def as_rules(expressions: list[str], file: Path) -> None:
    """Expressions of dashboards as rules, with the duration that Grafana puts in."""
    rules = [
        {"record": f"panel:{number}", "expr": expression.replace("$__rate_interval", "1m")}
        for number, expression in enumerate(expressions)
    ]
    file.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}))


def test_prometheus_understands_every_panel(tmp_path):
    expressions = list(pages.expressions())
    as_rules(expressions, tmp_path / "panels.yaml")
    status, said = promtool("check", "rules", "panels.yaml", cwd=tmp_path)
    assert status == 0 and f"{len(expressions)} rules found" in said, said


@pytest.mark.parametrize(
    "broken", ["quantile_histogram(0.5, novacron_leader)", "sum by (queue (novacron_leader)"]
)
def test_a_panel_that_it_does_not_understand_is_found_out(tmp_path, broken):
    as_rules([broken], tmp_path / "panels.yaml")
    assert promtool("check", "rules", "panels.yaml", cwd=tmp_path)[0] != 0


def test_grafana_puts_in_nothing_else():
    """What stands in for its variables above is all of them."""
    for dashboard in pages.DASHBOARDS:
        text = json.dumps(dashboard.json()["panels"]).replace("${datasource}", "")
        assert "$" not in text.replace("$__rate_interval", "").replace("$namespace", "")

"""The rules for Prometheus: made of metrics that exist, each with its test, each alert with its page."""

import re
from pathlib import Path

import yaml

from testing.dashboards import pages

ROOT = Path(__file__).resolve().parents[4]
FOLDER = ROOT / "deploy" / "prometheus"
RULES = [
    rule
    for group in yaml.safe_load((FOLDER / "novacron.rules.yaml").read_text())["groups"]
    for rule in group["rules"]
]
ALERTS = {rule["alert"]: rule for rule in RULES if "alert" in rule}

TESTS = yaml.safe_load((FOLDER / "novacron.rules.test.yaml").read_text())["tests"]


def test_rules_are_made_of_metrics_that_there_are():
    for rule in RULES:
        assert pages.named([rule["expr"]]), rule


def test_every_alert_has_a_page_that_says_what_to_do():
    pages = re.findall(r"^## (\w+)$", (ROOT / "docs" / "alerts.md").read_text(), re.MULTILINE)
    assert pages == list(ALERTS)
    for name, rule in ALERTS.items():
        assert rule["annotations"]["runbook_url"].endswith(f"#{name.lower()}")


def test_every_alert_is_tested_to_fire_and_to_clear():
    looks = [look for test in TESTS for look in test.get("alert_rule_test", ())]
    for name in ALERTS:
        fired = [bool(look["exp_alerts"]) for look in looks if look["alertname"] == name]
        assert sorted(fired) == [False, False, True], name


def test_every_level_is_tested_and_has_its_line_on_the_page():
    asked = " ".join(look["expr"] for test in TESTS for look in test.get("promql_expr_test", ()))
    page = (ROOT / "docs" / "alerts.md").read_text()
    levels = [rule["record"] for rule in RULES if "record" in rule]
    assert levels and all(name in asked and f"`{name}`" in page for name in levels)

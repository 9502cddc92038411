"""The rules for Prometheus: made of metrics that exist, each alert with its page and its test."""

import re
from pathlib import Path

import yaml

from shared.metrics.table import METRICS

ROOT = Path(__file__).resolve().parents[4]
FOLDER = ROOT / "deploy" / "prometheus"
RULES = [
    rule
    for group in yaml.safe_load((FOLDER / "novacron.rules.yaml").read_text())["groups"]
    for rule in group["rules"]
]
ALERTS = {rule["alert"]: rule for rule in RULES if "alert" in rule}


def test_rules_are_made_of_metrics_that_there_are():
    for rule in RULES:
        for name in re.findall(r"\b(?:novacron|quantum)_\w+", rule["expr"]):
            assert re.sub(r"_bucket$", "", name) in METRICS, name


def test_every_alert_has_a_page_that_says_what_to_do():
    pages = re.findall(r"^## (\w+)$", (ROOT / "docs" / "alerts.md").read_text(), re.MULTILINE)
    assert pages == list(ALERTS)
    for name, rule in ALERTS.items():
        assert rule["annotations"]["runbook_url"].endswith(f"#{name.lower()}")


def test_every_alert_is_tested_to_fire_and_to_clear():
    told = yaml.safe_load((FOLDER / "novacron.rules.test.yaml").read_text())["tests"]
    looks = [look for test in told for look in test["alert_rule_test"]]
    for name in ALERTS:
        fired = [bool(look["exp_alerts"]) for look in looks if look["alertname"] == name]
        assert sorted(fired) == [False, False, True], name

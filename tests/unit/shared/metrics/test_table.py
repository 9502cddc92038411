"""The table of metrics: names and labels as Prometheus has them, and what the labels must never hold."""

import re
from pathlib import Path

import pytest

from shared.metrics.table import METRICS, ROWS

PAGE = Path(__file__).resolve().parents[4] / "docs" / "metrics.md"
DESIGN = {
    "quantum_backend_uptime_seconds", "quantum_backend_queue_length", "quantum_backend_error_rate",
    "quantum_circuits_executed_total", "quantum_circuit_execution_duration", "quantum_fidelity_average",
    "quantum_coherence_time", "quantum_circuit_depth", "quantum_gates_executed_total",
}  # fmt: skip


@pytest.mark.parametrize("metric", ROWS, ids=lambda metric: metric.name)
def test_a_metric_is_one_that_prometheus_takes(metric):
    assert re.fullmatch(r"(novacron|quantum)_[a-z_]+", metric.name)
    assert (metric.kind == "counter") == metric.name.endswith("_total")
    assert bool(metric.buckets) == (metric.kind == "histogram")
    assert list(metric.buckets) == sorted(set(metric.buckets))
    assert metric.help.endswith(".") and "\n" not in metric.help


def test_names_are_given_once_and_those_of_the_design_are_there():
    assert len(METRICS) == len(ROWS) and DESIGN <= METRICS.keys()
    assert METRICS["quantum_circuit_depth"].buckets == (1, 5, 10, 25, 50, 100, 250, 500, 1000)
    assert METRICS["quantum_gates_executed_total"].labels == ("gate_type", "backend")


def test_no_label_can_hold_what_grows_with_use():
    labels = {label for metric in ROWS for label in metric.labels}
    assert labels == {
        "backend", "class", "gate_type", "group", "kind", "operation", "priority", "queue", "result",
        "state", "status", "time", "use",
    }  # fmt: skip


def test_the_page_is_the_table():
    begin, end = "<!-- the table of metrics -->\n", "<!-- its end -->"
    text = PAGE.read_text()
    head, rest = text.split(begin)
    _, tail = rest.split(end)
    lines = ["| metric | type | labels | exported by | meaning |", "|---|---|---|---|---|"]
    for one in ROWS:
        kind = "gauge" if one.kind == "mean" else one.kind
        buckets = f" Buckets: {', '.join(f'{bound:g}' for bound in one.buckets)}." if one.buckets else ""
        labels = ", ".join(f"`{label}`" for label in one.labels)
        lines.append(f"| `{one.name}` | {kind} | {labels} | {one.exporter} | {one.help}{buckets} |")
    made = f"{head}{begin}{chr(10).join(lines)}\n{end}{tail}"
    if made != text:
        PAGE.write_text(made)
    assert made == text, "docs/metrics.md did not match the table and has been regenerated"

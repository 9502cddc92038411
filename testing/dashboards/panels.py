"""Panels: PromQL queries of a metric, and its Grafana JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from shared.metrics.table import METRICS, Metric

Json: TypeAlias = dict[str, Any]
Aggregation: TypeAlias = Literal["sum", "min", "max", "avg"]

SOURCE = {"type": "prometheus", "uid": "${datasource}"}
WINDOW = "$__rate_interval"
"""Replaced by Grafana with a duration: at least four scrapes, and at least the distance between two points.
"""
QUANTILES = (0.5, 0.99)
WIDTH, HEIGHT, PER_LINE = 8, 7, 3


@dataclass(frozen=True, slots=True)
class Panel:
    """One metric, plotted over time.

    Attributes:
        name: of a metric of the table.
        title: short description.
        aggregation: over the processes that export a series; None is the default for its kind and exporter.
        rate: of a histogram: observations per second in place of quantiles.
        where: required label values; curves do not differ in these.
    """

    name: str
    title: str
    aggregation: Aggregation | None = None
    rate: bool = False
    where: Mapping[str, str] = field(default_factory=dict)

    @property
    def metric(self) -> Metric:
        """Its row of the table."""
        return METRICS[self.name]

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels that distinguish its curves."""
        return tuple(label for label in self.metric.labels if label not in self.where)

    def queries(self) -> Iterator[tuple[str, str]]:
        """Yield expressions, each with its legend."""
        labels = " ".join(f"{{{{{label}}}}}" for label in self.labels)
        legend = labels or self.title
        if self.metric.kind == "counter":
            yield self._aggregated("sum", self._rate(self.name)), legend
        elif self.metric.kind != "histogram":
            aggregation = self.aggregation or _usual(self.metric)
            yield self._aggregated(aggregation, self._selected(self.name)), legend
        elif self.rate:
            yield self._aggregated("sum", self._rate(f"{self.name}_count")), legend
        else:
            buckets = self._aggregated("sum", self._rate(f"{self.name}_bucket"), "le")
            for quantile in QUANTILES:
                yield f"histogram_quantile({quantile:g}, {buckets})", f"p{quantile * 100:g} {labels}".strip()

    def unit(self) -> str:
        """Return Grafana's name of the unit."""
        if self.metric.kind == "counter" or self.rate:
            return "cps"
        if re.search(r"_(seconds|duration|time)$", self.name):
            return "s"
        if re.search(r"_(ratio|rate|average)$", self.name):
            return "percentunit"
        return "short"

    def json(self, number: int, x: int, y: int) -> Json:
        """Return the panel as Grafana JSON, at a position of the grid."""
        targets = [
            {"refId": chr(ord("A") + at), "datasource": SOURCE, "expr": expression, "legendFormat": legend}
            for at, (expression, legend) in enumerate(self.queries())
        ]
        return {
            "id": number,
            "type": "timeseries",
            "title": self.title,
            "description": f"`{self.name}`: {self.metric.help}",
            "datasource": SOURCE,
            "gridPos": {"x": x, "y": y, "w": WIDTH, "h": HEIGHT},
            "fieldConfig": {"defaults": {"unit": self.unit(), "custom": {"axisSoftMin": 0}}, "overrides": []},
            "options": {
                "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
                "tooltip": {"mode": "multi", "sort": "desc"},
            },
            "targets": targets,
        }

    def _selected(self, name: str) -> str:
        chosen = "".join(f', {label}="{value}"' for label, value in self.where.items())
        return f'{name}{{namespace=~"$namespace"{chosen}}}'

    def _rate(self, name: str) -> str:
        return f"rate({self._selected(name)}[{WINDOW}])"

    def _aggregated(self, aggregation: Aggregation, inner: str, *more: str) -> str:
        labels = (*more, *self.labels)
        return f"{aggregation} by ({', '.join(labels)}) ({inner})" if labels else f"{aggregation}({inner})"


def _usual(metric: Metric) -> Aggregation:
    """Return the default aggregation: during a failover two leaders may export gauges of the same rows."""
    if metric.exporter == "leader":
        return "max"
    return "sum" if metric.exporter == "scheduler" else "avg"


@dataclass(frozen=True, slots=True)
class Row:
    """Panels under one heading."""

    title: str
    panels: tuple[Panel, ...]


@dataclass(frozen=True, slots=True)
class Dashboard:
    """Rows on one page.

    Attributes:
        name: of its file, and the end of its URL in Grafana.
    """

    name: str
    title: str
    rows: tuple[Row, ...]

    def json(self) -> Json:
        """Return the dashboard as Grafana JSON."""
        return {
            "uid": f"novacron-{self.name}",
            "title": self.title,
            "description": "Made from shared/metrics/table.py by python -m testing.dashboards.",
            "tags": ["novacron"],
            "schemaVersion": 39,
            "editable": True,
            "graphTooltip": 1,
            "refresh": "30s",
            "time": {"from": "now-3h", "to": "now"},
            "links": [{"type": "dashboards", "title": "NovaCron", "tags": ["novacron"], "asDropdown": False}],
            "templating": {"list": _VARIABLES},
            "panels": list(self._panels()),
        }

    def _panels(self) -> Iterator[Json]:
        number, y = 0, 0
        for row in self.rows:
            number += 1
            place = {"x": 0, "y": y, "w": WIDTH * PER_LINE, "h": 1}
            head = {"id": number, "type": "row", "title": row.title, "gridPos": place}
            yield head | {"collapsed": False, "panels": []}
            y += 1
            for at, panel in enumerate(row.panels):
                number += 1
                yield panel.json(number, at % PER_LINE * WIDTH, y + at // PER_LINE * HEIGHT)
            y += -(-len(row.panels) // PER_LINE) * HEIGHT


_VARIABLES: list[Json] = [
    {"name": "datasource", "label": "Prometheus", "type": "datasource", "query": "prometheus"},
    {
        # Kubernetes namespaces; elsewhere there is none, which the pattern for all includes.
        "name": "namespace", "label": "Namespace", "type": "query", "datasource": SOURCE, "refresh": 2,
        "definition": "label_values(novacron_leader, namespace)",
        "query": {"query": "label_values(novacron_leader, namespace)", "refId": "namespace"},
        "multi": True, "includeAll": True, "allValue": ".*",
        "current": {"text": ["All"], "value": ["$__all"]},
    },
]  # fmt: skip

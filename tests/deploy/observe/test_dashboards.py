"""Grafana's dashboards: those of the generator, with all metrics and no others, on a grid that fits."""

import json
from itertools import combinations

import pytest

from shared.metrics.table import METRICS
from testing.dashboards import pages

HOW = "run python -m testing.dashboards"
each_dashboard = pytest.mark.parametrize("dashboard", pages.DASHBOARDS, ids=lambda one: one.name)


def test_files_are_those_of_the_generator():
    there = {file: file.read_text() for file in pages.FOLDER.iterdir()}
    assert there == pages.wanted(), HOW


def test_every_metric_of_the_table_is_drawn_and_nothing_else_is():
    assert pages.named(pages.expressions()) == METRICS.keys()


@pytest.mark.parametrize(
    "expression",
    ["novacron_no_such_metric", "sum(novacron_leader_bucket)", "rate(novacron_submit_seconds[5m])"],
)
def test_a_metric_that_is_not_there_is_found_out(expression):
    with pytest.raises(LookupError, match=r"novacron_\w+ is no series"):
        pages.named([expression])


@each_dashboard
def test_panels_lie_beside_each_other_on_the_grid(dashboard):
    panels = dashboard.json()["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    places = [panel["gridPos"] for panel in panels]
    assert all(place["x"] + place["w"] <= 24 for place in places)
    for one, other in combinations(places, 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        below = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert beside or below, (one, other)


@each_dashboard
def test_every_panel_says_what_it_shows_and_in_which_unit(dashboard):
    for row in dashboard.rows:
        assert len({panel.title for panel in row.panels}) == len(row.panels)
        for panel in row.panels:
            assert panel.where.keys() <= set(panel.metric.labels)
            assert panel.metric.help in json.dumps(panel.json(1, 0, 0), ensure_ascii=False)
            units = {"s": ("seconds", "duration", "time"), "percentunit": ("ratio", "rate", "average")}
            assert panel.unit() in ("cps", "short") or panel.name.endswith(units[panel.unit()])

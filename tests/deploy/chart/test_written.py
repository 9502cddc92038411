"""What is made from values.yaml and copied into the chart is what is there."""

import yaml

from novacron._version import __version__
from testing.chart import __main__ as writing
from testing.chart import copies, page, tools

HOW = "run python -m testing.chart write"


def test_the_schema_is_that_of_the_values():
    assert (tools.CHART / "values.schema.json").read_text() == writing.schema_text(), HOW


def test_the_readme_lists_the_values():
    assert page.README.read_text() == page.page(), HOW
    listed = {one.path for one in page.values()}
    assert {"scheduler.service.type", "workerDefaults.autoscaling.kind", "workerPools.cpu.queue"} <= listed


def test_rules_and_dashboards_are_copies():
    assert copies.there() == copies.wanted(), HOW


def test_the_chart_installs_the_version_that_it_lies_beside():
    chart = yaml.safe_load((tools.CHART / "Chart.yaml").read_text())
    assert chart["appVersion"] == __version__

"""What docs/kubernetes.md says of values is what the chart does."""

import re

import pytest
import yaml

from testing.chart import rendering
from testing.chart.tools import CHART, ROOT, VALUES, VERSIONS

PAGE = (ROOT / "docs" / "kubernetes.md").read_text()
BLOCKS = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
FLAT = " ".join(PAGE.split())


@pytest.mark.parametrize("block", range(len(BLOCKS)))
def test_values_that_it_shows_are_taken(block, tmp_path):
    shown = tmp_path / "shown.yaml"
    shown.write_text(BLOCKS[block])
    assert rendering.documents(rendering.render("4", [VALUES / "minimal.yaml", shown]))


def test_secrets_that_it_makes_are_those_that_the_values_name():
    made = re.findall(r"create secret generic ([\w-]+) --from-literal=(\w+)=", PAGE)
    defaults = yaml.safe_load((CHART / "values.yaml").read_text())
    named = yaml.safe_load((VALUES / "minimal.yaml").read_text())
    assert made == [(one["existingSecret"], defaults[name]["key"]) for name, one in named.items()]
    assert yaml.safe_load(BLOCKS[0]) == named


def test_the_refusal_that_it_shows_is_the_real_one():
    [shown] = re.findall(r"^(values: there is no key .*)$", PAGE, re.MULTILINE)
    with pytest.raises(rendering.Refused, match=re.escape(shown)):
        rendering.render("4", [VALUES / "minimal.yaml"], sets=("workers.a=1",))


def test_versions_are_those_of_the_check():
    assert f"Kubernetes {VERSIONS[0]} to {VERSIONS[-1]}" in FLAT
    tools = (ROOT / "scripts" / "chart_tools.sh").read_text()
    # The wheel for Kubernetes 1.34 brings Helm 3.19.0, the one for 1.37 Helm 4.3.1.
    assert "kubectl-v34==2.1.0" in tools
    assert "kubectl-v37==2.0.0" in tools
    for major, version in (("3", "v3.19.0"), ("4", "v4.3.1")):
        assert version in rendering.version(major)
        assert version.removeprefix("v") in FLAT

"""Each file of values on the oldest and the newest Kubernetes; `make chart-check` takes all of them."""

import copy

import pytest
import yaml

from testing.chart import kinds, matrix, rendering
from testing.chart.tools import VALUES, VERSIONS

PAIRS = (("3", VERSIONS[0]), ("4", VERSIONS[-1]))


@pytest.mark.parametrize("pair", PAIRS, ids=["oldest", "newest"])
@pytest.mark.parametrize("file", matrix.files(), ids=lambda file: file.stem)
def test_kubernetes_takes_every_object(file, pair):
    major, version = pair
    for document in rendering.documents(rendering.render(major, [file], kubernetes=version)):
        assert not kinds.faults(document, version)


def test_both_helms_make_the_same_objects():
    for file in matrix.files():
        if file.stem != "trial":  # whose passwords are drawn
            three, four = (rendering.documents(rendering.render(major, [file])) for major in "34")
            assert sorted(map(repr, three)) == sorted(map(repr, four))


@pytest.mark.parametrize("major", "34")
def test_lint_finds_nothing(major):
    assert not rendering.lint(major, VALUES / "full.yaml")


def test_an_older_kubernetes_is_refused():
    with pytest.raises(rendering.Refused, match=r"requires kubeVersion: >=1\.31"):
        rendering.render("4", [VALUES / "minimal.yaml"], kubernetes="1.30")


def test_a_misspelt_field_and_an_unknown_kind_are_faults():
    found = rendering.documents(rendering.render("4", [VALUES / "keda.yaml"]))
    for document in found:
        broken = copy.deepcopy(document)
        broken["spec" if "spec" in broken else "metadata"]["replicaz"] = 1
        assert any("replicaz" in fault for fault in kinds.faults(broken, VERSIONS[-1])), document["kind"]
    stranger = {"apiVersion": "example.org/v1", "kind": "Widget", "metadata": {"name": "one"}}
    assert kinds.faults(stranger, VERSIONS[0])
    impostor = yaml.safe_load("{apiVersion: example.org/v1, kind: Deployment, metadata: {name: one}}")
    assert kinds.faults(impostor, VERSIONS[0])


def test_there_are_twelve_ways_and_seven_versions():
    assert (len(matrix.files()), len(VERSIONS)) == (12, 7)

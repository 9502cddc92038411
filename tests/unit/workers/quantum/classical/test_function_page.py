import re
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
import yaml

from novacron.specs import Classical
from shared import functions
from testing.contexts import context
from workers.operations import classical

PAGE = (Path(__file__).parents[5] / "docs" / "add_a_classical_function.md").read_text()


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """The page's package, as its own pyproject section declares it."""
    (tmp_path / "harmonic.py").write_text(block("python"))
    monkeypatch.syspath_prepend(tmp_path)
    group, name, value = re.findall(r'entry-points."(.+)"\]\n(\w+) = "(.+)"', block("toml"))[0]
    entry = EntryPoint(name, value, group)
    monkeypatch.setattr(functions, "entry_points", lambda group: [entry] if entry.group == group else [])
    functions.functions.cache_clear()
    yield
    functions.functions.cache_clear()
    sys.modules.pop("harmonic", None)


def block(language):
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)[0]


def test_the_page_works_as_written(installed):
    job = yaml.safe_load(block("yaml"))
    spec = Classical(**job)
    assert functions.check_job(spec) == 3
    sums = [classical.call(context(spec, {"index": i})).value["sum"] for i in range(3)]
    assert sums == pytest.approx([sum(1 / k for k in range(1, n + 1)) for n in (10, 100, 1000)])

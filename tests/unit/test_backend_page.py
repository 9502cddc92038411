"""The backend of docs/add_a_backend.md, as an installed package: its blocks are run as they stand."""

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "add_a_backend.md").read_text()
ASK = """
import json
from shared.circuits.reader import read
from shared.quantum.backends import BACKENDS
from shared.quantum.wants import Want
from workers.quantum.backends import load
from workers.quantum.backends.batch import Batch, Pub
from workers.quantum.backends.immediate import answers

text = 'OPENQASM 3.0; include "stdgates.inc"; qubit[2] q; h q[0]; cx q[0], q[1];'
batch = Batch((Pub(read(text)),), frozenset({Want.COUNTS}), 100, seed=3)
found = {name: answers(load(name), batch)[0].counts.item() for name in ("mine", "statevector")}
print(json.dumps({"row": BACKENDS["mine"].package, "missing": BACKENDS["mine"].missing, "found": found}))
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """The files of the page, installed."""
    files = re.findall(r"`(\w+\.py)`:\n\n```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    assert [name for name, _ in files] == ["mine.py", "mine_backend.py"]
    assert len(re.findall(r"^```python", PAGE, re.MULTILINE)) == len(files), "a block that nothing runs"
    for name, text in files:
        (tmp_path / name).write_text(text)
    (declared,) = re.findall(r"^```toml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    ((group, rows),) = tomllib.loads(declared)["project"]["entry-points"].items()
    installed = tmp_path / "mine-1.0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: mine\nVersion: 1.0\n")
    lines = [f"[{group}]", *(f"{name} = {value}" for name, value in rows.items())]
    (installed / "entry_points.txt").write_text("\n".join(lines) + "\n")
    return tmp_path


def test_the_backend_of_the_page_is_found_and_counts_as_a_state_vector_does(package: Path) -> None:
    path = os.pathsep.join([str(package), str(ROOT)])
    run = subprocess.run(
        [sys.executable, "-c", ASK], env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    told = json.loads(run.stdout)
    assert (told["row"], told["missing"]) == ("mine 1.0", "")
    assert told["found"]["mine"] == told["found"]["statevector"]
    assert set(told["found"]["mine"]) == {"00", "11"}

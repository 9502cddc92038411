"""Whole circuits with distributions worked out by hand, and broken ones with the place of the mistake."""

import json
from pathlib import Path

import pytest

from novacron.errors import BadInput
from shared.circuits.reader import read
from shared.circuits.validation import record_from_json
from workers.quantum.simulation.circuits import simulator

DATA = Path(__file__).parents[3] / "data" / "qasm"
EXPECTED = json.loads((DATA / "expected.json").read_text())
MALFORMED = json.loads((DATA / "malformed.json").read_text())


def test_every_file_has_an_expected_distribution():
    assert {path.name for path in DATA.glob("*.qasm")} == set(EXPECTED)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_valid_circuit_has_the_distribution_worked_out_by_hand(name):
    record = read((DATA / name).read_text(), name)
    found = simulator.probabilities(record)
    assert found == pytest.approx(EXPECTED[name], abs=1e-12)
    assert sum(found.values()) == pytest.approx(1.0, abs=1e-14)
    assert record_from_json(json.loads(json.dumps(record.to_json()))) == record


@pytest.mark.parametrize("case", MALFORMED, ids=lambda case: case["name"])
def test_malformed_circuit_is_refused_where_it_is_wrong(case):
    with pytest.raises(BadInput) as caught:
        read(case["text"], "broken.qasm")
    assert (caught.value.line, caught.value.column) == (case["line"], case["column"])
    assert case["contains"] in caught.value.rule
    assert str(caught.value).startswith(f"broken.qasm:{case['line']}:{case['column']}")

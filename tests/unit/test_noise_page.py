"""What the page of noise models says is true: every error, every key, the examples."""

import json
import re
from pathlib import Path

import pytest
import yaml

from novacron.specs import parse_spec
from novacron.specs.calibration import Calibration
from novacron.specs.channel import CHANNELS, Fault
from novacron.specs.noise import NAMED, Noise

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "noise.md").read_text()


def table(header):
    after = PAGE.split(header, 1)[1].split("\n", 2)[2]
    rows = [line.strip("|").split("|") for line in after.split("\n\n")[0].splitlines()]
    return {
        name: set(re.findall(r"`(\w+)`", row[1])) for row in rows for name in re.findall(r"`(\w+)`", row[0])
    }


def test_every_key_of_a_model_is_listed():
    assert set(table("| key |")) == set(Noise.model_fields)


def test_every_error_is_listed_with_its_keys():
    listed = table("| name | keys |")
    assert set(listed) == set(CHANNELS)
    records = {record.model_fields["name"].default: record for record in Fault.__subclasses__()}
    for name, record in records.items():
        assert listed[name] - {"matrix"} == set(record.model_fields) - set(Fault.model_fields) - {"name"}


def test_every_name_is_listed():
    section = PAGE.split("## Names")[1].split("##")[0]
    assert set(NAMED) <= set(re.findall(r"`(\w+)`", section))


@pytest.mark.parametrize("block", re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL))
def test_models_written_out_are_valid(block):
    circuit = {"qasm": "OPENQASM 2.0; qreg q[4];"}
    spec = parse_spec({"kind": "pure_quantum", "circuit": circuit, **yaml.safe_load(block)})
    assert spec.noise is not None and len(spec.noise.errors) == 5


@pytest.mark.parametrize("block", re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL))
def test_calibrations_written_out_are_valid(block):
    assert Noise.from_backend(json.loads(block)).calibration == Calibration(**json.loads(block)).name

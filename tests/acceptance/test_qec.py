"""Error-correction studies from the command line."""

import csv
import json

from tests.acceptance.stack import Stack
from tests.servers import ROOT

CIRCUIT = str(ROOT / "examples" / "repetition.stim")


def test_a_study_of_a_circuit_is_exported_and_continued(stack: Stack, tmp_path):
    first = stack.document("qec", "memory", "--circuit", CIRCUIT, "--max-errors", "200", "--seed", "3")
    (point,) = first["points"]
    assert first["status"] == "completed" and point["errors"] >= 200
    assert point["rate_low"] < 3 * 0.1**2 * 0.9 + 0.1**3 < point["rate_high"] and point["seeds"] == [3]
    path = tmp_path / "counts.csv"
    assert stack.run("qec", "export", first["job_id"], "-o", str(path)).returncode == 0
    (line,) = csv.DictReader(path.read_text().splitlines())
    assert (line["strong_id"], int(line["shots"])) == (point["strong_id"], point["shots"])
    assert json.loads(line["custom_counts"]) == {"novacron_seed_3": 1}
    asked = ("qec", "memory", "--circuit", CIRCUIT, "--max-errors", "150", "--counts", str(path))
    again = stack.document(*asked)["points"]
    assert [one["shots"] for one in again] == [point["shots"]] and again[0]["seeds"] == [3]
    refused = stack.run(*asked, "--seed", "3")
    assert refused.returncode == 2 and "counted twice" in refused.stderr


def test_rare_errors_are_measured_by_their_number_of_faults(stack: Stack):
    asked = ("qec", "memory", "--circuit", CIRCUIT, "--max-errors", "400", "--stratified")
    found = stack.document(*asked)
    (point,) = found["points"]
    assert (point["sampling"], point["faults"][0]) == ("stratified", 2)
    assert point["rate_low"] < 3 * 0.1**2 * 0.9 + 0.1**3 < point["rate_high"]
    refused = stack.run("qec", "export", found["job_id"])
    assert refused.returncode == 2 and "not sampled directly" in refused.stderr
    both = stack.run(*asked, "--reweighted")
    assert both.returncode == 2 and "cannot stand beside --stratified" in both.stderr

"""Rows of a mitigated result."""

from novacron.cli.mitigation import rows


def test_rows_tell_what_mitigation_changed_and_how():
    told = {
        "methods": ["readout", "zne (linear, scales 1, 3)"], "circuits": 12, "shots": 20000,
        "observables": {"energy": {"value": -1.13, "unmitigated": -1.0559765432}},
    }  # fmt: skip
    assert rows({"mitigation": told}) == [
        ("unmitigated energy", "-1.0559765"),
        ("mitigation", "readout, zne (linear, scales 1, 3): 12 circuits, 20,000 shots"),
    ]
    assert rows({"mitigation": {**told, "methods": [], "shots": None}})[-1] == (
        "mitigation",
        "none: 12 circuits",
    )
    assert rows({"energy": -1.0}) == []

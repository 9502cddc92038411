"""What a memory experiment may ask."""

import pytest

from novacron.errors import BadInput
from novacron.specs import QECMemory, parse_spec
from novacron.specs.qec_point import GivenPoint, Point

CIRCUIT = {"stim": "X_ERROR(0.1) 0\nM 0\nDETECTOR rec[-1]\nOBSERVABLE_INCLUDE(0) rec[-1]"}
JOB = {"kind": "qec_memory", "code": "rotated_surface", "distance": 3, "p": 0.01}


@pytest.mark.parametrize(
    ("change", "field", "rule", "hint"),
    [
        ({"distance": 4}, "distance[0]", "must be odd", "use 3 or 5"),
        ({"distance": [3, 1]}, "distance[1]", "must be at least 3", None),
        ({"distance": [3, 3]}, "distance[1]", "is given twice", None),
        ({"distance": []}, "distance", "at least 1 entries", None),
        ({"distance": None}, "distance", "is required", None),
        ({"code": None}, "code", "is required", "the file of a circuit"),
        ({"circuit": CIRCUIT}, "circuit", "cannot stand beside code", None),
        ({"code": None, "circuit": CIRCUIT}, "distance", "a circuit has its own", "metadata"),
        ({"p": 0}, "p[0]", "must be greater than 0", None),
        ({"p": [0.1, 0.6]}, "p[1]", "must be at most 0.5", None),
        ({"code": "rotated_surfaces"}, "code", "must be one of", "'rotated_surface'"),
        ({"decoder": "pymatchin"}, "decoder[0]", "must be one of", "'pymatching'"),
        (
            {"code": "color_666", "decoder": "pymatching"},
            "decoder[0]",
            "cannot decode color_666; chromobius, bposd",
            None,
        ),
        ({"code": "repetition", "basis": "x"}, "basis", "only in the basis z", None),
        ({"circuit_noise": "ibm:kingston"}, "circuit_noise", "si1000 or fake:DEVICE", None),
        ({"code": "toric", "circuit_noise": "si1000"}, "circuit_noise", "phenomenological noise only", None),
        ({"circuit_noise": "si1000", "p": [0.01, 0.2]}, "p[1]", "at most 0.1 with si1000", None),
        ({"code": "bivariate_bicycle", "distance": [6, 8]}, "distance[1]", "must be 6 or 12", None),
        (
            {"sampling": "stratified", "counts": {"rows": []}},
            "counts",
            "stratified sampling cannot begin with",
            "sampling: direct",
        ),
        ({"aim": "threshold"}, "aim", "distributes max_seconds, which is not set", None),
        ({"aim": "lambda", "max_seconds": 1, "distance": 3}, "aim", "2 distances and 1", None),
        ({"shots": 100}, "shots", "no fixed number of shots", "max_shots"),
        (
            {"noise": {"errors": [{"name": "depolarizing", "p": 0.01}]}},
            "noise",
            "is set by p",
            "leave it out",
        ),
        ({"backend": "statevector"}, "backend", "always samples with Stim", "leave it out"),
        ({"distance": [3, 99], "rounds": 1000}, "distance[1]", "about 9,800,000 detectors", "or rounds"),
    ],
)
def test_a_refusal_names_field_rule_and_cure(change, field, rule, hint):
    with pytest.raises(BadInput) as caught:
        parse_spec(JOB | change)
    told = caught.value
    assert told.field == field and rule in told.rule
    assert hint is None or hint in (told.hint or "")


def test_the_points_are_in_order_of_distance_then_probability():
    points = list(QECMemory(**JOB | {"distance": [5, 3], "p": [0.02, 0.01]}).points())
    assert [tuple(one.facts[key] for key in ("distance", "rounds", "p")) for one in points] == [
        (3, 3, 0.01), (3, 3, 0.02), (5, 5, 0.01), (5, 5, 0.02),
    ]  # fmt: skip
    assert next(QECMemory(**JOB | {"code": "color_666"}).points()).decoder == "chromobius"
    assert next(QECMemory(**JOB | {"code": "toric", "distance": 4}).points()).facts["distance"] == 4
    asked = {**JOB, "circuit": CIRCUIT, "metadata": {"d": 1}} | dict.fromkeys(("code", "distance", "p"))
    (given,) = QECMemory(**asked).points()
    assert given == GivenPoint(CIRCUIT["stim"], "pymatching", {"d": 1}) and given.facts["p"] is None
    assert points[0] == Point("rotated_surface", 3, 3, "z", 0.01, "pymatching")

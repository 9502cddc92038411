import subprocess
import sys
from importlib.metadata import EntryPoint

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from novacron.errors import BadInput
from novacron.specs import Classical
from shared import functions
from shared.functions import Argument, Function, check, check_job, circuits, find

NAMES = ["seconds", "second", "n_sweeps", "n_replicas", "maxcut"]
ISING = {"model": "tfim", "n_qubits": 2, "J": 1.0, "h": 1.0}


def refused(*arguments):
    with pytest.raises(BadInput) as caught:
        check(*arguments)
    return caught.value


def test_the_table_is_read_without_numpy():
    code = (
        "import sys, shared.functions, shared.quantum.kernel_blocks, novacron.algorithms;"
        "shared.functions.functions();"
    )
    code += "print([m for m in ('numpy', 'scipy', 'sklearn', 'cryptography') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_defaults_are_filled_in():
    assert check("exact_diagonalization", {"hamiltonian": ISING}) == {
        "hamiltonian": ISING,
        "k": 1,
        "n_electrons": None,
        "two_sz": None,
        "sector": "declared",
    }


FCIDUMP = "&FCI NORB=1,NELEC=2 &END\n0.7 1 1 1 1\n-1.2 1 1 0 0\n"
DOUBTFUL = {"features": [[0.1, 50], [0.2, 30], [0.3, 20], [0.4, 60]], "labels": [0, 1, 0, 1], "scale": "none"}


@pytest.mark.parametrize(
    ("argument", "value", "doubts"),
    [
        ("hamiltonian", {"fcidump": FCIDUMP}, ["no MS2", "no core energy"]),
        ("data", DOUBTFUL, ["beyond 2 pi"]),
    ],
)
def test_doubts_about_an_input_are_told_by_every_function_that_takes_it(argument, value, doubts):
    takers = [
        name for name, one in functions.functions().items() if argument in [a.name for a in one.arguments]
    ]
    assert takers
    for name in takers:
        for job in ({"arguments": {argument: value}}, {"map": [{argument: value}, {argument: dict(value)}]}):
            said = Classical(function=name, **job).warnings()
            assert all(any(doubt in one for one in said) for doubt in doubts), (name, said)


@pytest.mark.parametrize(
    ("name", "arguments", "field", "words"),
    [
        ("exact_diagonalisation", {}, "function", "did you mean 'exact_diagonalization'?"),
        ("qwertz", {}, "function", "known: noop"),
        (None, {}, "function", "known"),
        (
            "exact_diagonalization",
            {"hamiltonain": {}},
            "arguments.hamiltonain",
            "did you mean 'hamiltonian'?",
        ),
        ("noop", {"x": 1}, "arguments.x", "noop takes no arguments"),
        ("sleep", {}, "arguments.seconds", "is required by sleep"),
        ("sleep", {"seconds": "1"}, "arguments.seconds", "must be of type number"),
        ("sleep", {"seconds": True}, "arguments.seconds", "must be of type number"),
        ("sleep", {"seconds": None}, "arguments.seconds", "must be of type number"),
        ("sleep", {"seconds": -1}, "arguments.seconds", "at least 0"),
        ("sleep", {"seconds": 3601}, "arguments.seconds", "at most 3600"),
        ("sleep", {"seconds": float("nan")}, "arguments.seconds", "finite"),
        ("exact_diagonalization", {"hamiltonian": {}, "k": 1.5}, "arguments.k", "must be of type integer"),
        ("maxcut_brute_force", {"maxcut": [[0, 1]]}, "arguments.maxcut", "must be of type object"),
    ],
)
def test_what_is_wrong_is_named_with_the_cure(name, arguments, field, words):
    error = refused(name, arguments)
    assert error.field == field and words in str(error)


def test_choices_are_offered():
    argument = Argument("side", "string", choices=("left", "right"))
    assert argument.check("left", "arguments.side") == "left"
    with pytest.raises(BadInput, match="did you mean 'right'"):
        argument.check("rihgt", "arguments.side")


def test_every_entry_of_a_map_is_checked():
    entries: list[dict[str, float]] = [{}, {"seconds": 2}, {"seconds": -2}]
    job = {"function": "sleep", "arguments": {"seconds": 1}}
    with pytest.raises(BadInput) as caught:
        check_job(Classical(**job, map=entries))
    assert caught.value.field == "map[2].seconds"
    assert check_job(Classical(**job, map=entries[:2])) == 2
    assert check_job(Classical(**job)) == 1


def test_circuits_in_arguments_are_found_with_their_fields():
    one = Classical(function="rank_devices", arguments={"circuit": "a"})
    assert [*circuits(one)] == [("a", "arguments.circuit")]
    several = Classical(function="rank_devices", map=({"circuit": "a"}, {"circuit": "b"}))
    assert [*circuits(several)] == [("a", "map[0].circuit"), ("b", "map[1].circuit")]
    assert [*circuits(Classical(function="noop"))] == []


@settings(max_examples=40, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(NAMES) | st.text("abc_", max_size=8),
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    )
)
def test_whatever_is_given_it_is_checked_or_refused(arguments):
    for name in ("sleep", "maxcut_simulated_annealing"):
        try:
            checked = check(name, arguments)
        except BadInput as error:
            assert str(error.field).startswith("arguments.")
        else:
            assert set(checked) == {argument.name for argument in find(name).arguments}


DOUBLE = Function("double", "Twice x.", (Argument("x", "number"),), "somewhere:double")
NOT_A_FUNCTION = "double"
TAKEN = Function("noop", "", (), "somewhere:noop")


@pytest.fixture
def declared(monkeypatch):
    """Let one attribute of this module be an entry point of the group."""

    def declare(attribute):
        entry = EntryPoint("anything", f"{__name__}:{attribute}", functions.GROUP)
        monkeypatch.setattr(
            functions, "entry_points", lambda group: [entry] if group == functions.GROUP else []
        )
        functions.functions.cache_clear()

    yield declare
    functions.functions.cache_clear()


def test_a_package_adds_a_function(declared):
    declared("DOUBLE")
    assert check("double", {"x": 2}) == {"x": 2}
    assert find("noop").implementation == "workers.quantum.classical.noop:run"


@pytest.mark.parametrize(("attribute", "message"), [("NOT_A_FUNCTION", "is not a"), ("TAKEN", "is taken")])
def test_a_bad_declaration_is_told_by_name(declared, attribute, message):
    declared(attribute)
    with pytest.raises(ValueError, match=f"{attribute} of novacron.functions.*{message}"):
        find("noop")

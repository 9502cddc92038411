import json
import subprocess
import sys
from typing import Any

import pytest

from novacron import errors
from novacron.errors import BadInput, from_problem, nearest


def test_the_message_names_place_field_value_rule_and_cure() -> None:
    error = BadInput(
        "must be at least 1", file="a.yaml", line=3, column=5, field="shots", value=0, hint="or leave it out"
    )
    assert str(error) == "a.yaml:3:5: shots = 0: must be at least 1 (or leave it out)"


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (BadInput("is required", field="kind"), "kind: is required"),
        (BadInput("is not UTF-8 text", file="x.csv", line=2), "x.csv:2: is not UTF-8 text"),
        (BadInput("must be a list", value=3), "3: must be a list"),
        (BadInput("is too long", field="a", value=[1] * 9), "a = list of 9 entries: is too long"),
        (BadInput("is too long", value="y" * 100), "'" + "y" * 80 + "'...: is too long"),
        (BadInput("is too great", value=10**5000), "an integer of more than 80 digits: is too great"),
    ],
)
def test_what_is_unknown_or_long_is_left_out(error: Any, text: Any) -> None:
    assert str(error) == text


def test_further_errors_follow_the_first_ten_at_most() -> None:
    others = [BadInput("wrong", field=f"f{i}") for i in range(14)]
    lines = str(BadInput("wrong", field="first", others=others)).split("\n")
    assert lines[0] == "first: wrong"
    assert lines[9] == "f8: wrong"
    assert lines[10:] == ["and 5 more"]


def test_entries_are_plain_json_whatever_the_value() -> None:
    values = [float("nan"), 1 + 2j, {"a": object()}, 10**400, "\ud800", b"x", True, None, 2.5]
    error = BadInput(
        "wrong", others=[BadInput("wrong", field="f", value=value, hint="h") for value in values]
    )
    entries = error.entries()
    assert json.loads(json.dumps(entries, allow_nan=False)) == entries
    assert entries[-1] == {"field": "f", "value": 2.5, "rule": "wrong", "hint": "h"}


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, errors.BadInput),
        (401, errors.Unauthorized),
        (403, errors.Forbidden),
        (404, errors.NotFound),
        (409, errors.Conflict),
        (413, errors.BadInput),
        (422, errors.BadInput),
        (429, errors.TooBusy),
        (500, errors.ServerError),
        (503, errors.TooBusy),
    ],
)
def test_each_status_has_its_exception(status: Any, kind: Any) -> None:
    error = from_problem(status, {"title": "Title", "detail": "the detail"})
    assert type(error) is kind
    assert str(error) == "the detail"


def test_a_problem_document_gives_back_the_errors_it_was_made_from() -> None:
    sent = BadInput(
        "must be at least 1", field="shots", value=0, others=[BadInput("unknown key", field="x", hint="h")]
    )
    received = from_problem(422, {"detail": "bad spec", "errors": sent.entries()})
    assert isinstance(received, BadInput)
    assert received.entries() == sent.entries()
    assert str(received) == str(sent)


@pytest.mark.parametrize(
    "error",
    [
        errors.NotFound("there is no such key"),
        errors.Conflict("it was changed concurrently"),
        errors.NotAuthentic("it was changed"),
        BadInput("must be at least 1", field="shots", value=0, hint="h", others=[BadInput("unknown")]),
        BadInput("breaks a rule"),
    ],
)
def test_what_a_task_was_refused_with_is_raised_by_whoever_waits_for_it(error: errors.NovaCronError) -> None:
    kept = json.loads(json.dumps(errors.refusal(error)))
    again = errors.from_refusal(str(error), kept)
    assert (type(again), str(again)) == (type(error), str(error))
    if isinstance(error, BadInput) and isinstance(again, BadInput):
        assert again.entries() == error.entries()


def test_another_failure_of_the_users_is_bad_input() -> None:
    assert errors.refusal(ValueError("no")) == {}
    assert type(errors.from_refusal("no", {})) is BadInput


def test_not_authentic_is_told_from_bad_input_by_its_title() -> None:
    document = {"title": errors.TITLES[errors.NotAuthentic], "status": 422, "detail": "it was changed"}
    assert type(from_problem(422, document)) is errors.NotAuthentic


@pytest.mark.parametrize(("given", "kept"), [(7.5, 7.5), (0.0, 0.0), (None, 1.0)])
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_kept_zero_included(status: int, given: float | None, kept: float) -> None:
    error = from_problem(status, {}, retry_after_s=given)
    assert isinstance(error, errors.TooBusy)
    assert error.retry_after_s == kept


@pytest.mark.parametrize("doc", [None, [], "text", 3, {"errors": 4}, {"errors": [1, {}]}, {"detail": None}])
def test_what_is_no_problem_document_still_makes_an_exception(doc: Any) -> None:
    assert str(from_problem(422, doc)) == "the scheduler answered 422"
    failed = from_problem(502, doc)
    assert isinstance(failed, errors.ServerError)
    assert failed.status == 502


def test_nearest_ignores_case_and_gives_up_on_the_unlike() -> None:
    assert nearest("lbgfs", ["adam", "lbfgs"]) == "lbfgs"
    assert nearest("ml-kem-768", ["ML-KEM-768", "ML-DSA-65"]) == "ML-KEM-768"
    assert nearest("zzzz", ["adam", "lbfgs"]) is None
    assert nearest(3.5, ["adam"]) is None


def test_an_ended_job_tells_its_class_of_failure() -> None:
    error = errors.JobFailed("out of memory", "j1", {"error": {"class": "resource"}})
    assert (error.job_id, error.error_class, str(error)) == ("j1", "resource", "out of memory")
    assert errors.JobFailed("x", "j1").error_class is None


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    stack: list[tuple[int, str]] = []
    drawn = {}
    for line in errors.__doc__.splitlines():
        words = line.replace("│", " ").replace("├──", "   ").replace("└──", "   ").split()
        name = words[0] if words else ""
        if isinstance(getattr(errors, name, None), type):
            depth = line.index(name)
            stack = [(at, parent) for at, parent in stack if at < depth]
            drawn[name] = stack[-1][1] if stack else "Exception"
            stack.append((depth, name))
    real = {
        name: value.__base__.__name__
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, errors.NovaCronError) and value.__base__
    }
    assert drawn == real


def test_errors_need_no_pydantic() -> None:
    code = "import sys, novacron.errors; sys.exit('pydantic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

import psycopg
import pytest

from novacron.errors import BadInput, Conflict, NotAuthentic, TooBusy, Unauthorized, Unavailable
from scheduler.api import problem_document
from scheduler.api.problem_document import Problem, TooLarge


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (BadInput("no", field="a"), 422, "no"),
        (NotAuthentic("forged"), 422, "forged"),
        (Unauthorized("who"), 401, "who"),
        (Conflict("twice"), 409, "twice"),
        (TooLarge(1000), 413, "1,000 bytes"),
        (TooBusy("later", 2.3), 429, "later"),
        (Unavailable("away"), 503, "away"),
        (RecursionError(), 422, "nested"),
        (psycopg.OperationalError("gone"), 503, "cannot be reached"),
        (psycopg.InterfaceError("closed"), 503, "cannot be reached"),
        (psycopg.errors.ReadOnlySqlTransaction("no"), 503, "accepts no writes"),
        (psycopg.errors.DiskFull("no"), 503, "database"),
    ],
)
def test_what_is_raised_on_purpose_is_a_problem(error, status, words):
    found = problem_document.of(error)
    assert found is not None and found.status == status and words in found.detail
    assert ("Retry-After" in found.headers) == (status in (429, 503))
    assert ("WWW-Authenticate" in found.headers) == (status == 401)


@pytest.mark.parametrize(
    ("status", "title"),
    [(404, "Not Found"), (413, "Request Entity Too Large"), (422, "Unprocessable Entity")],
)
def test_a_status_has_the_same_title_on_every_python(status, title):
    told = Problem(status, "no").document()
    assert (told["title"], told["type"].rpartition("/")[2]) == (title, title.lower().replace(" ", "-"))


def test_nothing_else_is():
    assert problem_document.of(KeyError("x")) is None
    assert problem_document.of(psycopg.errors.UndefinedTable("x")) is None


@pytest.mark.parametrize(("seconds", "told"), [(0.1, "1"), (1.0, "1"), (2.3, "3")])
def test_retry_after_is_whole_seconds(seconds, told):
    assert problem_document.retry_after(seconds) == {"Retry-After": told}


def test_a_document_that_unicode_has_no_form_for_is_replaced():
    assert b"?" in Problem(422, "\ud800").body()

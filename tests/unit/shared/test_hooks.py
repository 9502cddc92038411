"""The seam of hooks: all are told, in order; one that fails harms nobody; an empty point costs nothing."""

import pytest

from shared.hooks import is_heard, points, together


class Kind:
    """Two points."""

    def begin(self, what: str) -> None:
        """Something begins."""

    def end(self, what: str, came_to: int) -> None:
        """It ended."""


class Noting(Kind):
    def __init__(self, name: str, told: list[tuple[object, ...]]) -> None:
        self.name, self.told = name, told

    def begin(self, what: str) -> None:
        self.told.append((self.name, "begin", what))


class Counting(Noting):
    def end(self, what: str, came_to: int) -> None:
        self.told.append((self.name, "end", what, came_to))


class Failing(Kind):
    def begin(self, what: str) -> None:
        raise ZeroDivisionError("the hook's own fault")


def test_all_are_told_in_order_and_only_what_they_want():
    told: list[tuple[object, ...]] = []
    one = together(Kind, [Noting("a", told), Counting("b", told)])
    one.begin("x")
    one.end("x", 3)
    assert told == [("a", "begin", "x"), ("b", "begin", "x"), ("b", "end", "x", 3)]


def test_a_hook_that_fails_is_logged_and_the_others_are_told(caplog: pytest.LogCaptureFixture):
    told: list[tuple[object, ...]] = []
    together(Kind, [Failing(), Noting("a", told)]).begin("x")
    assert told == [("a", "begin", "x")]
    assert [record.getMessage() for record in caplog.records] == [
        "a hook failed and is passed over: Failing.begin"
    ]
    assert caplog.records[0].exc_info is not None


def test_what_nobody_wants_stays_the_empty_method():
    assert points(Kind) == ["begin", "end"]
    one = together(Kind, [Failing()])
    assert is_heard(one, "begin") and not is_heard(one, "end")
    assert one.end.__func__ is Kind.end  # type: ignore[attr-defined]
    assert not vars(together(Kind, []))

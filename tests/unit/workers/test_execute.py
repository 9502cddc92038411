"""Which failures another try may cure; what becomes of them is tested on a real database."""

import json

import pytest

from workers.execute import classify
from workers.outcome import ResourceExhaustedError, UserError


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (UserError("angle"), "user"),
        (ValueError("angle"), "user"),
        (json.JSONDecodeError("x", "", 0), "user"),
        (MemoryError(), "resource"),
        (ResourceExhaustedError("full"), "resource"),
        (OSError("disk"), "transient"),
        (ConnectionResetError(), "transient"),
        (TimeoutError(), "transient"),
        (KeyError("bug"), "internal"),
        (TypeError("bug"), "internal"),
        (ZeroDivisionError(), "internal"),
        (AssertionError(), "internal"),
    ],
)
def test_the_class_of_a_failure(error, kind):
    assert classify(error) == kind

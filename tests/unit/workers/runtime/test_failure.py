"""The class of each failure and what is kept of it; what becomes of them is tested on a real database."""

import errno
import json
import math
import socket
from pathlib import Path

import numpy as np
import psycopg
import pytest

from novacron.errors import BadInput, Conflict, Forbidden, NotAuthentic, NotFound, Unavailable
from workers.crypto.keys.kek import KekError
from workers.crypto.keys.transit import TransitUnavailableError
from workers.runtime import failure
from workers.runtime.outcome import (
    FunctionError,
    OverflowedError,
    PassingError,
    ResourceExhaustedError,
    UnstorableError,
    UserError,
)


def raised(call) -> Exception:
    """What a call raises."""
    try:
        with np.errstate(all="raise"):
            call()
    except Exception as error:
        return error
    raise AssertionError("it raised nothing")


CLASSES = [
    (UserError("angle"), "user", "refused"),
    (KekError("no KEK"), "user", "refused"),
    (BadInput("must be finite", field="h"), "user", "bad_input"),
    (NotFound("no key"), "user", "not_found"),
    (Conflict("in use"), "user", "conflict"),
    (NotAuthentic("changed"), "user", "not_authentic"),
    (OverflowedError("inf"), "user", "overflow"),
    (FunctionError("broke"), "user", "function_failed"),
    (UnstorableError("too large"), "user", "unstorable"),
    (MemoryError(), "resource", "out_of_memory"),
    (raised(lambda: np.empty(1 << 50)), "resource", "out_of_memory"),
    (OSError(errno.ENOMEM, "no memory"), "resource", "out_of_memory"),
    (ResourceExhaustedError("full"), "resource", "out_of_memory"),
    (raised(lambda: Path("/dev/full").write_text("x")), "transient", "disk_full"),
    (OSError(errno.EDQUOT, "quota"), "transient", "disk_full"),
    (BlockingIOError(errno.EAGAIN, "busy"), "transient", "busy"),
    (OSError(errno.EMFILE, "files"), "transient", "busy"),
    (OSError(errno.ENETUNREACH, "net"), "transient", "connection_lost"),
    (ConnectionResetError(), "transient", "connection_lost"),
    (BrokenPipeError(errno.EPIPE, "pipe"), "transient", "connection_lost"),
    (TimeoutError(), "transient", "connection_lost"),
    (socket.gaierror(socket.EAI_AGAIN, "name"), "transient", "connection_lost"),
    (psycopg.OperationalError("gone"), "transient", "database_unavailable"),
    (psycopg.InterfaceError("closed"), "transient", "database_unavailable"),
    (psycopg.errors.ReadOnlySqlTransaction("read-only"), "transient", "database_unavailable"),
    (psycopg.errors.CannotConnectNow("starting"), "transient", "database_unavailable"),
    (psycopg.errors.TooManyConnections("full"), "transient", "database_unavailable"),
    (psycopg.errors.SerializationFailure("again"), "transient", "database_unavailable"),
    (psycopg.errors.DeadlockDetected("again"), "transient", "database_unavailable"),
    (psycopg.errors.QueryCanceled("slow"), "transient", "database_unavailable"),
    (psycopg.errors.DiskFull("no space"), "transient", "disk_full"),
    (Unavailable("later"), "transient", "unavailable"),
    (PassingError("later"), "transient", "unavailable"),
    (TransitUnavailableError("sealed"), "transient", "unavailable"),
    (OSError("disk"), "internal", "unforeseen"),
    (FileNotFoundError(errno.ENOENT, "no file"), "internal", "unforeseen"),
    (PermissionError(errno.EACCES, "no"), "internal", "unforeseen"),
    (socket.gaierror(socket.EAI_NONAME, "name"), "internal", "unforeseen"),
    (psycopg.errors.UndefinedColumn("bug"), "internal", "unforeseen"),
    (psycopg.errors.StatementTooComplex("deep"), "internal", "unforeseen"),
    (Forbidden("no"), "internal", "unforeseen"),
    (ValueError("angle"), "internal", "unforeseen"),
    (json.JSONDecodeError("x", "", 0), "internal", "unforeseen"),
    (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "x"), "internal", "unforeseen"),
    (KeyError("bug"), "internal", "unforeseen"),
    (TypeError("bug"), "internal", "unforeseen"),
    (RecursionError("deep"), "internal", "unforeseen"),
    (AssertionError(), "internal", "unforeseen"),
    (raised(lambda: np.linalg.inv(np.zeros((2, 2)))), "internal", "unforeseen"),
    (raised(lambda: np.ones(2) @ np.ones(3)), "internal", "unforeseen"),
    (raised(lambda: np.float64(1e308) * 10), "internal", "unforeseen"),
    (raised(lambda: math.exp(1000)), "internal", "unforeseen"),
    (raised(lambda: 1 // 0), "internal", "unforeseen"),
    (raised(lambda: math.sqrt(-1)), "internal", "unforeseen"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("error", "kind", "code"), CLASSES, ids=[f"{type(error).__name__}-{code}" for error, _, code in CLASSES]
)
def test_the_class_of_a_failure(error, kind, code):
    found = failure.of(error)
    assert (found.kind, found.code) == (kind, code)
    told = found.document(task=1)
    assert told["retryable"] is (kind in ("transient", "resource"))
    assert told["message"] and not str(found).startswith(f"{kind}: {kind}")
    json.dumps(told, allow_nan=False)


def test_only_what_nobody_foresaw_names_its_exception():
    assert failure.of(KeyError("x")).message == "KeyError: 'x'"
    assert failure.of(AssertionError()).message == "AssertionError"
    assert failure.of(UserError("angle")).message == "angle"
    assert failure.of(ConnectionResetError()).message == "ConnectionResetError"


def test_a_refusal_keeps_its_field_value_rule_and_hint():
    told = failure.of(BadInput("must be less", field="n", value=9, hint="lower it")).document()
    assert told["errors"] == [{"field": "n", "value": 9, "rule": "must be less", "hint": "lower it"}]
    assert (told["type"], told["hint"]) == ("BadInput", "lower it")


def test_the_causes_are_told_the_nearest_first():
    error = UserError("step 3 failed")
    error.__cause__ = below = ValueError("bad")
    below.__cause__ = ZeroDivisionError()
    assert failure.of(error).cause == "ValueError: bad; ZeroDivisionError"
    below.__cause__ = error  # a circle
    assert failure.of(error).cause == "ValueError: bad"


def test_what_postgresql_has_no_form_for_is_written_otherwise():
    told = failure.of(UserError("a\x00b \ud800 " + "x" * 10_000)).document()
    assert told["message"].startswith("a\\x00b \\ud800 xxx") and told["message"].endswith(
        "(10,006 characters)"
    )
    assert len(told["message"]) < 4_100

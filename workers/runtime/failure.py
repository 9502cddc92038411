"""Classifies exceptions: caused by the user, transient, out of memory, or internal.

Only project exception classes count as user errors; only known transient failures as transient. A bare
ValueError of NumPy, a KeyError or an OSError without a reason are internal errors.
"""

from __future__ import annotations

import errno
import socket

from novacron.errors import BadInput, Conflict, NotAuthentic, NotFound, NovaCronError, Unavailable, refusal
from shared.db import errors, session
from shared.failures import Failure
from shared.states import FailureClass
from workers.runtime.outcome import PassingError, ResourceExhaustedError, UserError

REFUSED: dict[type[Exception], str] = {
    BadInput: "bad_input",
    NotFound: "not_found",
    Conflict: "conflict",
    NotAuthentic: "not_authentic",
    UserError: "refused",
}
PASSING: dict[str, tuple[int, ...]] = {
    "disk_full": (errno.ENOSPC, errno.EDQUOT),
    "busy": (
        errno.EAGAIN, errno.EINTR, errno.EBUSY, errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ESTALE,
    ),
    "connection_lost": (
        errno.ECONNREFUSED, errno.ECONNRESET, errno.ECONNABORTED, errno.EPIPE, errno.ESHUTDOWN,
        errno.ENOTCONN, errno.ETIMEDOUT, errno.ENETDOWN, errno.ENETUNREACH, errno.ENETRESET,
        errno.EHOSTDOWN, errno.EHOSTUNREACH,
    ),
}  # fmt: skip
"""Reasons of an OSError that are transient, or resolved by freeing space."""
DISK_FULL = "53100"
HINTS = {
    "disk_full": "make room where the worker or PostgreSQL writes",
    "out_of_memory": "run it where there is more memory, or make the job smaller",
    "unforeseen": "this is a fault of NovaCron's or of its machine: report it with the job's id",
}


def of(error: Exception) -> Failure:
    """Return the failure for an exception, with the class that decides whether the task is retried."""
    if isinstance(error, MemoryError | ResourceExhaustedError) or _errno(error) == errno.ENOMEM:
        message = str(error) or "the worker ran out of memory"
        return Failure(FailureClass.RESOURCE, message, "out_of_memory", _below(error), HINTS["out_of_memory"])
    for known, name in REFUSED.items():
        if isinstance(error, known):
            return _refused(error, name)
    if code := _passing(error):
        return Failure(FailureClass.TRANSIENT, _message(error), code, _below(error), HINTS.get(code))
    name = type(error).__name__
    message = f"{name}: {error}" if str(error) else name
    return Failure(FailureClass.INTERNAL, message, "unforeseen", _below(error), HINTS["unforeseen"])


def _refused(error: Exception, code: str) -> Failure:
    hint = error.hint if isinstance(error, BadInput | UserError) else None
    narrower = error.code if isinstance(error, UserError) else None
    return Failure(FailureClass.USER, _message(error), narrower or code, _below(error), hint, refusal(error))


def _passing(error: Exception) -> str | None:
    """Return the code of a transient failure; None if it is not known to be transient."""
    if isinstance(error, Unavailable | PassingError):
        return "unavailable"
    if isinstance(error, errors.Error):
        if not isinstance(error, session.AWAY) or session.cannot_hold(error):
            return None
        return "disk_full" if error.sqlstate == DISK_FULL else "database_unavailable"
    if isinstance(error, NovaCronError) or not isinstance(error, OSError):
        return None
    if isinstance(error, socket.gaierror):
        return "connection_lost" if error.errno == socket.EAI_AGAIN else None
    if code := next((code for code, numbers in PASSING.items() if error.errno in numbers), None):
        return code
    if isinstance(error.__cause__, errors.Error):
        return "database_unavailable"
    return "connection_lost" if isinstance(error, ConnectionError | TimeoutError) else None


def _errno(error: Exception) -> int | None:
    return error.errno if isinstance(error, OSError) else None


def _message(error: Exception) -> str:
    return str(error) or type(error).__name__


def _below(error: Exception) -> str | None:
    """Return the chain of causes, the nearest first; None if there are none."""
    causes: list[str] = []
    seen = {id(error)}
    below = error.__cause__
    while below is not None and id(below) not in seen:
        seen.add(id(below))
        causes.append(f"{type(below).__name__}: {below}".removesuffix(": "))
        below = below.__cause__
    return "; ".join(causes) or None

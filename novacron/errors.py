"""Every exception NovaCron raises on purpose, split by what the caller can do about it.

NovaCronError
├── BadInput            mend the input: file, line, field, value, rule and hint say where and how
├── Denied              use other credentials
│   ├── Unauthorized        the token is missing or unknown
│   │   ├── TokenExpired        its time is over: get a new one
│   │   └── TokenRevoked        somebody ended it: get a new one
│   └── Forbidden           the token is good, its role is not enough
├── NotFound            check the id: there is no such thing, or it is not yours
├── Conflict            look at the state first: it does not allow this
├── InsecureConnection  mend the certificate, its name or the mode of TLS: the server was not talked to
├── NotAuthentic        do not use it: it was changed, cut short, or is another key's
├── Unavailable         try again, the request itself was fine
│   ├── Unreachable         nothing answered
│   └── TooBusy             it said when to come back: retry_after_s
├── StillRunning        wait longer: the job has not ended yet
├── JobEnded            read the cause: there is no result to be had
│   ├── JobFailed
│   └── JobCancelled
└── ServerError         report it: the scheduler broke its own rules
"""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypedDict

SHOWN_ERRORS = 10
SHOWN_CHARACTERS = 80


class Entry(TypedDict):
    """A violated rule as plain JSON; the names are those of `BadInput`."""

    field: str | None
    value: object
    rule: str
    hint: str | None


class NovaCronError(Exception):
    """Base class of all exceptions that NovaCron raises on purpose."""


class BadInput(NovaCronError):  # noqa: N818
    """The input breaks a rule; nothing was written.

    Attributes:
        rule: the condition on the value, or what is wrong.
        file: path of the file at fault.
        line: line in that file, from 1.
        column: column in that line, from 1.
        field: dotted path of the field, list positions in brackets: `hamiltonian.terms[3]`.
        value: rejected value; None if there is none to show.
        hint: how to fix it.
        others: further errors found in the same input, each a BadInput without `others`.
    """

    def __init__(
        self,
        rule: str,
        *,
        file: str | None = None,
        line: int | None = None,
        column: int | None = None,
        field: str | None = None,
        value: object = None,
        hint: str | None = None,
        others: Sequence["BadInput"] = (),
    ) -> None:
        super().__init__(rule)
        self.rule = rule
        self.file = file
        self.line = line
        self.column = column
        self.field = field
        self.value = value
        self.hint = hint
        self.others = tuple(others)

    @property
    def all(self) -> list["BadInput"]:
        """This error and the further ones, in the order they were found."""
        return [self, *self.others]

    def entries(self) -> list["Entry"]:
        """Return all errors as the `errors` member of a problem document (plain JSON)."""
        return [
            {
                "field": None if one.field is None else _encodable(one.field),
                "value": _plain(one.value),
                "rule": _encodable(one.rule),
                "hint": one.hint,
            }
            for one in self.all
        ]

    def _one(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)
        subject = self.field or ""
        if self.value is not None:
            subject += f" = {_shown(self.value)}" if subject else _shown(self.value)
        text = ": ".join(part for part in (place, subject, self.rule) if part)
        return f"{text} ({self.hint})" if self.hint else text

    def __str__(self) -> str:
        shown = [one._one() for one in self.all[:SHOWN_ERRORS]]
        left = len(self.others) + 1 - len(shown)
        return "\n".join(shown + ([f"and {left} more"] if left else []))


class Denied(NovaCronError):  # noqa: N818
    """The caller may not do this with these credentials."""


class Unauthorized(Denied):
    """The token is missing or unknown (HTTP 401)."""


class TokenExpired(Unauthorized):
    """The token has expired (HTTP 401)."""


class TokenRevoked(Unauthorized):
    """The token was revoked (HTTP 401)."""


class Forbidden(Denied):
    """The token's role does not allow this (HTTP 403)."""


class NotFound(NovaCronError):  # noqa: N818
    """No such object, or it belongs to another tenant (HTTP 404)."""


class Conflict(NovaCronError):  # noqa: N818
    """The object's current state does not allow this (HTTP 409)."""


class InsecureConnection(NovaCronError):  # noqa: N818
    """A server answered, but its certificate or capabilities do not meet the requirements."""


class NotAuthentic(NovaCronError):  # noqa: N818
    """An envelope or a signature is invalid: it was changed, truncated, or made with another key.

    Every failed cryptographic check has the same message, so that it reveals nothing to a forger.
    """


class Unavailable(NovaCronError):  # noqa: N818
    """The request was not served; retrying the same request may succeed."""


class Unreachable(Unavailable):
    """No scheduler answered at the address."""


class TooBusy(Unavailable):
    """The scheduler refused the request temporarily (HTTP 429 or 503).

    Attributes:
        retry_after_s: seconds to wait before the next attempt.
    """

    def __init__(self, message: str, retry_after_s: float = 1.0) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class StillRunning(NovaCronError):  # noqa: N818
    """The job had not ended when the caller stopped waiting; it continues.

    Attributes:
        job_id: the job.
        status: its last known state.
    """

    def __init__(self, job_id: str, status: str) -> None:
        super().__init__(f"job {job_id} is still {status}")
        self.job_id = job_id
        self.status = status


class JobEnded(NovaCronError):  # noqa: N818
    """The job ended without a result.

    Attributes:
        job_id: the job.
        job: job document, as received from the scheduler.
    """

    def __init__(self, message: str, job_id: str, job: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.job_id = job_id
        self.job = dict(job or {})


class JobFailed(JobEnded):
    """The job failed; the message is its cause, `error_class` says who is at fault."""

    @property
    def error_class(self) -> str | None:
        """One of user, transient, resource, internal, poison, timeout, dependency; None where unknown."""
        return self._told("class")

    @property
    def code(self) -> str | None:
        """Machine-readable code, narrower than the class: `bad_input`, `disk_full`, `worker_lost`, ..."""
        return self._told("code")

    @property
    def hint(self) -> str | None:
        """What to do; None if unknown."""
        return self._told("hint")

    @property
    def retryable(self) -> bool:
        """Whether the same job may complete when submitted again."""
        return bool(self._told("retryable"))

    def _told(self, key: str) -> str | None:
        error = self.job.get("error")
        return error.get(key) if isinstance(error, dict) else None


class JobCancelled(JobEnded):
    """The job was cancelled; the message says by whom and when."""


class ServerError(NovaCronError):
    """The scheduler failed, or its response cannot be decoded.

    Attributes:
        status: HTTP status, None if the response could not be decoded.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


_BY_STATUS: dict[int, type[NovaCronError]] = {
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
}


TITLES: dict[type[NovaCronError], str] = {
    NotAuthentic: "Not Authentic",
    TokenExpired: "Token Expired",
    TokenRevoked: "Token Revoked",
}
"""Problem titles of exceptions that share a status with others."""
_BY_TITLE = {title: kind for kind, title in TITLES.items()}
_REFUSALS: tuple[type[NovaCronError], ...] = (BadInput, NotFound, Conflict, NotAuthentic)


def refusal(error: Exception) -> dict[str, Any]:
    """Return what to store of an exception for `from_refusal`, apart from its message; empty for others."""
    name = next((kind.__name__ for kind in _REFUSALS if isinstance(error, kind)), None)
    if isinstance(error, BadInput):
        return {"type": name, "errors": error.entries()}
    return {"type": name} if name else {}


def from_refusal(message: str, kept: Mapping[str, Any]) -> NovaCronError:
    """Return the exception stored by `refusal`, to be raised elsewhere; BadInput if nothing was stored."""
    for kind in _REFUSALS[1:]:
        if kept.get("type") == kind.__name__:
            return kind(message)
    return _bad_input(message, kept.get("errors"))


def together(errors: Sequence[BadInput]) -> BadInput:
    """Combine several errors: the first, with the rest as its `others`."""
    first, *others = errors
    for one in others:
        one.others = ()
    first.others = tuple(others)
    return first


def nearest(word: object, known: Iterable[str]) -> str | None:
    """Return the most similar known word, for a "did you mean"; None if none is similar."""
    by_lower = {name.lower(): name for name in known}
    found = difflib.get_close_matches(str(word).lower()[:SHOWN_CHARACTERS], by_lower, n=1, cutoff=0.6)
    return by_lower[found[0]] if found else None


def from_problem(status: int, doc: object, retry_after_s: float | None = None) -> NovaCronError:
    """Return the exception for a problem document, to be raised by the caller.

    Source: RFC 9457, section 3.

    Args:
        status: HTTP status of the answer.
        doc: decoded body; anything else than a problem document counts as empty.
        retry_after_s: Retry-After header in seconds, if present.
    """
    problem = doc if isinstance(doc, Mapping) else {}
    message = str(problem.get("detail") or problem.get("title") or f"the scheduler answered {status}")
    if status in (429, 503):
        return TooBusy(message, 1.0 if retry_after_s is None else retry_after_s)
    if 400 <= status < 500 and (kind := _BY_TITLE.get(str(problem.get("title")))):
        return kind(message)
    if status in _BY_STATUS:
        return _BY_STATUS[status](message)
    if 400 <= status < 500:
        return _bad_input(message, problem.get("errors"))
    return ServerError(message, status)


def _bad_input(message: str, entries: object) -> BadInput:
    found = [
        BadInput(
            str(entry.get("rule") or message),
            field=_text(entry.get("field")),
            value=entry.get("value"),
            hint=_text(entry.get("hint")),
        )
        for entry in (entries if isinstance(entries, list) else [])
        if isinstance(entry, Mapping)
    ]
    if not found:
        return BadInput(message)
    return together(found)


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _plain(value: object) -> object:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float) and abs(value) < 2**63:  # excludes NaN and infinities as well
        return value
    return _encodable(value[:SHOWN_CHARACTERS] if isinstance(value, str) else _shown(value))


def _encodable(text: str) -> str:
    """Return the text with `?` for lone surrogates, which UTF-8 cannot encode."""
    return text.encode("utf-8", "replace").decode()


def _shown(value: object) -> str:
    """Return a short form; large containers are shown by size, so that output stays bounded."""
    if isinstance(value, str) and len(value) > SHOWN_CHARACTERS:
        return f"{value[:SHOWN_CHARACTERS]!r}..."
    if isinstance(value, Mapping | list | tuple) and len(value) > 8:
        return f"{type(value).__name__} of {len(value)} entries"
    if isinstance(value, int) and abs(value) >= 10**SHOWN_CHARACTERS:
        return f"an integer of more than {SHOWN_CHARACTERS} digits"
    text = repr(value)
    return text if len(text) <= SHOWN_CHARACTERS else text[:SHOWN_CHARACTERS] + "..."

"""Size limits of request bodies, by route and role."""

from __future__ import annotations

from typing import Final

from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from novacron.errors import NovaCronError
from scheduler.api import problems
from scheduler.api.problem_document import TooLarge
from scheduler.api.services import Services, bearer_of
from scheduler.api.traffic import Held
from shared.db import session
from shared.db.tokens import Bearer

WITHOUT_TOKEN_BYTES: Final = 1 << 16
"""Largest body of an unauthenticated request, in bytes."""
OCSP_BYTES: Final = 1 << 12
OPERATION_BYTES: Final = 1 << 20
"""Largest body of an operation, in bytes; an envelope header with all its recipients is the largest."""
READER_BYTES: Final = 8 << 20
"""Largest job or inventory that a token with the role `read` may send, in bytes."""
WHOLE: Final = frozenset({
    "/api/quantum/jobs", "/api/quantum/circuits/execute", "/api/quantum/explain",
    "/api/crypto/cbom/export", "/api/crypto/cbom/import",
    "/api/crypto/migration/assess", "/api/crypto/migration/plan",
})  # fmt: skip
"""Routes that accept whole jobs and inventories, which parser processes read."""


def limit(path: str, who: Bearer | None, most: int) -> int:
    """Return the limit of a request's body in bytes.

    Args:
        path: of the request.
        who: the caller; None before authentication.
        most: the largest body that the settings allow.
    """
    if path.endswith("/ocsp"):
        return OCSP_BYTES
    if who is None:
        return WITHOUT_TOKEN_BYTES
    if path not in WHOLE:
        return min(most, OPERATION_BYTES)
    return most if who.may("submit") else min(most, READER_BYTES)


class Guard:
    """ASGI middleware that refuses bodies above the limit, by declared or actual length, and NUL in paths.

    PostgreSQL text cannot contain NUL, so no such path can match anything.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 404, 413 or 429."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if "\0" in scope["path"] or b"%00" in scope["query_string"]:
            await problems.problem(404, "no address holds a NUL character")(scope, receive, send)
            return
        held = Held(scope)
        headers = dict(scope["headers"])
        try:
            if b"transfer-encoding" in headers:
                receive = Undeclared(scope, held, receive)
            elif declared := headers.get(b"content-length"):
                await _admit(scope, held, int(declared) if declared.isdigit() else -1)
            await self._app(scope, receive, send)
        except (NovaCronError, *session.AWAY) as error:
            await problems.answer(error)(scope, receive, send)
        finally:
            held.give_back()


async def _admit(scope: Scope, held: Held, length: int) -> None:
    """Check a declared length against the limit of its sender.

    Raises:
        TooLarge: the length is above the limit.
        Unauthorized: a body of this size requires a token, which is missing or unknown.
        TooBusy: the tenant already has too many bytes in flight.
    """
    found = _services(scope)
    most = found.settings.max_body_bytes
    if not 0 <= length <= most:
        raise TooLarge(most)
    if length > limit(scope["path"], None, most):
        who, allowed = await _allowance(scope, found)
        if length > allowed:
            raise TooLarge(allowed)
        held.take(found.bodies, who.tenant_id, length)


async def _allowance(scope: Scope, found: Services) -> tuple[Bearer, int]:
    """Return the sender of a large body, and its limit in bytes."""
    anybodys = limit(scope["path"], None, found.settings.max_body_bytes)
    if anybodys < WITHOUT_TOKEN_BYTES:
        raise TooLarge(anybodys)
    who = await bearer_of(Request(scope), found)
    return who, limit(scope["path"], who, found.settings.max_body_bytes)


def _services(scope: Scope) -> Services:
    found: Services = scope["app"].state.services
    return found


class Undeclared:
    """Receives a body without a declared length, up to its limit."""

    def __init__(self, scope: Scope, held: Held, receive: Receive) -> None:
        self._scope, self._held, self._receive = scope, held, receive
        self._seen = 0
        self._allowed = limit(scope["path"], None, _services(scope).settings.max_body_bytes)
        self._known = False

    async def __call__(self) -> Message:
        """Return the next chunk.

        Raises:
            HTTPException: the body is too large; FastAPI lets no other exception through.
            Unauthorized: a body of this size requires a token, which is missing or unknown.
            TooBusy: the tenant already has too many bytes in flight.
        """
        message = await self._receive()
        self._seen += len(message.get("body", b""))
        if self._seen > self._allowed and not self._known:
            await self._find_out()
        if self._seen > self._allowed:
            raise _too_large(self._allowed)
        return message

    async def _find_out(self) -> None:
        """Authenticate the sender and reserve its limit."""
        self._known = True
        found = _services(self._scope)
        try:
            who, self._allowed = await _allowance(self._scope, found)
        except TooLarge:
            raise _too_large(self._allowed) from None
        self._held.take(found.bodies, who.tenant_id, self._allowed)


def _too_large(most: int) -> HTTPException:
    return HTTPException(413, str(TooLarge(most)))

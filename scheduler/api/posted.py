"""A submitted body with its sender, which routes pass to the intake."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import Depends, Request
from fastapi.responses import Response
from pydantic import BaseModel

from scheduler.api.body import MODELS, Taken
from scheduler.api.intake import Intake
from scheduler.api.services import Reader, ServicesDep, Submitter
from shared.db.tokens import Bearer


@dataclass(frozen=True, slots=True)
class Posted:
    """A job, a circuit or an inventory as received.

    Attributes:
        intake: processes it.
        body: in chunks.
        who: the sender.
    """

    intake: Intake
    body: Sequence[bytes]
    who: Bearer

    async def answer(self, call: str, *, status: int = 200, **arguments: str | None) -> Response:
        """See `Intake.answer`."""
        return await self.intake.answer(call, self.body, self.who, status=status, **arguments)

    async def explain(self) -> Response:
        """See `Intake.explain`."""
        return await self.intake.explain(self.body, self.who)

    async def submit(self, key: str | None) -> str:
        """See `Intake.submit`."""
        return await self.intake.submit(self.body, self.who, key)

    async def made(self, call: str, **arguments: str | None) -> str:
        """See `Intake.made`."""
        return await self.intake.made(call, self.body, self.who, **arguments)


def asked(*models: type[BaseModel]) -> Any:
    """Make a dependency for bodies that callers with read access may send; nothing of them is stored.

    Args:
        models: models of which the body is one; the intake validates it.
    """

    async def read(request: Request, found: ServicesDep, who: Reader) -> Posted:
        return Posted(found.intake, await found.intake.body(request, who), who)

    MODELS[read] = Taken(models)
    return Depends(read)


def submitted(*models: type[BaseModel], fixed: Iterable[str] = ()) -> Any:
    """Make a dependency for bodies that callers with submit access may send.

    Args:
        models: as for `asked`.
        fixed: fields that clients do not send.
    """

    async def read(request: Request, found: ServicesDep, who: Submitter) -> Posted:
        return Posted(found.intake, await found.intake.body(request, who), who)

    MODELS[read] = Taken(models, frozenset(fixed))
    return Depends(read)

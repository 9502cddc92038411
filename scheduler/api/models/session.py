"""Sessions of the API: requests and pages."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from novacron.answers.session import Call, Session
from novacron.specs.duration import Seconds
from novacron.specs.record import Record
from novacron.specs.scalars import Label
from scheduler.api.models.model import Model
from scheduler.api.models.page import Page

DAY_S = 86400.0
LONGEST_S = 366 * DAY_S


class NewSession(Record):
    """A session to open.

    Attributes:
        name: name of the program; sessions of one name are its runs.
        idle_s: seconds without a call after which the session ends by itself.
    """

    name: Label
    idle_s: Annotated[Seconds, Field(ge=1, le=LONGEST_S)] = DAY_S


class SessionPage(Page):
    """A page of sessions, newest first.

    Attributes:
        sessions: sessions of this page.
    """

    sessions: list[Session]


class CallPage(Model):
    """A page of the calls of a session, in order.

    Attributes:
        calls: calls of this page.
        next: `after` of the next page; null on the last.
    """

    calls: list[Call]
    next: int | None

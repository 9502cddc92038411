"""`client.sessions`: sessions of all programs, by id."""

from __future__ import annotations

from novacron._transport import http
from novacron._transport.flows import OUTAGE_S, Flow, call, given, idempotency_key
from novacron.answers.answer import Listing
from novacron.answers.session import Call, Session
from novacron.groups.group import AnyClient, Group, answered, operation, rows

SESSIONS = "/api/quantum/sessions"
PAGE = 5000


class Sessions(Group[AnyClient]):
    """Sessions of all programs; `client.session(name)` opens one and makes calls in it."""

    @operation
    def list(self, *, name: str | None = None, limit: int = 50) -> Flow[Listing[Session]]:
        """List the tenant's sessions, newest first.

        Args:
            name: pattern of the name, such as ``h2*``.
            limit: their greatest number.
        """
        return rows(Session, SESSIONS, "sessions", limit, name=name)

    __call__ = list

    @operation
    def open(self, name: str, *, idle_s: float | str | None = None) -> Flow[Session]:
        """Open a session without calls; see `Client.session`."""
        wanted = given({"name": name, "idle_s": idle_s})
        return answered(Session, call(http.post(SESSIONS, wanted, idempotency_key())))

    @operation
    def get(self, session_id: str) -> Flow[Session]:
        """Return a session with the numbers of its calls.

        Raises:
            NotFound: there is no such session.
        """
        return answered(Session, call(http.get(f"{SESSIONS}/{http.segment(session_id)}")))

    @operation
    def end(self, session_id: str) -> Flow[Session]:
        """End a session: it takes no more calls; those that run are left alone.

        Raises:
            NotFound: there is no such session.
        """
        return answered(Session, call(http.post(f"{SESSIONS}/{http.segment(session_id)}/end", {})))

    @operation
    def calls(self, session_id: str) -> Flow[Listing[Call]]:
        """List the calls of a session in order, each with the first value of its answer.

        Raises:
            NotFound: there is no such session.
        """
        return _calls(session_id)


def _calls(session_id: str) -> Flow[Listing[Call]]:
    found, reached = Listing[Call](), -1
    while reached is not None:
        path = f"{SESSIONS}/{http.segment(session_id)}/calls"
        page = yield from call(http.get(path, {"limit": PAGE, "after": reached}), OUTAGE_S)
        found.extend(map(Call, page["calls"]))
        reached = page["next"]
    return found

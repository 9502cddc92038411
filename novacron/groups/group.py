"""`Group`, the base class of groups, and decorators that define a method of both clients once."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, TypeAlias, TypeVar, overload

from novacron._transport.flows import Document, Flow, listed
from novacron.answers.answer import Answer, Listing

if TYPE_CHECKING:
    from novacron._async_job import AsyncJob
    from novacron._job import Job
    from novacron.async_client import AsyncClient
    from novacron.client import Client
    from novacron.groups.grouped import Grouped

T = TypeVar("T")
P = ParamSpec("P")
AnyAnswer = TypeVar("AnyAnswer", bound=Answer)
AnyClient = TypeVar("AnyClient", bound="Grouped")


class Group(Generic[AnyClient]):
    """One client's operations on one type of object."""

    def __init__(self, client: AnyClient) -> None:
        self._client = client

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._client!r}>"


def answered(kind: type[AnyAnswer], flow: Flow[Document]) -> Flow[AnyAnswer]:
    """Return a flow's document as an answer."""
    return kind((yield from flow))


def rows(
    kind: type[AnyAnswer], path: str, name: str, limit: int, /, **query: str | None
) -> Flow[Listing[AnyAnswer]]:
    """Return at most `limit` rows of a listing as answers."""
    found = yield from listed(path, name, limit, None, **query)
    return Listing(kind(one) for one in found)


if TYPE_CHECKING:

    class operation(Generic[P, T]):  # noqa: N801 - a decorator
        """Turn a function that returns a flow into a method of both clients; `AsyncClient` awaits it."""

        def __init__(self, flow: Callable[Concatenate[Any, P], Flow[T]]) -> None: ...

        @overload
        def __get__(self, group: Group[Client], owner: Any) -> Callable[P, T]: ...
        @overload
        def __get__(self, group: Group[AsyncClient], owner: Any) -> Callable[P, Coroutine[Any, Any, T]]: ...
        def __get__(self, group: Any, owner: Any) -> Any: ...

    class job_of(Generic[P]):  # noqa: N801 - a decorator
        """Like `operation`, for a function whose flow returns a job document."""

        def __init__(self, flow: Callable[Concatenate[Any, P], Flow[Document]]) -> None: ...

        @overload
        def __get__(self, group: Group[Client], owner: Any) -> Callable[P, Job]: ...
        @overload
        def __get__(
            self, group: Group[AsyncClient], owner: Any
        ) -> Callable[P, Coroutine[Any, Any, AsyncJob]]: ...
        def __get__(self, group: Any, owner: Any) -> Any: ...

else:

    def operation(flow):
        """Turn a function that returns a flow into a method of both clients; `AsyncClient` awaits it."""
        return _method(flow, lambda client: client._run)

    def job_of(flow):
        """Like `operation`, for a function whose flow returns a job document."""
        return _method(flow, lambda client: client._job)


Runner: TypeAlias = "Callable[[Any], Callable[[Flow[Any]], Any]]"


def _method(flow: Callable[..., Flow[Any]], runner: Runner) -> Callable[..., Any]:
    @wraps(flow)
    def method(group: Group[Any], *arguments: Any, **named: Any) -> Any:
        return runner(group._client)(flow(group, *arguments, **named))

    # `help` should show the return type, not the flow.
    returned = flow.__annotations__["return"]
    flow.__annotations__["return"] = (
        returned.removeprefix("Flow[").removesuffix("]").replace("Document", "Job")
    )
    return method

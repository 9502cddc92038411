"""`Group`, the base of groups, and the decorators that make methods of both clients from one description."""

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
    """Operations on one kind of thing, of one client."""

    def __init__(self, client: AnyClient) -> None:
        self._client = client

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._client!r}>"


def answered(kind: type[AnyAnswer], flow: Flow[Document]) -> Flow[AnyAnswer]:
    """Return the document of a flow as an answer."""
    return kind((yield from flow))


def rows(
    kind: type[AnyAnswer], path: str, name: str, limit: int, **query: str | None
) -> Flow[Listing[AnyAnswer]]:
    """Return at most `limit` rows of a listing as answers."""
    found = yield from listed(path, name, limit, **query)
    return Listing(kind(one) for one in found)


if TYPE_CHECKING:

    class operation(Generic[P, T]):  # noqa: N801 - a decorator
        """Make a method of both clients of a function that returns a flow: awaited by `AsyncClient`."""

        def __init__(self, flow: Callable[Concatenate[Any, P], Flow[T]]) -> None: ...

        @overload
        def __get__(self, group: Group[Client], owner: Any) -> Callable[P, T]: ...
        @overload
        def __get__(self, group: Group[AsyncClient], owner: Any) -> Callable[P, Coroutine[Any, Any, T]]: ...
        def __get__(self, group: Any, owner: Any) -> Any: ...

    class job_of(Generic[P]):  # noqa: N801 - a decorator
        """The same, of a function whose flow returns the document of a job."""

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
        """Make a method of both clients of a function that returns a flow: awaited by `AsyncClient`."""
        return _method(flow, lambda client: client._run)

    def job_of(flow):
        """The same, of a function whose flow returns the document of a job."""
        return _method(flow, lambda client: client._job)


Runner: TypeAlias = "Callable[[Any], Callable[[Flow[Any]], Any]]"


def _method(flow: Callable[..., Flow[Any]], runner: Runner) -> Callable[..., Any]:
    @wraps(flow)
    def method(group: Group[Any], *arguments: Any, **named: Any) -> Any:
        return runner(group._client)(flow(group, *arguments, **named))

    # `help` tells what is returned, not how it is asked for.
    told = flow.__annotations__["return"]
    flow.__annotations__["return"] = told.removeprefix("Flow[").removesuffix("]").replace("Document", "Job")
    return method

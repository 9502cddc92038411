import asyncio
import inspect
import json
import re

import pytest

from novacron import AsyncClient, Client
from novacron.answers.answer import Listing
from novacron.errors import Unreachable
from novacron.groups.grouped import FORMER, Grouped

GROUPS = [name for name, found in vars(Grouped).items() if isinstance(found, property)]
NOWHERE = "http://127.0.0.1:1"
NOT_GROUPED = (
    "submit", "submit_many", "run", "sweep", "session", "job", "jobs", "rows", "explain", "algorithms",
    "version", "readiness", "close",
)  # fmt: skip


def operations(group):
    return [name for name, found in inspect.getmembers(type(group), inspect.isfunction) if name[0] != "_"]


@pytest.mark.parametrize("name", GROUPS)
def test_both_clients_have_the_same_operations(name):
    ours, theirs = getattr(Client(NOWHERE), name), getattr(AsyncClient(NOWHERE), name)
    assert type(ours) is type(theirs) and operations(ours)
    assert repr(ours) == f"<{type(ours).__name__} of <Client {NOWHERE}>>"
    for operation in operations(ours):
        method = getattr(ours, operation)
        assert method.__doc__ and inspect.signature(method) == inspect.signature(getattr(theirs, operation))
        assert "Flow" not in str(inspect.signature(method).return_annotation)


def test_what_is_not_in_a_group_is_alike_too():
    for name in NOT_GROUPED:
        ours, theirs = (inspect.signature(getattr(client, name)) for client in (Client, AsyncClient))
        assert list(ours.parameters.values()) == list(theirs.parameters.values())
        assert str(theirs.return_annotation) == re.sub(
            r"\b((Sweep)?Job|Session)\b", r"Async\g<0>", str(ours.return_annotation)
        )
    public = {name for name in dir(Client) if name[0] != "_"}
    assert public == {name for name in dir(AsyncClient) if name[0] != "_"}
    assert public == {*GROUPS, *NOT_GROUPED, "url", "handshake"}


def test_operations_of_the_asynchronous_client_are_awaited():
    async def asked():
        async with AsyncClient(NOWHERE) as client:
            for waiting in (client.keys.get("x"), client.backends(), client.migrations.rollback("x")):
                assert inspect.isawaitable(waiting)
                with pytest.raises(Unreachable):
                    await waiting

    asyncio.run(asked())
    with Client(NOWHERE) as client, pytest.raises(Unreachable):
        client.migrations.rollback("x")


def test_former_names_go_on():
    for client in (Client(NOWHERE), AsyncClient(NOWHERE)):
        for name, place in FORMER.items():
            group, _, operation = place.partition(".")
            method = getattr(client, name)
            assert method.__func__ is getattr(getattr(client, group), operation).__func__
            assert method.__self__._client is client
        with pytest.raises(AttributeError, match="has no 'unknown'"):
            client.unknown  # type: ignore[union-attr]  # noqa: B018 - that is what is tried


def test_rows_are_answers(monkeypatch):
    client = Client(NOWHERE)
    pages = [{"keys": [{"key_id": "a"}], "next": "a"}, {"keys": [{"key_id": "b"}], "next": None}]
    asked = []

    def run(flow):
        request = next(flow)
        for page in pages:
            asked.append(request.path)
            try:
                request = flow.send(type("Response", (), {"status": 200, "body": json.dumps(page)}))
            except StopIteration as end:
                return end.value

    monkeypatch.setattr(client, "_run", run)
    found = client.keys(limit=5)
    assert type(found) is Listing and [key.key_id for key in found] == ["a", "b"]
    assert asked == ["/api/crypto/keys?limit=5", "/api/crypto/keys?limit=4&after=a"]

"""The client for asyncio: the same verbs as `novacron.client`, awaited."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Generator, Mapping, Sequence
from contextlib import aclosing
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar, Unpack

import httpx

from novacron._async_job import AsyncJob
from novacron._certificates import AsyncCertificates
from novacron._tokens import AsyncTokens
from novacron._transport import flows, tls
from novacron._transport.endpoint import Addresses, Endpoint, find, unreachable
from novacron._transport.http import Request, Response, headers, problem
from novacron._transport.stream import Cursor, Event
from novacron.errors import Unavailable, Unreachable
from novacron.inputs.spec import Spec, described
from novacron.tls.handshake import Handshake

if TYPE_CHECKING:
    from novacron.crypto import PublicKey, Recipient

__all__ = ["AsyncClient", "AsyncJob"]

T = TypeVar("T")
BROKEN = (httpx.HTTPError, httpx.InvalidURL)


class AsyncClient(AsyncCertificates, AsyncTokens):
    """A scheduler, seen from outside, for one event loop. Arguments and errors are those of `Client`."""

    def __init__(self, url: str | None = None, token: str | None = None) -> None:
        self._endpoint = find(url, token)
        self._handshake: Handshake | None = None
        self._addresses = Addresses(self._endpoint)
        # No proxy, and no password from a netrc file, as in the synchronous client.
        self._http = httpx.AsyncClient(transport=_transport(self._endpoint), trust_env=False)

    def __repr__(self) -> str:
        return f"<AsyncClient {self.url}>"

    @property
    def url(self) -> str:
        """The scheduler's address; of several the one in use."""
        return self._addresses.url

    @property
    def handshake(self) -> Handshake | None:
        """What TLS agreed on for the last request; see `Client.handshake`."""
        return self._handshake

    async def submit(self, spec: Spec) -> AsyncJob:
        """Submit a job; see `Client.submit`."""
        with described(spec) as document:
            return AsyncJob(self, await self._run(flows.submit(document)))

    async def job(self, job_id: str) -> AsyncJob:
        """Look up a job; see `Client.job`."""
        return AsyncJob(self, await self._run(flows.job(job_id)))

    async def jobs(
        self, *, status: str | None = None, kind: str | None = None, limit: int = 50
    ) -> list[AsyncJob]:
        """List the caller's jobs, newest first."""
        return [AsyncJob(self, document) for document in await self._run(flows.jobs(status, kind, limit))]

    async def backends(self) -> list[dict[str, Any]]:
        """List the backends; see `Client.backends`."""
        return await self._run(flows.backends())

    async def workers(self) -> dict[str, Any]:
        """Describe the ``workers`` and the ``queues``."""
        return await self._run(flows.workers())

    async def algorithms(self) -> Any:
        """Describe the cryptographic algorithms on offer."""
        return await self._run(flows.algorithms())

    async def rewrap_envelope(
        self,
        header: bytes,
        key_id: str,
        *,
        add: Sequence[Recipient | PublicKey] = (),
        drop: Collection[str] = (),
        classical: bool = False,
    ) -> bytes:
        """Have an envelope's header re-wrapped with a stored key; the payload stays here."""
        return await self._run(flows.rewrap_envelope(header, key_id, add, drop, classical))

    async def sign_digest(
        self, key_ids: Sequence[str], sha512: str, length: int, *, purpose: str = "document"
    ) -> dict[str, Any]:
        """Sign a content by its SHA-512 and length with two stored keys, one post-quantum, one classical."""
        return await self._run(flows.sign_digest(key_ids, sha512, length, purpose))

    async def sign_result(self, job_id: str) -> dict[str, Any]:
        """Return a completed job with its result and receipt, signed; `verify_result` verifies it."""
        return await self._run(flows.sign_result(job_id))

    async def generate_key(
        self, algorithm: str, *, usage: str | None = None, label: str | None = None
    ) -> dict[str, Any]:
        """Make a key in the store; see `Client.generate_key`."""
        return await self._run(flows.new_key("generate", algorithm=algorithm, usage=usage, label=label))

    async def import_key(
        self,
        private_key: str,
        *,
        password: str | None = None,
        usage: str | None = None,
        label: str | None = None,
    ) -> dict[str, Any]:
        """Store a private key given as PKCS#8 in PEM; see `Client.import_key`."""
        return await self._run(
            flows.new_key("import", private_key=private_key, password=password, usage=usage, label=label)
        )

    async def keys(self, *, limit: int = 50) -> list[dict[str, Any]]:
        """List the tenant's keys, newest first."""
        return await self._run(flows.keys(limit))

    async def key(self, key_id: str) -> dict[str, Any]:
        """Describe a key; see `Client.key`."""
        return await self._run(flows.key(key_id))

    async def rotate_key(
        self,
        key_id: str,
        *,
        algorithm: str | None = None,
        expected_version: int | None = None,
        dry_run: bool = False,
    ) -> dict[str, Any]:
        """Give a key a new version; see `Client.rotate_key`."""
        wanted = {"algorithm": algorithm, "expected_version": expected_version, "dry_run": dry_run}
        return await self._run(flows.change_key(key_id, "rotate", **wanted))

    async def retire_key(self, key_id: str, **wanted: Unpack[flows.Ending]) -> dict[str, Any]:
        """End the new use of a key; see `Client.retire_key`."""
        return await self._run(flows.change_key(key_id, "retire", **wanted))

    async def destroy_key(
        self, key_id: str, *, version: int | None = None, **wanted: Unpack[flows.Ending]
    ) -> dict[str, Any]:
        """Erase private keys; see `Client.destroy_key`."""
        return await self._run(flows.change_key(key_id, "destroy", version=version, **wanted))

    async def audit_log(self) -> dict[str, Any]:
        """Export the tenant's audit log, signed; see `Client.audit_log`."""
        return await self._run(flows.audit_log())

    async def make_inventory(self, *targets: str, store: bool = False, stack: bool = False) -> AsyncJob:
        """Look for cryptography; see `Client.make_inventory`."""
        return AsyncJob(self, await self._run(flows.make_inventory(targets, store, stack)))

    async def convert_cbom(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """Return an inventory as a bill of materials, or the other way; see `Client.convert_cbom`."""
        return await self._run(flows.convert_cbom(document))

    async def assess_migration(
        self,
        inventory: Mapping[str, Any],
        *,
        policies: Sequence[str | Mapping[str, Any]] | None = None,
        **assumptions: Any,
    ) -> dict[str, Any]:
        """Weigh an inventory; see `Client.assess_migration`."""
        return await self._run(flows.assess_migration(inventory, policies=policies, **assumptions))

    async def plan_migration(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Make a migration plan and keep it; see `Client.plan_migration`."""
        return await self._run(flows.plan_migration(request))

    async def migration_plan(self, plan_id: str) -> dict[str, Any]:
        """Look up a migration plan; see `Client.migration_plan`."""
        return await self._run(flows.migration_plan(plan_id))

    async def migration_plans(self, *, limit: int = 50) -> list[dict[str, Any]]:
        """List the tenant's migration plans; see `Client.migration_plans`."""
        return await self._run(flows.migration_plans(limit))

    async def migration_policies(self) -> dict[str, Any]:
        """Describe policies, threat and questions; see `Client.migration_policies`."""
        return await self._run(flows.migration_policies())

    async def execute_migration(self, plan_id: str, **options: Unpack[flows.Execution]) -> AsyncJob:
        """Carry a migration plan out; see `Client.execute_migration`."""
        return AsyncJob(self, await self._run(flows.migrate(plan_id, "execute", **options)))

    async def rollback_migration(self, plan_id: str) -> AsyncJob:
        """Put back everything a plan has changed; see `Client.rollback_migration`."""
        return AsyncJob(self, await self._run(flows.migrate(plan_id, "rollback")))

    async def watch_migration(
        self, plan_id: str, *, every_s: float | str = 86400.0, renew: bool = False
    ) -> AsyncJob:
        """Have a plan's endpoints looked at; see `Client.watch_migration`."""
        wanted = {"every_s": every_s, "renew": renew}
        return AsyncJob(self, await self._run(flows.migrate(plan_id, "watch", **wanted)))

    async def renew_certificates(
        self,
        *names: str,
        within_days: float | str | None = None,
        force: bool = False,
        dry_run: bool = False,
        every_s: float | str | None = None,
    ) -> AsyncJob:
        """Renew certificates that are due; see `Client.renew_certificates`."""
        wanted = {"within_days": within_days, "force": force, "dry_run": dry_run, "every_s": every_s}
        return AsyncJob(self, await self._run(flows.renew_certificates(names, **wanted)))

    async def migration_status(self, plan_id: str) -> dict[str, Any]:
        """Describe how far a plan is; see `Client.migration_status`."""
        return await self._run(flows.migration_status(plan_id))

    async def explain(self, spec: Spec) -> dict[str, Any]:
        """Describe how a job would run; see `Client.explain`."""
        with described(spec) as document:
            return await self._run(flows.explain(document))

    async def readiness(self) -> dict[str, Any]:
        """Describe whether the scheduler is ready; see `Client.readiness`."""
        return await self._run(flows.readiness())

    async def version(self) -> str:
        """Return the scheduler's version."""
        return await self._run(flows.version())

    async def close(self) -> None:
        """Close all connections; the client is of no more use."""
        await self._http.aclose()

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _run(self, flow: Generator[Request, Response, T]) -> T:
        try:
            request = next(flow)
            while True:
                await asyncio.sleep(request.delay_s)
                try:
                    response = await self._exchange(request)
                except Unreachable as failure:
                    request = flow.throw(failure)
                else:
                    request = flow.send(response)
        except StopIteration as end:
            result: T = end.value
            return result

    async def _exchange(self, request: Request) -> Response:
        failures: dict[str, Exception] = {}
        for url in self._addresses.turn():
            try:
                reply = await self._send(url, request)
            except BROKEN as error:
                failures[url] = _plain(error)
                self._addresses.leave(url)
            else:
                return Response(reply.status_code, reply.headers, reply.content)
        raise unreachable(failures) from next(iter(failures.values()))

    async def _send(self, url: str, request: Request, *, stream: bool = False) -> httpx.Response:
        with tls.verified():
            reply = await self._http.send(self._built(url, request), stream=stream)
        self._handshake = _handshake(reply)
        return reply

    def _built(self, url: str, request: Request) -> httpx.Request:
        connect_s = min(request.timeout_s, self._addresses.connect_s)
        return self._http.build_request(
            request.method,
            url + request.path,
            content=request.body,
            headers=headers(request, self._endpoint.token),
            timeout=httpx.Timeout(request.timeout_s, connect=connect_s),
        )

    async def _events(self, cursor: Cursor) -> AsyncIterator[Event]:
        while not cursor.done:
            try:
                async with aclosing(self._connected(cursor)) as events:
                    async for event in events:
                        yield event
            except Unavailable as failure:
                await asyncio.sleep(cursor.pause_s(failure))

    async def _connected(self, cursor: Cursor) -> AsyncGenerator[Event, None]:
        url = self._addresses.url
        try:
            reply = await self._send(url, cursor.request(), stream=True)
            try:
                if reply.status_code >= 400:
                    raise problem(Response(reply.status_code, reply.headers, await reply.aread()))
                cursor.opened(reply.status_code)
                async for chunk in reply.aiter_bytes():
                    for event in cursor.accept(chunk):
                        yield event
                    if cursor.done:
                        return
                cursor.ended()
            finally:
                await reply.aclose()
        except BROKEN as error:
            self._addresses.leave(url)
            raise unreachable({url: _plain(error)}) from error


def _plain(error: Exception) -> Exception:
    """A broken connection as the standard library tells it."""
    return TimeoutError() if isinstance(error, httpx.TimeoutException) else error


def _transport(endpoint: Endpoint) -> httpx.AsyncHTTPTransport:
    context = tls.chosen(endpoint) if endpoint.secured else None
    if context is None:
        return httpx.AsyncHTTPTransport(verify=tls.ordinary(endpoint), trust_env=False)
    from novacron.tls.transport import SecureTransport

    return SecureTransport(context)


def _handshake(reply: httpx.Response) -> Handshake | None:
    stream = reply.extensions["network_stream"]
    ordinary = stream.get_extra_info("ssl_object")
    return tls.agreed(ordinary) if ordinary else stream.get_extra_info("handshake")

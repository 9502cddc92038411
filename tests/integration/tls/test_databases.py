"""The scheduler reaches PostgreSQL and Redis through a wrapper that ends TLS in front of them."""

import asyncio
from functools import partial
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest
import redis

from novacron.tls.groups import MODES
from shared.crypto.tls.probe import POSTGRES_TLS, probe
from shared.crypto.tls.server import serving
from tests.integration.conftest import JOBS, NOOP, Api
from tests.integration.tls.conftest import running


class Forward(asyncio.Protocol):
    """Hands the plain bytes on to a server behind it, and its answers back."""

    def __init__(self, connect):
        self._connect = connect

    def connection_made(self, transport):
        self.transport, self.inner, self._early = transport, None, []
        self._task = asyncio.get_running_loop().create_task(self._reach())

    async def _reach(self):
        self.inner, _ = await self._connect(lambda: Backward(self.transport))
        for data in self._early:
            self.inner.write(data)

    def data_received(self, data):
        self.inner.write(data) if self.inner else self._early.append(data)

    def connection_lost(self, exc):
        self._task.cancel()
        if self.inner:
            self.inner.close()


class Backward(asyncio.Protocol):
    """The other direction; made by the loop, which gives it its transport."""

    def __init__(self, client):
        self._client = client

    def data_received(self, data):
        self._client.write(data)

    def connection_lost(self, exc):
        self._client.close()


class AsksFirst(asyncio.Protocol):
    """PostgreSQL's way to TLS: the client asks for it, `S` says yes, then the handshake begins."""

    def __init__(self, terminator, answer):
        self._terminator, self._answer = terminator, answer

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        assert data == POSTGRES_TLS
        self.transport.write(self._answer)
        self.transport.set_protocol(self._terminator)
        self._terminator.connection_made(self.transport)


def to_socket(url):
    path = parse_qs(urlsplit(url).query)["host"][0] + "/.s.PGSQL.5432"
    return lambda: Forward(lambda made: asyncio.get_running_loop().create_unix_connection(made, path))


def to_port(port):
    return lambda: Forward(lambda made: asyncio.get_running_loop().create_connection(made, "127.0.0.1", port))


@pytest.fixture(scope="module")
def database(folder, database_url):
    inner, wrap = to_socket(database_url), partial(AsksFirst, answer=b"S")
    with running(serving(MODES["pq-only"], folder), inner, wrap=wrap) as server:
        yield server


@pytest.fixture(scope="module")
def broker(folder, redis_url):
    with running(serving(MODES["hybrid"], folder), to_port(urlsplit(redis_url).port)) as server:
        yield server


@pytest.fixture(scope="module")
def secured_database(database, database_url, ca_file):
    name = urlsplit(database_url).path
    return f"postgresql://novacron@localhost:{database.port}{name}?sslmode=verify-full&sslrootcert={ca_file}"


@pytest.fixture(scope="module")
def secured_broker(broker, redis_url, ca_file):
    password = urlsplit(redis_url).password
    query = f"ssl_cert_reqs=required&ssl_ca_certs={ca_file}"
    return f"rediss://:{password}@localhost:{broker.port}/0?{query}"


def test_psycopg_is_post_quantum(database, secured_database):
    with psycopg.connect(secured_database) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
        assert connection.pgconn.ssl_in_use
    assert database.seen[-1].pq and database.seen[-1].pq_signature


def test_psycopg_checks_the_certificate(secured_database):
    with pytest.raises(psycopg.OperationalError, match="certificate"):
        psycopg.connect(secured_database.split("&")[0] + "&sslrootcert=system")


def test_redis_checks_the_certificate(secured_broker, broker):
    with redis.Redis.from_url(secured_broker) as connection:
        assert connection.ping()
    assert broker.seen[-1].version == "TLSv1.3"
    with redis.Redis.from_url(secured_broker.split("&")[0]) as connection:
        with pytest.raises(redis.ConnectionError, match="CERTIFICATE_VERIFY_FAILED"):
            connection.ping()


def test_a_probe_asks_as_postgresql_wants_it(database, ca_file):
    found = probe("localhost", database.port, ca_file=str(ca_file), protocol="postgresql")
    assert found.pq and found.pq_signature and not found.serves_classical


def test_a_probe_of_postgresql_without_tls(folder):
    with running(serving(MODES["hybrid"], folder), wrap=partial(AsksFirst, answer=b"N")) as server:
        found = probe("127.0.0.1", server.port, protocol="postgresql")
    assert found.attempts["preferred"].refusal == "the server has TLS switched off"
    assert not found.pq


def test_the_scheduler_over_both(secured_database, secured_broker, tmp_path):
    api = Api(secured_database, secured_broker, tmp_path)
    try:
        api.wait()
        assert api.http.post(JOBS, json=NOOP).status_code == 202
        assert [job["kind"] for job in api.http.get(JOBS).json()["jobs"]] == ["pure_classical"]
    finally:
        api.stop()

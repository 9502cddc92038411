"""The processes of the stack, as data."""

from __future__ import annotations

import json
import os
import signal
import sys
from dataclasses import dataclass, replace
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from scheduler.embedded import ports, runtime
from scheduler.embedded.files import recorded, write_private
from scheduler.embedded.flower import Flower
from scheduler.embedded.postgres import Postgres
from scheduler.embedded.redis import Redis
from scheduler.embedded.runtime import Addresses
from scheduler.embedded.service import KEK, Service
from shared import settings
from shared.quantum.backends import BACKENDS
from shared.queues import QUEUES

if TYPE_CHECKING:
    from novacron.tls.groups import ModeName
    from scheduler.embedded.security import Security

ROOT = Path(__file__).resolve().parents[2]
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
}
DRAIN_S = 35.0  # workers promise to drain or release their tasks within 30 s


@dataclass(frozen=True, slots=True)
class Stack:
    """The services of a data folder and their addresses.

    Attributes:
        database: the embedded server, None where a URL names another.
        services: embedded servers, the migration where one is due, then scheduler, workers and Flower;
            stopped in reverse order.
        port: port of the API.
        metrics_port: port of the metrics of the scheduler and of the workers.
        flower: None without Flower.
        security: TLS of the API, None where it serves plain HTTP.
    """

    data: Path
    database: Postgres | None
    services: tuple[Service, ...]
    database_url: str
    redis_url: str
    token: str
    port: int
    metrics_port: int
    flower: Flower | None
    security: Security | None

    @property
    def url(self) -> str:
        """URL of the API."""
        return f"{'https' if self.security else 'http'}://{ports.LOOPBACK}:{self.port}"

    @property
    def published(self) -> Addresses:
        """What DATA/runtime.json publishes while it runs."""
        return {
            "url": self.url,
            "tls": self.security.mode if self.security else None,
            "ca_file": str(self.security.ca_file) if self.security else None,
            "token": self.token,
            "database_url": self.database_url,
            "redis_url": self.redis_url,
            "metrics_url": f"http://{ports.LOOPBACK}:{self.metrics_port}/metrics",
            "flower_url": self.flower.url if self.flower else None,
        }

    def missing(self) -> list[str] | None:
        """Return the names of workers that the API does not see yet; None while it does not answer."""
        request = b"GET /readyz HTTP/1.0\r\nHost: localhost\r\n\r\n"
        secured = self.security.secured if self.security else ports.unsecured
        answer = ports.ask(self.port, request, timeout_s=2.0, secured=secured)
        head, _, body = answer.partition(b"\r\n\r\n")
        if b" 200 " in head.split(b"\r\n")[0] + b" ":
            return []
        try:
            return [f"worker-{queue}" for queue in json.loads(body)["queues_without_worker"]]
        except (ValueError, KeyError):
            return None

    def migrated(self) -> None:
        """Record that the database has the newest schema."""
        write_private(self.data / "schema", _schema_mark(self.database_url))


def build(data: Path, *, flower: bool, tls: ModeName | None = None) -> Stack:
    """Choose ports, create what is missing in the data folder, and list the services.

    Args:
        data: the data folder.
        flower: whether Flower runs too.
        tls: how the API serves TLS; None: plain HTTP.

    Raises:
        StackError: a server's programs are missing, or the database cluster cannot be created.
        BadInput: a setting breaks its rule.
    """
    chosen = _ports(data)
    token_file = runtime.admin_token_file(data)
    database, services, database_url, redis_url = _servers(data, chosen["redis"])
    variables = {
        "NOVACRON_DATABASE_URL": database_url,
        "NOVACRON_REDIS_URL": redis_url,
        "NOVACRON_HOST": ports.LOOPBACK,
        "NOVACRON_PORT": str(chosen["api"]),
        "NOVACRON_TOKEN_FILE": str(token_file),
        "NOVACRON_QUEUES": ",".join(queues()),
    }
    if flower:
        variables["NOVACRON_TASK_EVENTS"] = "1"
    if recorded(data / "schema") != _schema_mark(database_url):
        migrate = _python("migrate", ("-m", "shared.db.migrate"), variables, _names(services))
        services.append(replace(migrate, finite=True))
    before = _names(services)
    secure = _security(data, tls)
    beside = ",".join(str(chosen[f"metrics-{queue}"]) for queue in queues())
    shown = {"NOVACRON_METRICS_PORT": str(chosen["metrics"]), "NOVACRON_METRICS_BESIDE": beside}
    environment = variables | _roots() | shown | (secure.variables if secure else {})
    scheduler = _python("scheduler", ("-m", "scheduler"), environment, before)
    services.append(replace(scheduler, ready=lambda _pid: ports.accepts(chosen["api"])))
    for queue in queues():
        port = {"NOVACRON_METRICS_PORT": str(chosen[f"metrics-{queue}"])}
        services.append(_worker(data, queue, variables | port, before))
    window = Flower(data, chosen["flower"]) if flower else None
    if window:
        services.append(window.service(ROOT, variables, before))
    return Stack(
        data=data,
        database=database,
        services=tuple(services),
        database_url=database_url,
        redis_url=redis_url,
        token=recorded(token_file).strip(),
        port=chosen["api"],
        metrics_port=chosen["metrics"],
        flower=window,
        security=secure,
    )


def _servers(data: Path, redis_port: int) -> tuple[Postgres | None, list[Service], str, str]:
    """Return the embedded database, the servers that no setting replaces, and the URLs of both."""
    explicit = settings.given()
    database = None
    services = []
    if not (database_url := explicit.get("database_url", "")):
        database = Postgres(data, runtime.stack_name(data))
        if database.create():
            (data / "schema").unlink(missing_ok=True)
        database_url = database.url
        services.append(database.service())
    if not (redis_url := explicit.get("redis_url", "")):
        redis = Redis(data, redis_port)
        redis_url = redis.url
        services.append(redis.service())
    return database, services, database_url, redis_url


def _names(services: list[Service]) -> tuple[str, ...]:
    return tuple(service.name for service in services)


def _security(data: Path, mode: ModeName | None) -> Security | None:
    if mode is None:
        return None
    from scheduler.embedded.security import security  # importing pyOpenSSL takes 0.1 s

    return security(data, mode)


def queues() -> list[str]:
    """Return the queues this machine serves: `NOVACRON_QUEUES`, else those that its equipment allows."""
    if named := settings.given().get("queues"):
        return list(named.split(","))
    missing = set()
    if find_spec("cupy") is None or not Path("/dev/nvidiactl").exists():
        missing.add("gpu-sim")
    packages = [row for row in BACKENDS.values() if row.provider and row.package and not row.missing]
    configured = {
        "qpu-ibm": os.environ.get("NOVACRON_IBM_TOKEN") and find_spec("qiskit_ibm_runtime"),
        "qpu-ionq": os.environ.get("NOVACRON_IONQ_TOKEN"),
    }
    served = {row.queue for row in packages}
    missing |= {name for name, found in configured.items() if not found and name not in served}
    return [name for name in QUEUES if name not in missing]


def _python(
    name: str,
    arguments: tuple[str, ...],
    variables: dict[str, str],
    after: tuple[str, ...],
    stop_s: float = 10.0,
) -> Service:
    return Service(
        name=name,
        command=(sys.executable, *arguments),
        folder=ROOT,
        environment=variables,
        after=after,
        stop_signals=((signal.SIGTERM, stop_s),),
    )


def _kek(data: Path) -> dict[str, str]:
    """Return the location of the key-encryption key: from the settings, else a file of the data folder."""
    environment = {name: os.environ[name] for name in KEK if os.environ.get(name)}
    if environment or {"kek_file", "kek_url"} & settings.given().keys():
        return environment
    return {"NOVACRON_KEK_FILE": str(runtime.kek_file(data))}


def _targets(data: Path) -> dict[str, str]:
    """Return where migration targets are declared: the settings, else a file of the data folder, if any."""
    return {"NOVACRON_TARGETS_FILE": settings.given().get("targets_file") or str(data / "targets.toml")}


def _roots() -> dict[str, str]:
    """Return the folders that inventories may read: from the settings, else the user's own."""
    home = str(Path.home())
    own = home if home.startswith("/") and ":" not in home else ""
    return {"NOVACRON_INVENTORY_ROOTS": settings.given().get("inventory_roots") or own}


def _worker(data: Path, queue: str, variables: dict[str, str], after: tuple[str, ...]) -> Service:
    arguments = ("-m", "workers", "--queue", queue)
    environment = _kek(data) | _targets(data) | _roots() if queue == "crypto" else {}
    return _python(f"worker-{queue}", arguments, variables | ONE_THREAD | environment, after, DRAIN_S)


def _ports(data: Path) -> dict[str, int]:
    """Return the ports of the last run where they are still free, so that addresses stay valid."""
    kept = _kept_ports(data)
    chosen: dict[str, int] = {}
    for name in ("redis", "api", "flower", "metrics", *(f"metrics-{queue}" for queue in queues())):
        chosen[name] = ports.choose(kept.get(name))
        while list(chosen.values()).count(chosen[name]) > 1:
            chosen[name] = ports.choose()
    if chosen != kept:
        write_private(data / "ports.json", json.dumps(chosen))
    return chosen


def _kept_ports(data: Path) -> dict[str, int]:
    """Return the ports of the last run; a damaged file counts as missing."""
    try:
        kept = json.loads(recorded(data / "ports.json") or "{}")
    except ValueError:
        return {}
    pairs = kept.items() if isinstance(kept, dict) else ()
    return {name: port for name, port in pairs if type(port) is int and 1024 <= port < 65_536}


def _schema_mark(database_url: str) -> str:
    """Return a digest that identifies the database and the migrations, without querying the database."""
    digest = sha256(database_url.encode())
    for path in sorted((ROOT / "migrations" / "versions").glob("*.py")):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest() + "\n"

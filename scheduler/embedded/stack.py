"""Which processes make up the stack, as data."""

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
from scheduler.embedded.files import write_private
from scheduler.embedded.postgres import Postgres
from scheduler.embedded.redis import Redis
from scheduler.embedded.service import KEK, Service
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
DRAIN_S = 35.0  # workers promise to drain or release within 30 s


@dataclass(frozen=True, slots=True)
class Stack:
    """The services of a data folder and where they are found.

    Attributes:
        database: the embedded server, None where a URL names another.
        services: servers as far as they are embedded, the migration where one is due, then scheduler,
            workers and Flower; stopped in the opposite order.
        port: of the API.
        flower_port: of Flower, None without.
        security: TLS of the API, None where it serves plain HTTP.
    """

    data: Path
    database: Postgres | None
    services: tuple[Service, ...]
    database_url: str
    redis_url: str
    token: str
    port: int
    flower_port: int | None
    security: Security | None

    @property
    def url(self) -> str:
        """Where the API answers."""
        return f"{'https' if self.security else 'http'}://{ports.LOOPBACK}:{self.port}"

    def ready(self) -> bool:
        """Whether the API says that all expected workers are there."""
        request = b"GET /readyz HTTP/1.0\r\nHost: localhost\r\n\r\n"
        secured = self.security.secured if self.security else ports.unsecured
        answer = ports.ask(self.port, request, timeout_s=2.0, secured=secured)
        return b" 200 " in answer.split(b"\r\n")[0] + b" "

    def migrated(self) -> None:
        """Remember that the database has the newest schema."""
        write_private(self.data / "schema", _schema_mark(self.database_url))


def build(data: Path, *, flower: bool, tls: ModeName | None = None) -> Stack:
    """Choose ports, make what is missing in the data folder, and list the services.

    Args:
        data: the data folder.
        flower: whether Flower runs too.
        tls: how the API serves TLS; None: plain HTTP.

    Raises:
        StackError: a server's programs are missing, or the database cluster cannot be made.
    """
    name = runtime.stack_name(data)
    chosen = _ports(data)
    token_file = runtime.admin_token_file(data)
    database = redis = None
    servers = []
    if not (database_url := os.environ.get("NOVACRON_DATABASE_URL", "")):
        database = Postgres(data, name)
        if database.create():
            (data / "schema").unlink(missing_ok=True)
        database_url = database.url
        servers.append(database.service())
    if not (redis_url := os.environ.get("NOVACRON_REDIS_URL", "")):
        redis = Redis(data, chosen["redis"])
        redis_url = redis.url
        servers.append(redis.service())
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
    programs = []
    before = tuple(server.name for server in servers)
    if _recorded(data / "schema") != _schema_mark(database_url):
        migrate = _python("migrate", ("-m", "shared.db.migrate"), variables, before)
        programs.append(replace(migrate, finite=True))
        before += ("migrate",)
    secure = _security(data, tls)
    programs.append(
        _python("scheduler", ("-m", "scheduler"), variables | (secure.variables if secure else {}), before)
    )
    programs += [_worker(data, queue, variables, before) for queue in queues()]
    if flower:
        programs.append(_flower(chosen["flower"], variables, before))
    return Stack(
        data=data,
        database=database,
        services=(*servers, *programs),
        database_url=database_url,
        redis_url=redis_url,
        token=token_file.read_text().strip(),
        port=chosen["api"],
        flower_port=chosen["flower"] if flower else None,
        security=secure,
    )


def _security(data: Path, mode: ModeName | None) -> Security | None:
    if mode is None:
        return None
    from scheduler.embedded.security import security  # pyOpenSSL takes a tenth of a second to import

    return security(data, mode)


def queues() -> list[str]:
    """The queues this machine can serve: `NOVACRON_QUEUES`, else by what is found on it."""
    if named := os.environ.get("NOVACRON_QUEUES"):
        return [name.strip() for name in named.split(",") if name.strip()]
    missing = set()
    if find_spec("cupy") is None or not Path("/dev/nvidiactl").exists():
        missing.add("gpu-sim")
    if not os.environ.get("NOVACRON_IBM_TOKEN"):
        missing.add("qpu-ibm")
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
    """Where the key-encryption key is: as the environment says, else a file of the data folder."""
    given = {name: os.environ[name] for name in KEK if os.environ.get(name)}
    return given or {"NOVACRON_KEK_FILE": str(runtime.kek_file(data))}


def _targets(data: Path) -> dict[str, str]:
    """What migrations may touch: as the environment says, else a file of the data folder, if there is one."""
    given = os.environ.get("NOVACRON_TARGETS_FILE") or str(data / "targets.toml")
    return {"NOVACRON_TARGETS_FILE": given}


def _roots() -> dict[str, str]:
    """Where inventories may look at files: as the environment says, else whatever is the user's own."""
    return {"NOVACRON_INVENTORY_ROOTS": os.environ.get("NOVACRON_INVENTORY_ROOTS") or str(Path.home())}


def _worker(data: Path, queue: str, variables: dict[str, str], after: tuple[str, ...]) -> Service:
    arguments = ("-m", "workers", "--queue", queue)
    told = _kek(data) | _targets(data) | _roots() if queue == "crypto" else {}
    return _python(f"worker-{queue}", arguments, variables | ONE_THREAD | told, after, DRAIN_S)


def _flower(port: int, variables: dict[str, str], after: tuple[str, ...]) -> Service:
    where = (f"--address={ports.LOOPBACK}", f"--port={port}")
    return _python("flower", ("-m", "celery", "-A", "workers.app", "flower", *where), variables, after)


def _ports(data: Path) -> dict[str, int]:
    """Ports as in the last run where they are still free, so that addresses stay valid."""
    kept = json.loads(_recorded(data / "ports.json") or "{}")
    chosen: dict[str, int] = {}
    for name in ("redis", "api", "flower"):
        chosen[name] = ports.choose(kept.get(name))
        while list(chosen.values()).count(chosen[name]) > 1:
            chosen[name] = ports.choose()
    write_private(data / "ports.json", json.dumps(chosen))
    return chosen


def _recorded(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def _schema_mark(database_url: str) -> str:
    """Tells the database and the migrations apart from others without asking the database."""
    digest = sha256(database_url.encode())
    for path in sorted((ROOT / "migrations" / "versions").glob("*.py")):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest() + "\n"

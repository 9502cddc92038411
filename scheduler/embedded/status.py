"""Data of the `status` command."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Literal, NotRequired, TypedDict

import psutil

from scheduler.embedded import orphans, runtime
from scheduler.embedded.runtime import Published, State


class ProcessStatus(TypedDict):
    """One process of a stack.

    Attributes:
        name: of the service.
        pid: process id.
        restarts: number of restarts.
        uptime_s: seconds since it was started; None if it is gone.
        memory_bytes: memory of the process and its children.
    """

    name: str
    pid: int
    restarts: int
    uptime_s: float | None
    memory_bytes: int


class StackStatus(TypedDict):
    """The state of a data folder's stack; all but the first two members only if it has published them.

    Attributes:
        data: the folder.
        state: the published state; or `abandoned`: processes without a supervisor; `unknown`: the published
            state is damaged.
        url: URL of the API.
        tls: what a client negotiates; None without TLS.
        flower_url: URL of Flower; None without it.
        processes: all processes.
    """

    data: str
    state: State | Literal["down", "abandoned", "unknown"]
    url: NotRequired[str]
    tls: NotRequired[str | None]
    flower_url: NotRequired[str | None]
    processes: NotRequired[list[ProcessStatus]]


def collect(data: Path) -> StackStatus:
    """Return the state of the stack of a data folder."""
    alive = runtime.Lock(data).holder() is not None
    published = runtime.running(data) if alive else runtime.read(data)
    if published is None:
        return {"data": str(data), "state": _unpublished(data, alive)}
    restarts = published.get("restarts", {})
    processes = [_process(name, pid, restarts.get(name, 0)) for name, pid in published["pids"].items()]
    return {
        "data": str(data),
        "state": published["state"] if alive else "abandoned",
        "url": published["url"],
        "tls": _agreed(published) if alive else None,
        "flower_url": published.get("flower_url"),
        "processes": processes,
    }


def _unpublished(data: Path, alive: bool) -> Literal["abandoned", "down", "unknown", "starting"]:
    if not alive:
        return "abandoned" if orphans.find(data) else "down"
    return "unknown" if (data / "runtime.json").exists() and runtime.read(data) is None else "starting"


def _agreed(published: Published) -> str | None:
    if not (ca_file := published.get("ca_file")):
        return None
    from scheduler.embedded.security import agreed  # importing pyOpenSSL takes 0.1 s

    return agreed(published["url"], ca_file)


def _process(name: str, pid: int, n_restarts: int) -> ProcessStatus:
    uptime_s, memory = None, 0
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            raise psutil.ZombieProcess(pid)
        family = [process] if name == "supervisor" else [process, *process.children(recursive=True)]
        memory = sum(_memory(member) for member in family)
        uptime_s = round(time.time() - process.create_time(), 1)
    except psutil.Error:
        memory = 0
    return {"name": name, "pid": pid, "restarts": n_restarts, "uptime_s": uptime_s, "memory_bytes": memory}


def _memory(process: psutil.Process) -> int:
    """Return the process's own memory, without shared pages (such as PostgreSQL's buffers)."""
    try:
        found = process.memory_info()
    except psutil.Error:
        return 0
    return int(found.rss - getattr(found, "shared", 0))


def table(state: StackStatus) -> str:
    """Return the state as text."""
    lines = [f"{state['state']}  {state.get('url', '')}".rstrip(), f"data    {state['data']}"]
    if state.get("tls"):
        lines.append(f"tls     {state['tls']}")
    if state.get("flower_url"):
        lines.append(f"flower  {state['flower_url']}")
    if rows := state.get("processes"):
        lines.append(f"{'process':<18}{'pid':>8}{'uptime':>10}{'restarts':>10}{'memory':>10}")
    for row in rows or []:
        uptime = "gone" if row["uptime_s"] is None else f"{row['uptime_s']:.0f} s"
        memory = f"{row['memory_bytes'] / 1e6:.0f} MB"
        lines.append(f"{row['name']:<18}{row['pid']:>8}{uptime:>10}{row['restarts']:>10}{memory:>10}")
    return "\n".join(lines)

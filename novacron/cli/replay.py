"""`replay`: run a job again and compare, bit for bit."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import typer

from novacron.cli import output

# A replay bypasses the cache, which is part of the request and so changes these hashes.
NAMES = frozenset({"content_key", "spec_sha256"})
TIMING = frozenset({"from_cache", "cache", "cache_hits", "job_id", "replay_of", "joined"})
PLACES = frozenset({"task", "tasks", "worker", "workers", "host", "pid", "attempt", "attempts"})


def replay(job_id: output.JobId, as_json: output.AsJson = False) -> None:
    """Run a job again without the cache and compare the results bit for bit, except for timings."""
    before = output.client().job(job_id).wait()
    output.end(before.document)
    after = before.replay().wait()
    if after.status != "completed":
        if as_json:
            output.emit(after.document)
        output.end(after.document)
    found = list(differences(before.document["result"], after.document["result"]))
    if as_json:
        output.emit({"job_id": after.id, "replay_of": before.id, "same": not found, "differences": found})
    else:
        _tell(after.id, found)
    if found:
        raise typer.Exit(1)


def differences(before: Any, after: Any, path: str = "") -> Iterator[dict[str, Any]]:
    """Yield each field whose bits differ as ``{"field", "before", "after"}``, except times and places.

    A missing field is equal to null: later versions add fields which are null where they do not apply.
    """
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in sorted({*before, *after}):
            if not _incidental(name):
                inner = f"{path}.{name}" if path else name
                yield from differences(before.get(name), after.get(name), inner)
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from differences(one, other, f"{path}[{index}]")
    elif json.dumps(before) != json.dumps(after):
        yield {"field": path, "before": before, "after": after}


def _incidental(name: str) -> bool:
    return name in NAMES | TIMING | PLACES or name.endswith(("_s", "_at"))


def _tell(job_id: str, found: list[dict[str, Any]]) -> None:
    if not found:
        output.say(f"same: job {job_id} gave the same result to the last bit")
        return
    output.say(f"different: job {job_id} differs in {len(found)} field{'s' * (len(found) > 1)}")
    for one in found[:20]:
        output.say(f"  {one['field']}: {_short(one['before'])} -> {_short(one['after'])}")


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 60 else text[:57] + "..."

"""One variational loop in one task: the optimizer, its evaluations and its journal in one process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from workers.quantum import warm
from workers.quantum.objective import Request, measure
from workers.quantum.variational.build import Loop, objective, optimizer_of, precision_of, start_of
from workers.quantum.variational.replay import entry_of, replay
from workers.runtime.context import Context, Entry
from workers.runtime.outcome import Done


def optimize(context: Context[Loop]) -> Done:
    """Run loop `payload["loop"]` to its end, resuming from its journal; the value is a LoopResult."""
    loop, journal = int(context.payload["loop"]), context.journal(int(context.payload["loop"]))
    warm.announce(context.note, precision_of(context.spec))
    target = objective(context.spec)

    def live(requests: Sequence[Request]) -> list[Entry]:
        fresh = []
        for request in requests:
            context.checkpoint()
            fresh.append(entry_of(request, measure(target, request), target.constant))
            journal.append(fresh[-1])
        return fresh

    start = start_of(context.spec, target)
    result = replay(target, optimizer_of(context.spec), context.seed, loop, journal.entries(), live, start)
    journal.flush()
    return Done(asdict(result))

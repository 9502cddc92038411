"""A job's graph of tasks run in this process."""

import itertools
import json
import random

import numpy as np

from testing.contexts import context
from workers.operations import Operation
from workers.operations.quantum.advance import advance
from workers.operations.quantum.conclude_classifier import conclude_classifier
from workers.operations.quantum.conclude_qaoa import conclude_qaoa
from workers.operations.quantum.conclude_vqe import conclude_vqe
from workers.operations.quantum.evaluate import evaluate
from workers.operations.quantum.optimize import optimize
from workers.runtime.outcome import Done, Expand

OPERATIONS: dict[str, Operation] = {
    "optimize": optimize,
    "advance": advance,
    "evaluate": evaluate,
    "conclude_vqe": conclude_vqe,
    "conclude_qaoa": conclude_qaoa,
    "conclude_classifier": conclude_classifier,
}


class MemoryJournal:
    def __init__(self):
        self.kept = {}
        self.pending = []

    def entries(self):
        return [self.kept[position] for position in sorted(self.kept)]

    def append(self, entry):
        self.pending.append(entry)

    def flush(self):
        for entry in self.pending:
            self.kept.setdefault(entry.position, entry)
        self.pending.clear()


class Executor:
    """Runs a graph of tasks in an order drawn at random, everything in between passing through JSON."""

    def __init__(self, spec, order=0, crash=0.0):
        self.spec = json.loads(json.dumps(spec))
        self.random, self.crash = random.Random(order), crash
        self.journals = {}
        self.warnings, self.ran = [], []
        self.tasks = {}
        self.numbers = itertools.count()

    def add(self, operation, payload, after=()):
        number = next(self.numbers)
        self.tasks[number] = [operation, json.loads(json.dumps(payload)), list(after)]
        return number

    def context(self, payload, inputs=(), checkpoint=lambda: None):
        return context(
            self.spec,
            payload,
            inputs,
            journal=lambda loop: self.journals.setdefault(loop, MemoryJournal()),
            checkpoint=checkpoint,
            warn=self.warnings.append,
        )

    def run(self, last):
        results: dict[int, object] = {}
        while last not in results:
            ready = [
                k for k, task in self.tasks.items() if k not in results and all(p in results for p in task[2])
            ]
            number = self.random.choice(ready)
            operation, payload, after = self.tasks[number]
            outcome = OPERATIONS[operation](self.context(payload, [results[parent] for parent in after]))
            if self.random.random() < self.crash:
                continue
            self.ran.append(operation)
            if isinstance(outcome, Done):
                results[number] = json.loads(json.dumps(outcome.value, allow_nan=False))
            else:
                self.expand(number, outcome)
        return results[last]

    def expand(self, number, outcome):
        assert isinstance(outcome, Expand)
        del self.tasks[number]
        added: list[int] = []
        for task in outcome.tasks:
            added.append(self.add(task.operation, task.payload, [added[k] for k in task.after]))
        for task in self.tasks.values():
            task[2] = [added[-1] if parent == number else parent for parent in task[2]]


def run(spec, how, **options):
    executor = Executor(spec, **options)
    first = {"fused": "optimize", "fanned_out": "advance"}[how]
    loops = [executor.add(first, {"loop": loop}) for loop in range(spec.get("starts", 1))]
    conclusion = {
        "hybrid_vqe": "conclude_vqe",
        "hybrid_qaoa": "conclude_qaoa",
        "quantum_ml": "conclude_classifier",
    }
    return executor.run(executor.add(conclusion[spec["kind"]], {}, loops)), executor


def assert_equal_bits(one, other):
    """Two executors recorded the same evaluations."""
    assert one.warnings == other.warnings
    for loop, journal in one.journals.items():
        for a, b in zip(journal.entries(), other.journals[loop].entries(), strict=True):
            assert (a.position, a.value, a.variance) == (b.position, b.value, b.variance)
            assert np.array_equal(a.point, b.point)
            assert (a.gradient is None) == (b.gradient is None)
            assert a.gradient is None or np.array_equal(a.gradient, b.gradient)

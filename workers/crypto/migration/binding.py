"""Binds a plan's components to the operator's declared targets, and to the actions of a step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from novacron.errors import BadInput, nearest
from novacron.migration.classification import classify
from novacron.migration.planned_step import PlannedStep
from shared.db.crypto.steps import Holder
from workers.crypto.keys.guard import Guard
from workers.crypto.migration.action import Action
from workers.crypto.migration.executors import (
    certificate,
    envelopes,
    haproxy,
    key_files,
    postgresql,
    sshd,
    stored_key,
    tls,
)
from workers.crypto.migration.executors.still import ByHand
from workers.crypto.migration.part import Part
from workers.crypto.migration.programs import HAProxy, KeyFiles, OpenSSH, PostgreSQL
from workers.crypto.migration.targets import Certificate, Envelopes, Groups, StoredKey, Target

EXECUTORS: dict[type[Target], Callable[[Any], Action]] = {
    Envelopes: envelopes.action,
    StoredKey: stored_key.action,
    Certificate: certificate.action,
    Groups: tls.action,
    HAProxy: haproxy.action,
    PostgreSQL: postgresql.action,
    OpenSSH: sshd.action,
    KeyFiles: key_files.action,
}
"""The action of each kind of target, one line per kind."""


Targets = Mapping[str, Target]


def check(steps: Iterable[PlannedStep], targets: Targets) -> None:
    """Reject a plan that names undeclared targets.

    Raises:
        BadInput: it carries all of them.
    """
    named: dict[str, str] = {}
    for step in steps:
        for name in (step.get("targets") or {}).values():
            named.setdefault(name, step["id"])
    wrong = [
        BadInput(
            "no such target is declared", field=f"steps.{step_id}.targets", value=name,
            hint=f"did you mean {close!r}?" if (close := nearest(name, targets))
            else f"declare [targets.{name}] in the file of NOVACRON_TARGETS_FILE",
        )
        for name, step_id in named.items() if name not in targets and not name.startswith("key_")
    ]  # fmt: skip
    if wrong:
        wrong[0].others = tuple(wrong[1:])
        raise wrong[0]


def _target(step: PlannedStep, component: str, targets: Targets) -> Target | None:
    """Return the plan's target, else the target of the component's name; None: it is changed manually."""
    name = (step.get("targets") or {}).get(component, component)
    if name not in targets and name.startswith("key_"):
        return StoredKey(name, name)
    return targets.get(name)


def bound(steps: Iterable[PlannedStep], targets: Targets) -> dict[str, Target]:
    """Return component -> its target, for components with one."""
    found = {name: _target(step, name, targets) for step in steps for name in step["components"]}
    return {name: target for name, target in found.items() if target is not None}


def shared(steps: Iterable[PlannedStep], targets: Targets) -> Iterator[BadInput]:
    """Yield errors for targets that a plan would change twice: for two components, or two algorithms of one.

    A server's groups and its certificate are separate objects, and so are two keys of one folder.
    """
    changes: dict[tuple[str, str], tuple[str, str]] = {}
    seen: set[tuple[str, str]] = set()
    for step in steps:
        for component, target in bound([step], targets).items():
            change = (component, f"{step['algorithm']['from']} to {step['algorithm']['to']}")
            name = target.key_id if isinstance(target, StoredKey) else target.name
            what = (name, _thing(step, target))
            if changes.setdefault(what, change) != change and change not in seen:
                seen.add(change)
                first = " from ".join(changes[what])
                yield BadInput(
                    f"is changed for {first} already", field=f"steps.{step['id']}.targets", value=target.name,
                    hint="give every component and algorithm a target of its own",
                )  # fmt: skip


def _thing(step: PlannedStep, target: Target) -> str:
    """Return which object of a target a step changes."""
    if isinstance(target, Envelopes):
        return str(step["algorithm"]["from"])
    known = classify(step["algorithm"]["to"])
    return "signature" if known and known.type == "signature" else "key exchange"


def by_hand(step: PlannedStep, targets: Targets) -> list[str]:
    """Return the step's components without a declared target."""
    return [name for name in step["components"] if _target(step, name, targets) is None]


def locks(step: PlannedStep, targets: Targets) -> list[str]:
    """Return the lock names of a step's objects, in locking order."""
    found = bound([step], targets).values()
    return sorted({one.key_id if isinstance(one, StoredKey) else one.name for one in found})


def guard(holder: Holder, targets: Targets, abandoned: Iterable[str] = ()) -> Guard:
    """Return the guard for keys that a plan destroys.

    Args:
        holder: the job that holds the plan.
        targets: the operator's declarations.
        abandoned: names of objects given up although they need a key.
    """
    return Guard(lambda: targets, holder.plan_id, holder.job_id, frozenset(abandoned))


def actions(
    holder: Holder,
    step: PlannedStep,
    targets: Targets,
    abandoned: Iterable[str] = (),
    plan: Iterable[PlannedStep] | None = None,
) -> dict[str, Action]:
    """Return the actions of a step, by component.

    Args:
        holder: the job that holds the plan.
        step: as specified by the plan.
        targets: the operator's declarations.
        abandoned: as for `guard`.
        plan: all steps; None selects those of the held plan.

    Raises:
        UserError: the step cannot be applied to a component.
    """
    whole = [row.step for row in holder.rows()] if plan is None else plan
    changing = frozenset(one.name for one in bound(whole, targets).values())
    asking, change = guard(holder, targets, abandoned), step["algorithm"]
    found: dict[str, Action] = {}
    for name in step["components"]:
        target = _target(step, name, targets)
        if target is None:
            found[name] = ByHand(step, name)
        else:
            part = Part(holder, step, name, target, change["from"], change["to"], asking, changing)
            found[name] = EXECUTORS[type(target)](part)
    return found

"""Migration policies: the built-in ones, and the operator's, which take precedence."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path

from novacron.answers.migration import Limit
from novacron.errors import BadInput, nearest
from novacron.json_types import Json
from novacron.migration.asset import Purpose
from novacron.migration.policy import BINDING, Policy, Rule
from scheduler.pqc.migration.tables import FOLDER

DEFAULT = "general"
ASSESSED_BY_DEFAULT = ("nist-ir-8547",)


def load(folder: str = "") -> dict[str, Policy]:
    """Return every policy by its name.

    Args:
        folder: folder of the operator's policy files, which replace built-in ones of the same name; empty for
            none.

    Raises:
        BadInput: an operator's file breaks a rule.
    """
    return _built_in() | (_folder(Path(folder)) if folder else {})


@cache
def _built_in() -> dict[str, Policy]:
    return _folder(FOLDER / "policies")


def _folder(folder: Path) -> dict[str, Policy]:
    return {policy.name: policy for policy in map(_read, sorted(folder.glob("*.toml")))}


def _read(path: Path) -> Policy:
    try:
        return Policy(**tomllib.loads(path.read_text()))
    except (BadInput, OSError, ValueError) as error:
        raise BadInput(f"the policy file {path.name} cannot be read: {error}", file=str(path)) from None


def resolved(value: Json, known: Mapping[str, Policy], field: str) -> Json | Policy:
    """Return the policy with a name; a value that is not a name is left for validation.

    Raises:
        BadInput: there is no policy of that name.
    """
    if not isinstance(value, str):
        return value
    if value not in known:
        close = nearest(value, known)
        rule = f"must be one of {', '.join(known)}, or a policy written out"
        hint = f"did you mean {close!r}?" if close else None
        raise BadInput(rule, field=field, value=value, hint=hint)
    return known[value]


def applies(
    rule: Rule,
    kind: str,
    purposes: tuple[Purpose, ...],
    strength_bits: int | None,
    *,
    high_value: bool,
    newly_acquired: bool,
) -> bool:
    """Return whether a rule applies to an asset with a vulnerable algorithm; unknown strength is low."""
    systems = {"all": True, "high_value": high_value, "new": newly_acquired}
    return (
        systems[rule.systems]
        and (rule.purpose is None or rule.purpose in purposes)
        and (not rule.kinds or kind in rule.kinds)
        and (rule.max_strength_bits is None or (strength_bits or 0) <= rule.max_strength_bits)
    )


def limits(policy: Policy, rule: Rule) -> list[Limit]:
    """Return the dates that a rule sets, with their sources."""
    dated: list[tuple[str, date | None]] = [
        ("deprecated", rule.deprecated_after), ("disallowed", rule.disallowed_after)
    ]  # fmt: skip
    return [
        Limit(
            policy=policy.name, rule=rule.id, reason=rule.text, effect=effect,
            after=day.isoformat(), status=policy.status, binding=policy.status in BINDING,
            checked=rule.checked, scope=policy.scope, source=policy.source,
        )
        for effect, day in dated if day is not None
    ]  # fmt: skip


def reason(limit: Limit, today: date) -> str:
    """Return a limit as text; a date in the past is reported as overdue."""
    doubt = "" if limit["checked"] else ", not checked against the source"
    policy = f"{limit['policy']} ({limit['status']}{doubt})"
    day = limit["after"]
    when = (
        f"overdue since {day} ({limit['effect']})"
        if day < today.isoformat()
        else f"{limit['effect']} after {day}"
    )
    return f"{when}: {policy}, {limit['reason']}"

"""The policies there are: those that come with the project, and the operator's own over them."""

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
    """Every policy by its name.

    Args:
        folder: of the operator's own files, which replace built-in ones of the same name; empty for none.

    Raises:
        BadInput: a file of the operator's breaks a rule.
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
    """A policy for its name; what is not a name is left for validation.

    Raises:
        BadInput: there is none of that name.
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
    """Whether a rule is about an asset with a vulnerable algorithm; unknown strength is taken for low."""
    systems = {"all": True, "high_value": high_value, "new": newly_acquired}
    return (
        systems[rule.systems]
        and (rule.purpose is None or rule.purpose in purposes)
        and (not rule.kinds or kind in rule.kinds)
        and (rule.max_strength_bits is None or (strength_bits or 0) <= rule.max_strength_bits)
    )


def limits(policy: Policy, rule: Rule) -> list[Limit]:
    """The dates that a rule sets, with where they come from."""
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
    """A limit in words; one that is past is said to be overdue."""
    doubt = "" if limit["checked"] else ", not checked against the source"
    policy = f"{limit['policy']} ({limit['status']}{doubt})"
    day = limit["after"]
    when = (
        f"overdue since {day} ({limit['effect']})"
        if day < today.isoformat()
        else f"{limit['effect']} after {day}"
    )
    return f"{when}: {policy}, {limit['reason']}"

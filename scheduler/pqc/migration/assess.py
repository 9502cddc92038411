"""Assessment of an inventory: exposure, the binding rule, agility, and priorities."""

from __future__ import annotations

from datetime import date

from novacron.answers.migration import AssessedAsset, AssessedPolicy, Assessment, Exposure, Limit, Summary
from novacron.migration.asset import Asset, Purpose
from novacron.migration.classification import classify
from novacron.migration.policy import Policy
from novacron.migration.requests import AssessRequest
from scheduler.pqc.migration import agility, mosca, policies
from shared.crypto.found import NO_TLS

ORDER = {"exposed": 0, "at_risk": 1, "in_time": 2, "unprotected": 3, "safe": 4}
"""Verdict -> its rank; unprotected network services come before everything else."""


def assess(request: AssessRequest, today: date) -> Assessment:
    """Return the assessment, with its assets in order of priority.

    Raises:
        BadInput: an answer refers to an unknown question.
    """
    agility.check(request.answers)
    weighed = [_weighed(asset, request, today) for asset in request.inventory.assets]
    weighed.sort(key=_urgency)
    for rank, one in enumerate(weighed, 1):
        one["rank"] = rank
    return Assessment(
        inventory_id=request.inventory.inventory_id,
        day=today.isoformat(),
        threat=mosca.shown(),
        policies=[_named(policy) for policy in request.policies],
        assumptions=_assumptions(request),
        summary=_summary(weighed),
        assets=weighed,
        not_looked_at=len(request.inventory.errors),
    )


def _named(policy: Policy) -> AssessedPolicy:
    kept = {"name", "title", "status", "scope", "source", "published", "as_of", "notes"}
    return AssessedPolicy(policy.model_dump(mode="json", include=kept))


def _weighed(asset: Asset, request: AssessRequest, today: date) -> AssessedAsset:
    weighed: dict[str, object] = {
        "rank": 0, "asset_id": asset.asset_id, "kind": asset.kind, "name": asset.name,
        "location": asset.location, "algorithm": asset.algorithm, "purposes": list(asset.purposes),
        "quantum_vulnerable": asset.quantum_vulnerable,
        "agility": agility.score(asset.kind, request.answers),
    }  # fmt: skip
    if asset.algorithm == NO_TLS:
        reasons = [_UNPROTECTED[_is_local(asset)]]
        return AssessedAsset(
            weighed, verdict="unprotected", mosca={}, binding=None, advised=None, reasons=reasons
        )
    if not asset.quantum_vulnerable:
        safe = [f"a quantum computer does not break {asset.algorithm}"]
        return AssessedAsset(weighed, verdict="safe", mosca={}, binding=None, advised=None, reasons=safe)
    weights = {purpose: _weight(asset, purpose, request, today) for purpose in asset.purposes}
    limits = _limits(asset, request)
    binding = next((one for one in limits if one["binding"]), None)
    advised = next((one for one in limits if not one["binding"]), None)
    worst = min((one["verdict"] for one in weights.values()), key=ORDER.__getitem__)
    return AssessedAsset(
        weighed, verdict=worst, mosca=weights, binding=binding, advised=advised,
        reasons=_reasons(asset, weights, binding, advised, today),
    )  # fmt: skip


_UNPROTECTED = {
    True: "nothing encrypts it; it does not leave its machine",
    False: "nothing encrypts it: whoever is on the way reads and changes it today",
}


def _is_local(asset: Asset) -> bool:
    return asset.details.get("local") is True


def _weight(asset: Asset, purpose: Purpose, request: AssessRequest, today: date) -> Exposure:
    known = mosca.threat()
    years = _first(request.migration_years, known.migration_years)
    if purpose == "authenticity":
        return mosca.authenticity(today, years)
    lifetime = _first(asset.data_lifetime_years, request.data_lifetime_years, known.data_lifetime_years)
    return mosca.confidentiality(today, lifetime, years)


def _first(*values: float | None) -> float:
    return next(value for value in values if value is not None)


def _limits(asset: Asset, request: AssessRequest) -> list[Limit]:
    """Return the dates of the rules that apply to the asset, earliest first."""
    found = classify(asset.algorithm, asset.key_bits)
    strength = found.strength_bits if found else None
    limits = [
        limit
        for policy in request.policies
        for rule in policy.rules
        if policies.applies(
            rule, asset.kind, asset.purposes, strength,
            high_value=request.high_value, newly_acquired=request.newly_acquired,
        )
        for limit in policies.limits(policy, rule)
    ]  # fmt: skip
    return sorted(limits, key=lambda limit: (limit["after"], limit["policy"], limit["rule"]))


def _reasons(
    asset: Asset,
    weights: dict[Purpose, Exposure],
    binding: Limit | None,
    advised: Limit | None,
    today: date,
) -> list[str]:
    known, reasons = mosca.threat(), []
    for purpose, one in weights.items():
        if purpose == "confidentiality":
            what = f"what is recorded today and needed secret until {one['needed_until']} can be read"
        else:
            what = (
                f"signatures can be forged, and the migration ends {one['needed_until']} if it begins today"
            )
        reasons.append(f"{one['verdict']}: from {known.early} to {known.late} on {what}; {_begin(one)}")
    if asset.not_after and asset.not_after.date() > known.early and "authenticity" in weights:
        reasons.append(f"it is valid until {asset.not_after.date()}, beyond the earliest day of the threat")
    return reasons + [policies.reason(limit, today) for limit in (binding, advised) if limit]


def _begin(weight: Exposure) -> str:
    """Return the latest start as text; a date in the past is reported as overdue."""
    early, late = weight["begin_by"]["early"], weight["begin_by"]["late"]
    if "late" in weight["overdue"]:
        return f"overdue since {early}, and since {late} even if the threat comes late"
    if "early" in weight["overdue"]:
        return f"overdue since {early} to be safe, begin by {late} at the latest"
    return f"begin by {early} to be safe, by {late} at the latest"


def _urgency(one: AssessedAsset) -> tuple[bool, int, str, str, int, str]:
    begin = min((weight["begin_by"]["early"] for weight in one["mosca"].values()), default="9999-12-31")
    binding = (one["binding"] or one["advised"] or {"after": "9999-12-31"})["after"]
    in_network = one["verdict"] == "unprotected" and one["reasons"] == [_UNPROTECTED[False]]
    return (not in_network, ORDER[one["verdict"]], begin, binding, one["agility"]["score"], one["asset_id"])


def _summary(weighed: list[AssessedAsset]) -> Summary:
    vulnerable = [one for one in weighed if one["quantum_vulnerable"]]
    count = {name: sum(one["verdict"] == name for one in weighed) for name in ORDER}
    dates = [one["binding"] for one in weighed if one["binding"]]
    scores = [one["agility"]["score"] for one in weighed]
    return Summary(
        assets=len(weighed), vulnerable=len(vulnerable), **count,
        first_binding=min(dates, key=lambda limit: str(limit["after"]), default=None),
        agility=round(sum(scores) / len(scores)) if scores else None,
    )  # fmt: skip


def _assumptions(request: AssessRequest) -> list[str]:
    known, assumptions = mosca.threat(), []
    if request.data_lifetime_years is None:
        assumptions.append(
            f"data must stay secret for {known.data_lifetime_years:g} years where an asset does not say"
        )
    if request.migration_years is None:
        assumptions.append(f"a migration takes {known.migration_years:g} years")
    if request.high_value:
        assumptions.append("every asset is of high value: rules for such systems apply")
    if any(question["id"] not in request.answers for question in agility.questions()):
        assumptions.append(
            "questions of agility that nobody answered are answered by the asset's kind, else no"
        )
    return assumptions

"""Error-correcting codes: parameters, stabilizers, logical operators, places in the plane."""

from __future__ import annotations

from collections.abc import Callable

from novacron.codes import bicycle, color, surface, toric
from novacron.codes.css import Code, Operator, Stabilizer
from novacron.errors import BadInput, nearest
from novacron.specs.qec_point import DISTANCES, FAMILIES

__all__ = ["CODES", "Code", "Operator", "Stabilizer", "code"]

CODES: dict[str, Callable[[int], Code]] = {
    "rotated_surface": surface.rotated,
    "unrotated_surface": surface.unrotated,
    "repetition": surface.repetition,
    "toric": toric.toric,
    "color_666": color.triangular,
    "bivariate_bicycle": bicycle.bicycle,
}


def code(name: str, distance: int | None = None) -> Code:
    """Return the code of a family.

    Args:
        name: of the family.
        distance: code distance, None for the smallest one.

    Raises:
        BadInput: there is no such family, or it has no code of this distance.
    """
    if name not in CODES:
        near = nearest(name, CODES)
        hint = f"did you mean {near!r}?" if near else None
        raise BadInput(f"must be one of {', '.join(CODES)}", field="code", value=name, hint=hint)
    family, (least, most) = FAMILIES[name], DISTANCES
    if distance is None:
        distance = min(family.distances or DISTANCES)
    if not least <= distance <= most:
        raise BadInput(f"must be {least} to {most}", field="distance", value=distance)
    if unfit := family.unfit(distance):
        rule, hint = unfit
        raise BadInput(rule, field="distance", value=distance, hint=hint)
    return CODES[name](distance)

"""Memory circuits of every family of codes: name -> builder. The only place to add a code."""

from __future__ import annotations

from collections.abc import Callable

import stim

from novacron.specs.qec_point import Point
from workers.quantum.qec.codes import bicycle, color, generated, toric

CODES: dict[str, Callable[[Point], stim.Circuit]] = {
    "rotated_surface": generated.rotated_surface,
    "unrotated_surface": generated.unrotated_surface,
    "repetition": generated.repetition,
    "toric": toric.phenomenological,
    "color_666": color.phenomenological,
    "bivariate_bicycle": bicycle.memory,
}

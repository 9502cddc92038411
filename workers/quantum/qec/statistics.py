"""Error rates with intervals."""

from __future__ import annotations

from scipy.special import betaincinv

CONFIDENCE = 0.95


def interval(errors: int, shots: int) -> tuple[float, float]:
    """Return the confidence interval of a rate (Clopper and Pearson, Biometrika 26, 404 (1934)).

    Args:
        errors: observed errors.
        shots: independent shots, at least one.
    """
    tail = (1 - CONFIDENCE) / 2
    low = betaincinv(errors, shots - errors + 1, tail) if errors else 0.0
    high = betaincinv(errors + 1, shots - errors, 1 - tail) if errors < shots else 1.0
    return float(low), float(high)

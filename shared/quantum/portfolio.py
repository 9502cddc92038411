"""What the compiler tries at each level: strategies that are independent, so that each can be a task."""

from __future__ import annotations

VERSION = 5
"""Version of the compiler, incremented whenever its results change."""
LEVEL_2_SEARCH_S = 1.0
"""Processor time of each search of level 2, in seconds of a reference machine."""
PRESETS: dict[str, tuple[int, int]] = {
    "qiskit_level_0": (0, 0),
    "qiskit_level_1": (1, 0),
    "qiskit_level_2": (2, 0),
    "qiskit_level_3": (3, 0),
    "qiskit_level_3_seed_1": (3, 1),
    "qiskit_level_3_seed_2": (3, 2),
    "qiskit_level_3_seed_3": (3, 3),
}
"""Qiskit's pipelines: name -> (level, what the job's seed is combined with)."""
SEARCHES: dict[str, float] = {
    "router": 0.05, "router_near": 0.1, "router_far": 0.1, "line": 0.1, "known_state_router": 0.15,
    "gadgets": 0.25, "reordered_gadgets": 0.25,
}  # fmt: skip
"""Searches of level 3: name -> share of the budget; `router` also gets those that do not apply."""


def strategies(level: int, routing: str) -> tuple[str, ...]:
    """Return the names of the strategies of a job, in the order in which ties are broken.

    Args:
        level: the optimization level, 0 to 3.
        routing: name of the router.
    """
    if routing in ("lookahead", "basic"):
        return (routing,)
    presets = tuple(name for name, (one, _) in PRESETS.items() if one == level or (one, level) == (2, 3))
    if routing == "qiskit_sabre" or level < 2:
        return presets
    searches = SEARCHES if level == 3 else ("router", "known_state_router")
    return (*presets, "known_state", *searches)


def search_s(strategy: str, level: int, budget_s: float) -> float:
    """Return the processor time that a strategy searches for, in seconds of a reference machine.

    Args:
        strategy: its name.
        level: the optimization level.
        budget_s: budget of all searches of level 3 together.
    """
    share = SEARCHES.get(strategy, 0.0)
    return share * budget_s if level == 3 else LEVEL_2_SEARCH_S * (share > 0)

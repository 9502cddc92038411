"""Optimizers: functions `minimize(evaluate, x0, options, rng) -> Minimum`, one file each.

An optimizer is a deterministic function of its start, its options, the random stream it is handed and the
evaluations it is answered: no clock, no global random state. That is what makes a loop resumable by replay.
"""

from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from workers.optimizers.base import Minimize


class Optimizer(NamedTuple):
    """Where an optimizer lives and whether it asks for gradients."""

    module: str
    gradient: bool


OPTIMIZERS: dict[str, Optimizer] = {
    "lbfgs": Optimizer("workers.optimizers.lbfgs", gradient=True),
    "slsqp": Optimizer("workers.optimizers.slsqp", gradient=True),
    "cobyla": Optimizer("workers.optimizers.cobyla", gradient=False),
    "nelder_mead": Optimizer("workers.optimizers.nelder_mead", gradient=False),
    "spsa": Optimizer("workers.optimizers.spsa", gradient=False),
    "adam": Optimizer("workers.optimizers.adam", gradient=True),
}


def load(name: str) -> "Minimize":
    """The `minimize` function of optimizer `name`.

    Raises:
        KeyError: no optimizer has this name.
    """
    minimize: Minimize = import_module(OPTIMIZERS[name].module).minimize
    return minimize

"""Optimizers: functions `minimize(evaluate, x0, options, rng) -> Minimum`, one file each.

An optimizer is a deterministic function of its start, its options, the random stream it is handed and the
evaluations it is answered: no clock, no global random state. That is what makes a loop resumable by replay.
"""

from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from workers.quantum.optimizers.base import Minimize


class Optimizer(NamedTuple):
    """Where an optimizer lives, and what it asks for.

    Attributes:
        module: where `minimize` is.
        gradient: whether it asks for gradients.
        natural: whether these are natural gradients.
        spectral: whether it asks for the frequencies of the objective.
    """

    module: str
    gradient: bool = False
    natural: bool = False
    spectral: bool = False


OPTIMIZERS: dict[str, Optimizer] = {
    "lbfgs": Optimizer("workers.quantum.optimizers.lbfgs", gradient=True),
    "slsqp": Optimizer("workers.quantum.optimizers.slsqp", gradient=True),
    "cobyla": Optimizer("workers.quantum.optimizers.cobyla"),
    "nelder_mead": Optimizer("workers.quantum.optimizers.nelder_mead"),
    "powell": Optimizer("workers.quantum.optimizers.powell"),
    "spsa": Optimizer("workers.quantum.optimizers.spsa"),
    "adam": Optimizer("workers.quantum.optimizers.adam", gradient=True),
    "gradient_descent": Optimizer("workers.quantum.optimizers.gradient_descent", gradient=True),
    "qng": Optimizer("workers.quantum.optimizers.qng", gradient=True, natural=True),
    "rotosolve": Optimizer("workers.quantum.optimizers.rotosolve", spectral=True),
}


def load(name: str) -> "Minimize":
    """The `minimize` function of optimizer `name`.

    Raises:
        KeyError: no optimizer has this name.
    """
    minimize: Minimize = import_module(OPTIMIZERS[name].module).minimize
    return minimize

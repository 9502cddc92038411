"""Optimizers: functions `minimize(evaluate, x0, options, rng) -> Minimum`, one file each.

The options are the optimizer's own class in `novacron.specs.optimizer`.

An optimizer is a deterministic function of its start, its options, its random stream and the evaluations it
receives: no clock, no global random state. This makes a loop resumable by replay.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from novacron.specs import optimizer as specs

if TYPE_CHECKING:
    from workers.quantum.optimizers.base import Minimize


OPTIMIZERS: dict[type[specs.Options], str] = {
    specs.Lbfgs: "workers.quantum.optimizers.lbfgs",
    specs.Slsqp: "workers.quantum.optimizers.slsqp",
    specs.Cobyla: "workers.quantum.optimizers.cobyla",
    specs.NelderMead: "workers.quantum.optimizers.nelder_mead",
    specs.Powell: "workers.quantum.optimizers.powell",
    specs.Spsa: "workers.quantum.optimizers.spsa",
    specs.Adam: "workers.quantum.optimizers.adam",
    specs.GradientDescent: "workers.quantum.optimizers.gradient_descent",
    specs.Qng: "workers.quantum.optimizers.qng",
    specs.Rotosolve: "workers.quantum.optimizers.rotosolve",
}
"""Module of each optimizer's `minimize`."""


def load(options: specs.Options) -> "Minimize":
    """Return the `minimize` function of the optimizer with these options."""
    minimize: Minimize = import_module(OPTIMIZERS[type(options)]).minimize
    return minimize

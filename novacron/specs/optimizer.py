"""Optimizers of variational loops and their options."""

from typing import Annotated, ClassVar, Literal, get_args

from pydantic import Discriminator, Field, Tag

from novacron.specs.record import Record, by_name, named
from novacron.specs.scalars import Integer, Number
from novacron.specs.schema import TEXT_TOO

Iterations = Annotated[Integer, Field(ge=1, le=1_000_000)]
Positive = Annotated[Number, Field(gt=0, le=1e6)]
Exponent = Annotated[Number, Field(gt=0, le=2)]


class Options(Record):
    """Options common to all optimizers.

    Attributes:
        max_iterations: iteration limit; None uses the optimizer's default.
        tolerance: convergence threshold for the change of the value, in units of the standard deviation of
            the Hamiltonian's eigenvalues (COBYLA: of the point, in radians); 0 never converges.
        gradient: whether it needs gradients.
        own_limit: iteration limit if `max_iterations` is None; None uses its built-in default.
    """

    gradient: ClassVar[bool] = False
    own_limit: ClassVar[int | None] = None

    max_iterations: Iterations | None = 200
    tolerance: Annotated[Number, Field(ge=0, le=1)] = 1e-8

    def iterations(self, n_parameters: int) -> int:
        """Return the iteration limit."""
        default: int = type(self).model_fields["max_iterations"].default
        return self.max_iterations or self.own_limit or default


class Lbfgs(Options):
    """Limited-memory BFGS; needs gradients."""

    gradient: ClassVar[bool] = True
    own_limit: ClassVar[int | None] = 500

    name: Literal["lbfgs"] = "lbfgs"


class Slsqp(Options):
    """Sequential least squares; needs gradients."""

    gradient: ClassVar[bool] = True
    own_limit: ClassVar[int | None] = 500

    name: Literal["slsqp"] = "slsqp"


class Cobyla(Options):
    """Linear approximations in a trust region; `rhobeg` is its initial radius in radians."""

    name: Literal["cobyla"] = "cobyla"
    max_iterations: Iterations | None = 1000
    rhobeg: Annotated[Number, Field(ge=1e-9, le=1e6)] = 0.5


class NelderMead(Options):
    """Downhill simplex; `initial_step` is its initial edge in radians.

    The default limit is 200 iterations per parameter.
    """

    name: Literal["nelder_mead"] = "nelder_mead"
    max_iterations: Iterations | None = None
    initial_step: Positive = 0.25

    def iterations(self, n_parameters: int) -> int:
        """See `Options.iterations`."""
        return self.max_iterations or 200 * n_parameters


class Powell(Options):
    """Line searches along conjugate directions, without gradients."""

    name: Literal["powell"] = "powell"


class Spsa(Options):
    """Simultaneous perturbation, two evaluations per iteration, for noisy values.

    Step k is a / (A + k + 1)^alpha times the slope, measured c / (k + 1)^gamma to both sides. If `a` is None
    it is calibrated so that the first step changes each angle by `learning_rate` radians; if `A` is None it
    is a tenth of `max_iterations`.

    Source: Spall, IEEE Trans. Aerosp. Electron. Syst. 34, 817 (1998), section III.
    """

    name: Literal["spsa"] = "spsa"
    max_iterations: Iterations | None = 300
    learning_rate: Positive = 0.1
    a: Positive | None = None
    c: Positive = 0.1
    A: Annotated[Number, Field(ge=0, le=1e6)] | None = None
    alpha: Exponent = 0.602
    gamma: Exponent = 0.101


class Adam(Options):
    """Gradient descent with moment estimates, for noisy gradients."""

    gradient: ClassVar[bool] = True

    name: Literal["adam"] = "adam"
    max_iterations: Iterations | None = 500
    learning_rate: Positive = 0.05


class GradientDescent(Options):
    """Steps of `learning_rate` times the gradient."""

    gradient: ClassVar[bool] = True

    name: Literal["gradient_descent"] = "gradient_descent"
    max_iterations: Iterations | None = 1000
    learning_rate: Positive = 0.1


class Qng(Options):
    """Quantum natural gradient: gradient descent in the metric of the states.

    `regularization` is added to the diagonal of the metric, which is singular if angles are redundant.

    Source: Stokes et al., Quantum 4, 269 (2020).
    """

    gradient: ClassVar[bool] = True

    name: Literal["qng"] = "qng"
    learning_rate: Positive = 0.1
    regularization: Annotated[Number, Field(gt=0, le=1)] = 1e-3


class Rotosolve(Options):
    """Minimize over one parameter at a time, exactly, as its value is a sinusoid; an iteration is a sweep.

    Every parameter must enter through rotations whose frequencies are multiples of one frequency.

    Source: Ostaszewski, Grant, Benedetti, Quantum 5, 391 (2021).
    """

    name: Literal["rotosolve"] = "rotosolve"
    max_iterations: Iterations | None = 100


AnyOptimizer = Lbfgs | Slsqp | Cobyla | NelderMead | Powell | Spsa | Adam | GradientDescent | Qng | Rotosolve
OPTIMIZERS: tuple[str, ...] = tuple(one.model_fields["name"].default for one in get_args(AnyOptimizer))

_Optimizer = Annotated[
    Annotated[Lbfgs, Tag("lbfgs")]
    | Annotated[Slsqp, Tag("slsqp")]
    | Annotated[Cobyla, Tag("cobyla")]
    | Annotated[NelderMead, Tag("nelder_mead")]
    | Annotated[Powell, Tag("powell")]
    | Annotated[Spsa, Tag("spsa")]
    | Annotated[Adam, Tag("adam")]
    | Annotated[GradientDescent, Tag("gradient_descent")]
    | Annotated[Qng, Tag("qng")]
    | Annotated[Rotosolve, Tag("rotosolve")],
    Discriminator(by_name),
]
Optimizer = Annotated[_Optimizer, named(OPTIMIZERS, default="lbfgs"), TEXT_TOO]
"""An optimizer by name or as a mapping; L-BFGS if only options are given."""
LearningOptimizer = Annotated[_Optimizer, named(OPTIMIZERS, default="adam"), TEXT_TOO]
"""An optimizer by name or as a mapping; Adam if only options are given."""

"""Quantum machine learning: `quantum_ml`."""

from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from novacron.specs.base import Layers, Spec
from novacron.specs.optimizer import LearningOptimizer, Qng, Rotosolve
from novacron.specs.record import Record, by_name, named
from novacron.specs.refusal import refuse
from novacron.specs.scalars import Number
from novacron.specs.schema import TEXT_TOO
from novacron.specs.table import Data, doubts_of_test, split_fault

if TYPE_CHECKING:
    from novacron.inputs.files import Files

MODELS = ("kernel_svm", "variational_classifier")

MAX_FEATURES = 20
"""Maximum number of features of a feature map, each of which is a qubit of every sample's state."""

FeatureMap = Literal["zz", "angle"]


class KernelSvm(Record):
    """A support vector machine on the kernel of a feature map.

    Attributes:
        feature_map: circuit that encodes a sample.
        layers: number of its repetitions.
        C: penalty of margin violations.
        bandwidth: factor on the scaled features; below 1 brings samples closer, which many features need.
    """

    name: Literal["kernel_svm"] = "kernel_svm"
    feature_map: FeatureMap = "zz"
    layers: Layers = 2
    C: Annotated[Number, Field(gt=0, le=1e9)] = 1.0
    bandwidth: Annotated[Number, Field(gt=0, le=100)] = 1.0


class VariationalClassifier(Record):
    """A trained circuit of `layers` layers behind a feature map."""

    name: Literal["variational_classifier"] = "variational_classifier"
    feature_map: FeatureMap = "angle"
    layers: Layers = 2


Model = Annotated[
    Annotated[KernelSvm, Tag("kernel_svm")] | Annotated[VariationalClassifier, Tag("variational_classifier")],
    Discriminator(by_name),
    named(MODELS),
    TEXT_TOO,
]


class QML(Spec):
    """Train a classifier.

    Attributes:
        data: samples as a mapping, a dataset by name, or a CSV file and its target column.
        model: by name or as a mapping.
        test_fraction: share of the samples reserved for the test.
        optimizer: optimizer of a trained model; Adam by default. A kernel has none.
    """

    kind: Literal["quantum_ml"] = "quantum_ml"
    data: Data
    model: Model
    test_fraction: Annotated[Number, Field(gt=0, lt=1)] = 0.3
    optimizer: LearningOptimizer | None = None

    @classmethod
    def inline(cls, data: dict[str, Any], files: "Files") -> dict[str, Any]:
        """See `Spec.inline`."""
        if "data" in data:
            data = {**data, "data": files.table(data["data"], "data")}
        return data

    @model_validator(mode="before")
    @classmethod
    def _choose_optimizer(cls, data: Any) -> Any:
        if not isinstance(data, dict) or data.get("optimizer") is not None:
            return data
        trained = by_name(data.get("model")) or data.get("model")
        return {**data, "optimizer": "adam"} if trained == "variational_classifier" else data

    @model_validator(mode="after")
    def _check_optimizer(self) -> Self:
        if self.optimizer is not None and isinstance(self.model, KernelSvm):
            raise refuse("a kernel is not trained", at=("optimizer",), hint="leave it out")
        if isinstance(self.optimizer, Qng | Rotosolve):
            rule = "needs the expectation value of one circuit, which a classifier's loss is not"
            raise refuse(rule, at=("optimizer", "name"), value=self.optimizer.name, hint="use adam")
        fault = split_fault(self.data, self.test_fraction)
        if fault:
            raise refuse(fault, at=("test_fraction",), hint="lower it or give more samples")
        if self.n_qubits > MAX_FEATURES:
            rule = f"{self.n_qubits} features need {self.n_qubits} qubits, and the limit is {MAX_FEATURES}"
            hint = "choose some by data.columns or data.drop, or reduce them by data.n_features"
            raise refuse(rule, at=("data",), hint=hint)
        if isinstance(self.model, VariationalClassifier) and self.data.class_count > 2:
            if self.data.class_count >= 2**self.n_qubits:
                rule = f"{self.data.class_count} classes are too many for {self.n_qubits} qubits"
                raise refuse(rule, at=("data",), hint="give more features, or use kernel_svm")
        if self.shots is not None and isinstance(self.model, VariationalClassifier):
            raise refuse(
                "the classifier is trained on exact expectations", at=("shots",), hint="leave it out"
            )
        return self

    def warnings(self) -> list[str]:
        """Return warnings about the data; see `Spec.warnings`."""
        return [*self.data.doubts(), *doubts_of_test(self.data, self.test_fraction)]

    @property
    def n_qubits(self) -> int:
        """One qubit per feature used."""
        return self.data.n_qubits

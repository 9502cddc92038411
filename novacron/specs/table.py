"""Labelled samples as specs carry them: written out, or a dataset by name."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from novacron.specs.record import Record, by_key, keyed
from novacron.specs.refusal import refuse
from novacron.specs.scalars import INT_BOUND, Integer, Label, Number, Text

MAX_FEATURES = 1000
DRAWN_SAMPLES = 100

MEASURED: dict[str, tuple[int, int]] = {"iris": (150, 4), "wine": (178, 13), "breast_cancer": (569, 30)}
"""Samples and features of the datasets that were measured."""
DRAWN: dict[str, dict[str, Any]] = {
    "moons": {"n_samples": DRAWN_SAMPLES, "n_features": 2, "noise": 0.1},
    "circles": {"n_samples": DRAWN_SAMPLES, "n_features": 2, "noise": 0.1, "factor": 0.5},
    "blobs": {"n_samples": DRAWN_SAMPLES, "n_features": 2, "n_classes": 3},
}
"""Options and defaults of the datasets drawn at random."""
DATASETS = (*MEASURED, *DRAWN)
KEYS = ("features", "name")

Samples = Annotated[Integer, Field(ge=4, le=1_000_000)]
Features = Annotated[Integer, Field(ge=1, le=MAX_FEATURES)]
Row = Annotated[tuple[Number, ...], Field(min_length=1, max_length=MAX_FEATURES)]


def _one_type(value: object) -> object:
    """Whole numbers stay numbers when all labels are; a mixture with text is refused."""
    if not isinstance(value, Sequence) or isinstance(value, str):
        return value
    labels = [int(label) if isinstance(label, float) and label.is_integer() else label for label in value]
    for position, label in enumerate(labels):
        if not isinstance(label, str | int) or (isinstance(label, int) and abs(label) >= INT_BOUND):
            hint = "classes are learnt, not measured quantities" if isinstance(label, float) else None
            raise refuse("must be a whole number or text", at=(position,), value=label, hint=hint)
        if isinstance(label, str) != isinstance(labels[0], str):
            raise refuse("labels must be all numbers or all text", at=(position,), value=label)
    return [int(label) if isinstance(label, bool) else label for label in labels]


class InlineData(Record):
    """Samples written out.

    Attributes:
        features: a row of finite numbers a sample, all of one length.
        labels: the class of each sample, whole numbers or text, at least two different ones.
        feature_names: one a column.
        n_features: principal components to reduce the columns to; None keeps them.
    """

    features: Annotated[tuple[Row, ...], Field(min_length=4, max_length=1_000_000)]
    labels: Annotated[tuple[Integer | Text, ...], BeforeValidator(_one_type)]
    feature_names: tuple[Label, ...] | None = None
    n_features: Features | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        n_columns = len(self.features[0])
        for position, row in enumerate(self.features):
            if len(row) != n_columns:
                rule = f"has {len(row)} numbers, the first row has {n_columns}"
                raise refuse(rule, at=("features", position))
        if len(self.labels) != len(self.features):
            rule = f"must be one for each of the {len(self.features)} samples, not {len(self.labels)}"
            raise refuse(rule, at=("labels",))
        if len(set(self.labels)) < 2:
            raise refuse("must have at least two classes", at=("labels",), value=self.labels[0])
        if self.feature_names is not None and len(self.feature_names) != n_columns:
            rule = f"must be one for each of the {n_columns} columns, not {len(self.feature_names)}"
            raise refuse(rule, at=("feature_names",))
        if self.n_features is not None and self.n_features > n_columns:
            raise refuse(f"must be at most {n_columns}", at=("n_features",), value=self.n_features)
        return self

    @property
    def n_qubits(self) -> int:
        """One a feature used."""
        return self.n_features or len(self.features[0])


class NamedData(Record):
    """A dataset by name, measured (iris, wine, breast_cancer) or drawn (moons, circles, blobs).

    Attributes:
        name: which.
        n_samples: how many of them, all of a measured one by default.
        n_features: principal components to reduce a measured one to; columns of blobs.
        noise: standard deviation, moons and circles.
        factor: inner over outer radius, circles.
        n_classes: blobs.
    """

    name: Literal["iris", "wine", "breast_cancer", "moons", "circles", "blobs"]
    n_samples: Samples
    n_features: Features
    noise: Annotated[Number, Field(ge=0, le=10)] | None = None
    factor: Annotated[Number, Field(gt=0, lt=1)] | None = None
    n_classes: Annotated[Integer, Field(ge=2, le=100)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _fill(cls, data: Any) -> Any:
        if not isinstance(data, Mapping):
            return data
        name = str(data.get("name"))
        defaults = dict(DRAWN.get(name, {}))
        if name in MEASURED:
            defaults = dict(zip(("n_samples", "n_features"), MEASURED[name], strict=True))
        return defaults | {
            key: value for key, value in data.items() if key not in defaults or value is not None
        }

    @model_validator(mode="after")
    def _check(self) -> Self:
        for key in ("noise", "factor", "n_classes"):
            if getattr(self, key) is not None and key not in DRAWN.get(self.name, {}):
                raise refuse(f"{self.name} has no such option", at=(key,), value=getattr(self, key))
        n_samples, n_features = MEASURED.get(self.name, (self.n_samples, 2))
        if self.n_samples > n_samples:
            raise refuse(f"{self.name} has {n_samples} samples", at=("n_samples",), value=self.n_samples)
        if self.name != "blobs" and self.n_features > n_features:
            raise refuse(f"{self.name} has {n_features} features", at=("n_features",), value=self.n_features)
        return self

    @property
    def n_qubits(self) -> int:
        """One a feature used."""
        return self.n_features


Data = Annotated[
    Annotated[InlineData, Tag("features")] | Annotated[NamedData, Tag("name")],
    Discriminator(by_key(*KEYS)),
    keyed(*KEYS),
]
"""Labelled samples, told apart by the key `features` or `name`."""

"""Labelled samples in specs: inline, or a dataset by name."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from novacron.specs.columns import doubts, shown
from novacron.specs.record import Record, by_key, keyed
from novacron.specs.refusal import refuse
from novacron.specs.scalars import INT_BOUND, Integer, Label, Number, Text
from novacron.specs.schema import TEXT_TOO

MAX_FEATURES = 1000
MAX_LEFT_OUT = 100_000
MAX_SIZE = 1e150
"""Largest absolute value of a feature: the square of a greater one overflows."""
DRAWN_SAMPLES = 100

MEASURED: dict[str, tuple[int, int]] = {"iris": (150, 4), "wine": (178, 13), "breast_cancer": (569, 30)}
"""Numbers of samples and features of measured datasets."""
DRAWN: dict[str, dict[str, Any]] = {
    "moons": {"n_samples": DRAWN_SAMPLES, "n_features": 2, "noise": 0.1},
    "circles": {"n_samples": DRAWN_SAMPLES, "n_features": 2, "noise": 0.1, "factor": 0.5},
    "blobs": {"n_samples": DRAWN_SAMPLES, "n_features": 2, "n_classes": 3},
}
"""Options and defaults of randomly generated datasets."""
CLASSES = {"iris": 3, "wine": 3, "breast_cancer": 2, "moons": 2, "circles": 2}
"""Number of classes of datasets without that option."""
SMALL_TEST = 10
"""Number of test samples below which an accuracy is unreliable."""
KEYS = ("features", "name")

Samples = Annotated[Integer, Field(ge=4, le=1_000_000)]
Features = Annotated[Integer, Field(ge=1, le=MAX_FEATURES)]
Scale = Literal["minmax", "standard", "none"]
Row = Annotated[tuple[Number, ...], Field(min_length=1, max_length=MAX_FEATURES)]


def _one_type(value: object) -> object:
    """Keep whole numbers as numbers if all labels are; refuse a mixture with text."""
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
    """Inline samples.

    Attributes:
        features: one row of finite numbers per sample, all of equal length.
        labels: class of each sample, whole numbers or text, at least two different ones.
        feature_names: one name per column.
        n_features: number of principal components to reduce the columns to; None keeps all columns.
        scale: scaling of features to angles: each to [0, pi], to mean 0 and deviation 1, or none.
        target: name of the label column.
        left_out: names of the columns that were not selected.
    """

    features: Annotated[tuple[Row, ...], Field(min_length=4, max_length=1_000_000)]
    labels: Annotated[tuple[Integer | Text, ...], BeforeValidator(_one_type)]
    feature_names: tuple[Label, ...] | None = None
    n_features: Features | None = None
    scale: Scale = "minmax"
    target: Label | None = None
    left_out: Annotated[tuple[Label, ...], Field(max_length=MAX_LEFT_OUT)] = ()

    @model_validator(mode="after")
    def _check(self) -> Self:
        n_columns = len(self.features[0])
        for position, row in enumerate(self.features):
            if len(row) != n_columns:
                rule = f"has {len(row)} numbers, the first row has {n_columns}"
                raise refuse(rule, at=("features", position))
            if max(row) > MAX_SIZE or min(row) < -MAX_SIZE:
                largest = max(row, key=abs)
                raise refuse(
                    f"must be at most {MAX_SIZE:g} in size", at=("features", position), value=largest
                )
        if len(self.labels) != len(self.features):
            rule = f"must be one for each of the {len(self.features)} samples, not {len(self.labels)}"
            raise refuse(rule, at=("labels",))
        n_classes = len(set(self.labels))
        if n_classes < 2:
            raise refuse("must have at least two classes", at=("labels",), value=self.labels[0])
        if 2 * n_classes > len(self.labels):
            rule = (
                f"{n_classes} different labels in {len(self.labels)} samples, two samples a class are needed"
            )
            raise refuse(rule, at=("labels",), hint="classes are learnt, not measured quantities")
        if self.feature_names is not None and len(self.feature_names) != n_columns:
            rule = f"must be one for each of the {n_columns} columns, not {len(self.feature_names)}"
            raise refuse(rule, at=("feature_names",))
        if self.n_features is not None and self.n_features > n_columns:
            raise refuse(f"must be at most {n_columns}", at=("n_features",), value=self.n_features)
        _check_reduction(self.scale, self.n_qubits < n_columns)
        return self

    @property
    def n_qubits(self) -> int:
        """One qubit per feature used."""
        return self.n_features or len(self.features[0])

    @property
    def n_samples(self) -> int:
        """Number of rows."""
        return len(self.features)

    @property
    def class_count(self) -> int:
        """Number of distinct labels."""
        return len(set(self.labels))

    def doubts(self) -> Iterator[str]:
        """Yield warnings about the columns."""
        columns = list(zip(*self.features, strict=True))
        names = self.feature_names or [f"number {position}" for position in range(len(columns))]
        yield from doubts(columns, names, named=self.feature_names is not None)
        if self.scale == "none":
            wide = [
                name
                for name, column in zip(names, columns, strict=True)
                if max(map(abs, column)) > 2 * math.pi
            ]
            if wide:
                yield (
                    f"scale: none takes features for angles in radians, and columns {shown(wide)}"
                    " go beyond 2 pi: different values may mean the same angle"
                )


class NamedData(Record):
    """A dataset by name, measured (iris, wine, breast_cancer) or generated (moons, circles, blobs).

    Attributes:
        name: name of the dataset.
        n_samples: number of samples; default for a measured dataset: all.
        n_features: number of principal components of a measured dataset; number of columns of blobs.
        noise: standard deviation, for moons and circles.
        factor: ratio of inner to outer radius, for circles.
        n_classes: number of classes, for blobs.
        scale: as in `InlineData`.
    """

    _filled = ("n_samples", "n_features")

    name: Literal["iris", "wine", "breast_cancer", "moons", "circles", "blobs"]
    n_samples: Samples
    n_features: Features
    noise: Annotated[Number, Field(ge=0, le=10)] | None = None
    factor: Annotated[Number, Field(gt=0, lt=1)] | None = None
    n_classes: Annotated[Integer, Field(ge=2, le=100)] | None = None
    scale: Scale = "minmax"

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
        _check_reduction(self.scale, self.name in MEASURED and self.n_features < n_features)
        return self

    @property
    def n_qubits(self) -> int:
        """One qubit per feature used."""
        return self.n_features

    @property
    def class_count(self) -> int:
        """Number of classes of the whole dataset."""
        return self.n_classes or CLASSES[self.name]

    def doubts(self) -> Iterator[str]:
        """Yield nothing: these columns are known."""
        return iter(())


def _check_reduction(scale: str, reduced: bool) -> None:
    if scale == "none" and reduced:
        rule = "leaves nothing that principal components could be made of"
        raise refuse(rule, at=("scale",), value=scale, hint="use minmax or standard, or leave out n_features")


def split_fault(data: "InlineData | NamedData", test_fraction: float) -> str | None:
    """Return why the samples cannot be split into training and test, None if they can."""
    n_test = int(data.n_samples * test_fraction + 0.5)
    if n_test <= data.n_samples - data.class_count:
        return None
    return (
        f"{n_test} of {data.n_samples} samples for the test leave no training sample for some of the"
        f" {data.class_count} classes"
    )


def doubts_of_test(data: "InlineData | NamedData", test_fraction: float) -> Iterator[str]:
    """Yield warnings that the test accuracy is unreliable."""
    n_test = int(data.n_samples * test_fraction + 0.5)
    if n_test == 0:
        yield "no sample is kept for the test, so that there is no test accuracy; raise test_fraction"
    elif n_test < SMALL_TEST:
        yield (
            f"the test has {n_test} samples, so that one of them is {1 / n_test:.0%} of the test accuracy;"
            " raise test_fraction or give more samples"
        )


def _by_bare_name(value: object) -> object:
    return {"name": value} if isinstance(value, str) else value


Data = Annotated[
    Annotated[InlineData, Tag("features")] | Annotated[NamedData, Tag("name")],
    Discriminator(by_key(*KEYS)),
    keyed(*KEYS),
    BeforeValidator(_by_bare_name),
    TEXT_TOO,
]
"""Labelled samples, discriminated by the key `features` or `name`."""


def read(data: Mapping[str, Any]) -> InlineData | NamedData:
    """Return the record of canonical data."""
    return (InlineData if "features" in data else NamedData).model_validate(data)

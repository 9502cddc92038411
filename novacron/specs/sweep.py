"""Many jobs that differ in the values of some keys: `sweep`."""

import json
from collections.abc import Iterator, Mapping
from itertools import product
from math import isclose, prod
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from novacron.errors import BadInput, together
from novacron.specs.axes import MOST_JOBS, content, is_labelled, label, values
from novacron.specs.base import Spec, distinct
from novacron.specs.kinds import class_of, parse
from novacron.specs.paths import assigned, split
from novacron.specs.record import Record
from novacron.specs.refusal import did_you_mean, refuse
from novacron.specs.scalars import Flag, JsonObject, Text, check_json_object
from novacron.specs.schema import Also

if TYPE_CHECKING:
    from novacron.inputs.files import Files

MOST_NAME = 200
Path = Annotated[str, Field(strict=True, min_length=1, max_length=200)]
Axis = Annotated[tuple[Any, ...], BeforeValidator(values), Also(("object",))]
Excluded = Annotated[dict[str, Any], BeforeValidator(check_json_object)]


class Pick(Record):
    """The job of a sweep that counts as the best.

    Attributes:
        minimize: dotted path of the field of the result to be lowest.
        maximize: dotted path of the field of the result to be highest.
    """

    minimize: Text | None = None
    maximize: Text | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.minimize is None) == (self.maximize is None):
            raise refuse("must have one of the keys minimize, maximize")
        return self

    @property
    def field(self) -> str:
        """Dotted path of the compared field."""
        return self.minimize or self.maximize or ""


class Combination(NamedTuple):
    """One job of a sweep.

    Attributes:
        coordinates: dotted path -> value, or its label.
        values: dotted path -> value.
        after: position of the combination at whose best parameters it starts; None if it starts on its own.
    """

    coordinates: dict[str, Any]
    values: dict[str, Any]
    after: int | None


class Growth(Record):
    """Further values of a sweep.

    Attributes:
        over: dotted path of an axis of the sweep -> values, added to those that it has.
    """

    over: Annotated[dict[Path, Axis], Field(min_length=1, max_length=16)]


class Sweep(Spec):
    """Run a job for many values of some of its keys: a grid, or values that move in step.

    Attributes:
        job: the job, of any other kind, as a mapping or the path of a job file.
        over: dotted path of a key of the job -> its values: a list, or `linspace`, `logspace`, `range`. The
            last path varies fastest. A value `{label: TEXT, value: ...}` is told by its label.
        without: combinations that are left out: path -> value or list of values.
        together: paths whose values move in step, not in a grid.
        start_from: path of ordered numbers: each loop starts at the best parameters of its neighbour.
        pick: field of the results by which the best job is chosen.
        keep_going: whether a failure leaves the other jobs alone; otherwise it cancels them.
    """

    kind: Literal["sweep"] = "sweep"
    job: JsonObject
    over: Annotated[dict[Path, Axis], Field(min_length=1, max_length=16)]
    without: Annotated[tuple[Excluded, ...], Field(max_length=1000)] = ()
    together: Annotated[
        tuple[Annotated[tuple[Path, ...], AfterValidator(distinct)], ...], Field(max_length=8)
    ] = ()
    start_from: Path | None = None
    pick: Pick | None = None
    keep_going: Flag = True

    @classmethod
    def inline(cls, data: dict[str, Any], files: "Files") -> dict[str, Any]:
        """See `Spec.inline`; files among the values of `over` are read, too."""
        if "job" not in data:
            return data
        with files.nested(data["job"], "job") as (job, inner):
            if (model := _model(job)) is None:
                return {**data, "job": job}
            read = {**data, "job": model.inline(dict(job), inner)}
        if isinstance(over := data.get("over"), Mapping):
            read["over"] = read_axes(job, over, files)
        return read

    @model_validator(mode="after")
    def _check_common(self) -> Self:
        for name, field in Spec.model_fields.items():
            if name not in ("kind", "name", "tags", "session") and getattr(self, name) != field.default:
                rule = "belongs to each job of the sweep"
                raise refuse(rule, at=(name,), hint=f"put it under job, or sweep over {name}")
        if self.job.get("session") is not None or "session" in self.over:
            raise refuse(
                "is one call of a session as a whole", at=("job", "session"), hint="put it beside job"
            )
        return self

    @model_validator(mode="after")
    def _check_paths(self) -> Self:
        for path in self.over:
            split(path, f"over.{path}")
        grouped = [path for group in self.together for path in group]
        named = [("together", path) for path in grouped]
        named += [("without", path) for one in self.without for path in one]
        named += [("start_from", self.start_from)] if self.start_from is not None else []
        for field, path in named:
            if path not in self.over:
                hint = did_you_mean(path, list(self.over)) or "over has " + ", ".join(self.over)
                raise refuse("is not swept over", at=(field,), value=path, hint=hint)
        if len(set(grouped)) < len(grouped):
            raise refuse("a path is in two groups", at=("together",))
        for path, value in (pair for one in self.without for pair in _excluded(one)):
            if not any(_equal(value, label(own)) for own in self.over[path]):
                raise refuse(f"{path} has no such value", at=("without",), value=value)
        for group in self.together:
            if len(set(counts := [len(self.over[path]) for path in group])) > 1:
                told = ", ".join(f"{path} {n}" for path, n in zip(group, counts, strict=True))
                raise refuse(f"must have equally many values, not {told}", at=("together",))
        return self

    @model_validator(mode="after")
    def _check_number(self) -> Self:
        sizes = [len(next(iter(group.values()))) for group in self._groups()]
        if (n := prod(sizes)) > MOST_JOBS:
            told = " x ".join(f"{size:,}" for size in sizes)
            raise refuse(f"makes {n:,} jobs ({told}), more than {MOST_JOBS:,}", at=("over",))
        if next(self.combinations(), None) is None:
            raise refuse("leaves out every combination", at=("without",))
        return self

    @model_validator(mode="after")
    def _check_distinct(self) -> Self:
        for group in self._groups():
            known: set[str] = set()
            for position, found in enumerate(zip(*group.values(), strict=True)):
                row = tuple(map(label, found))
                if (text := json.dumps(row, sort_keys=True)) in known:
                    value = row[0] if len(row) == 1 else dict(zip(group, row, strict=True))
                    raise refuse("is given twice", at=("over", *list(group)[:1], position), value=value)
                known.add(text)
        return self

    @model_validator(mode="after")
    def _check_chain(self) -> Self:
        if self.start_from is None:
            return self
        numbers = self.over[self.start_from]
        ordered = all(isinstance(one, int | float) and not isinstance(one, bool) for one in numbers)
        if not ordered or list(numbers) not in (sorted(numbers), sorted(numbers, reverse=True)):
            rule = "must be swept over ordered numbers"
            raise refuse(rule, at=("start_from",), value=self.start_from, hint="sort its values")
        return self

    @model_validator(mode="after")
    def _check_first(self) -> Self:
        """Validate one job; the scheduler validates all of them."""
        try:
            first = self.spec_of(next(self.combinations()))
        except BadInput as error:
            raise self.of_sweep(error) from None
        if self.start_from is not None and "initial_point" not in type(first).model_fields:
            raise refuse(
                f"a {first.kind} job has no initial point", at=("start_from",), value=self.start_from
            )
        return self

    def _groups(self) -> list[dict[str, tuple[Any, ...]]]:
        """Return the axes of the grid in the order of `over`, each with its paths and their values."""
        found: list[dict[str, tuple[Any, ...]]] = []
        for path in self.over:
            if not any(path in group for group in found):
                group = next((group for group in self.together if path in group), (path,))
                found.append({one: self.over[one] for one in group})
        return found

    def combinations(self) -> Iterator[Combination]:
        """Yield the combinations in order, without those that are left out."""
        groups, last, position = self._groups(), dict[str, int](), 0
        rows = [
            [dict(zip(group, row, strict=True)) for row in zip(*group.values(), strict=True)]
            for group in groups
        ]
        chained = next((k for k, group in enumerate(groups) if self.start_from in group), None)
        for places in product(*(range(len(row)) for row in rows)):
            values = {
                path: value
                for row, place in zip(rows, places, strict=True)
                for path, value in row[place].items()
            }
            coordinates = {path: label(value) for path, value in values.items()}
            if any(_matches(one, coordinates) for one in self.without):
                continue
            after = None
            if chained is not None:
                line = repr((*places[:chained], *places[chained + 1 :]))
                after, last[line] = last.get(line), position
            yield Combination(coordinates, {path: content(value) for path, value in values.items()}, after)
            position += 1

    def document_of(self, combination: Combination, start: str | None = None) -> dict[str, Any]:
        """Return the job of a combination, not validated; a key of a swept key is set after the latter.

        Args:
            combination: the combination.
            start: id of the job at whose best parameters it starts.

        Raises:
            BadInput: a path leads nowhere.
        """
        found: Any = self.job
        for path, value in sorted(combination.values.items(), key=lambda pair: pair[0].count(".")):
            found = assigned(found, path.split("."), value, path)
        chained = {} if start is None else {"initial_point": {"job": start}}
        return {**found, "name": self._name(combination.coordinates), **chained}

    def spec_of(self, combination: Combination, start: str | None = None) -> Spec:
        """Return the job of a combination; arguments and errors as for `document_of`.

        Raises:
            BadInput: it breaks a rule.
        """
        return parse(self.document_of(combination, start))

    def of_sweep(self, error: BadInput) -> BadInput:
        """Return an error of one of the jobs with the fields of the sweep."""
        for one in error.all:
            path = next((path for path in self.over if _touches(one.field or "", path)), None)
            one.field = f"over.{path}" if path else ".".join(filter(None, ("job", one.field)))
        return together(error.all)

    def _name(self, coordinates: Mapping[str, Any]) -> str:
        own = self.job.get("name") or self.name or self.job.get("kind")
        told = " ".join(f"{path.rpartition('.')[2]}={_short(value)}" for path, value in coordinates.items())
        return f"{own} {told}"[:MOST_NAME].rstrip()

    @property
    def n_jobs(self) -> int:
        """Number of jobs."""
        return sum(1 for _ in self.combinations())


def _model(job: object) -> type[Spec] | None:
    """Return the class of a job; None if it has no valid kind, which is left for validation."""
    try:
        return class_of(job)
    except BadInput:
        return None


def read_axes(job: object, over: Mapping[str, Any], files: "Files") -> dict[str, Any]:
    """Return axes with the files among their values inlined, the names of which become labels."""
    model = _model(job)
    return {path: _read(model, path, axis, files) if model else axis for path, axis in over.items()}


def _read(model: type[Spec], path: str, axis: Any, files: "Files") -> Any:
    """Return an axis with the files among its values inlined; only a whole key of the job may be a file."""
    if not isinstance(axis, list | tuple) or "." in path:
        return axis
    return [_read_value(model, path, value, files) for value in axis]


def _read_value(model: type[Spec], path: str, value: Any, files: "Files") -> Any:
    """Return a value of an axis with its file inlined, and the name of the file as its label."""
    own = content(value)
    read = model.inline({path: own}, files).get(path, own)
    if path in files.refused:
        errors = files.refused.pop(path)
        for error in errors:
            error.field = f"over.{path}"
        files.refused.setdefault(f"over.{path}", []).extend(errors)
        return value
    if read is own:
        return value
    keys = ("file", "fcidump") if isinstance(own, Mapping) else ()
    name = own if isinstance(own, str) else next((own[key] for key in keys if key in own), None)
    return {"label": label(value) if is_labelled(value) else name, "value": read} if name else read


def _excluded(combinations: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield path and value of what is left out."""
    for path, found in combinations.items():
        yield from ((path, value) for value in (found if isinstance(found, list | tuple) else [found]))


def _matches(excluded: Mapping[str, Any], coordinates: Mapping[str, Any]) -> bool:
    found = {path for path, value in _excluded(excluded) if _equal(value, coordinates[path])}
    return len(found) == len(excluded)


def _equal(one: Any, other: Any) -> bool:
    """Return whether values are equal, numbers but for rounding: 0.3 is one of `linspace: [0, 1, 11]`."""
    numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in (one, other))
    return isclose(one, other, rel_tol=1e-12, abs_tol=1e-15) if numbers else bool(one == other)


def _touches(field: str, path: str) -> bool:
    """Return whether the field of an error is a swept key, a part of it, or contains it."""
    one, other = field.replace("[", ".").replace("]", "") + ".", path + "."
    return one.startswith(other)


def _short(value: Any) -> str:
    if isinstance(value, Mapping):
        value = value.get("name", "...")
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    return "".join(character for character in text if character.isprintable())[:40]

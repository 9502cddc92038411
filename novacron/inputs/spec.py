"""Conversion of whatever may be submitted to the canonical spec that is sent."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from os import PathLike, fspath
from pathlib import Path
from typing import Any, Protocol, TypeAlias, runtime_checkable

from novacron.errors import BadInput, together

_PLACED = re.compile(r"jobs\[(\d+)\]\.?(.*)")


@runtime_checkable
class SpecObject(Protocol):
    """A spec of `novacron.specs`; a protocol, so that sending a dict does not import pydantic."""

    def model_dump(self, *, mode: str) -> dict[str, Any]:
        """Return the spec as plain JSON."""
        ...


Spec: TypeAlias = SpecObject | Mapping[str, Any] | str | PathLike[str]
Blame: TypeAlias = Callable[[], AbstractContextManager[object]]
"""Makes a context that adds file and line to errors raised in it."""


@contextmanager
def described(spec: Spec) -> Iterator[Mapping[str, Any]]:
    """Yield the canonical spec, reading and inlining files where `spec` is a path.

    Errors raised in the block, by the scheduler, name the file of the field they concern.

    Raises:
        BadInput: the file is missing or breaks a rule, or `spec` has an unsupported type; an object of
            another library is refused with the two lines that convert it.
    """
    if not isinstance(spec, str | PathLike):
        yield document_of(spec)
        return
    from novacron.inputs.jobfile import JobFile

    job = JobFile(fspath(spec))
    document = job.spec().model_dump(mode="json")
    with job.blamed():
        yield document


def documents_of(specs: Iterable[Spec]) -> list[Mapping[str, Any]]:
    """Return the canonical specs of jobs; raises as `described`, with the errors of all of them."""
    found: list[Mapping[str, Any]] = []
    refusals: list[BadInput] = []
    for spec in specs:
        try:
            with described(spec) as document:
                found.append(document)
        except BadInput as error:
            refusals += error.all
    if refusals:
        raise together(refusals)
    return found


@contextmanager
def each_blamed(blamed: Sequence[Blame]) -> Iterator[None]:
    """Attribute the scheduler's errors about `jobs[i]` in the block to job i, by its own context.

    Args:
        blamed: of each job.
    """
    try:
        yield
    except BadInput as error:
        raise together([one for found in error.all for one in _of_one(found, blamed)]) from None


def _of_one(
    error: BadInput, blamed: Sequence[Callable[[], AbstractContextManager[object]]]
) -> list[BadInput]:
    named = _PLACED.fullmatch(error.field or "")
    if named is None:
        return [error]
    own = BadInput(error.rule, field=named[2] or None, value=error.value, hint=error.hint)
    try:
        with blamed[int(named[1])]():
            raise own
    except BadInput as located:
        return located.all if located.file is not None else [error]


@contextmanager
def swept(job: Spec, over: Mapping[str, Any], **keys: object) -> Iterator[Mapping[str, Any]]:
    """Yield the sweep of a job over some of its keys, which the scheduler validates; raises as `described`.

    Args:
        job: as for `described`.
        over: dotted path -> values: a mapping such as `{"linspace": [0, 1, 5]}`, or any iterable.
        keys: the other keys of the sweep; None and empty ones are left out.
    """
    with described(job) as document:
        given = {name: value for name, value in keys.items() if value not in (None, ())}
        yield {"kind": "sweep", "job": document, "over": axes(over, document), **given}


def axes(over: Mapping[str, Any], job: Mapping[str, Any]) -> dict[str, Any]:
    """Return the axes of a sweep of a job as JSON, files among their values inlined; see `swept`.

    Raises:
        BadInput: a file cannot be read.
    """
    found = {path: _axis(values) for path, values in over.items()}
    given = (
        value
        for path, values in found.items()
        if "." not in path and isinstance(values, list)
        for value in values
    )
    if not any(isinstance(value, str | Mapping) for value in given):
        return found  # without pydantic
    from novacron.inputs.files import Files
    from novacron.specs.sweep import read_axes

    files = Files(Path())
    with files.blamed():
        return read_axes(job, found, files)


def _axis(values: Any) -> Any:
    if isinstance(values, Mapping | str):
        return values  # the scheduler refuses text, whose letters would be values
    if hasattr(values, "tolist"):
        values = values.tolist()
    return [value.model_dump(mode="json") if isinstance(value, SpecObject) else value for value in values]


def document_of(spec: object) -> Mapping[str, Any]:
    """Return the canonical spec of anything but a path; raises as `described`."""
    if isinstance(spec, SpecObject) and type(spec).__module__.startswith("novacron."):
        return spec.model_dump(mode="json")
    from novacron.inputs import foreign

    foreign.check(spec)
    if isinstance(spec, Mapping):
        return spec
    if isinstance(spec, SpecObject):
        return spec.model_dump(mode="json")
    raise BadInput(
        "a job is a spec such as VQE(...), a dict, or the path of a job file", value=type(spec).__name__
    )

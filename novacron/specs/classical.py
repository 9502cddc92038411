"""Registered functions on classical processors: `pure_classical`."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationInfo

from novacron.errors import BadInput
from novacron.specs import magnitude
from novacron.specs.base import Spec
from novacron.specs.hamiltonian import Hamiltonian
from novacron.specs.problem import MaxCut
from novacron.specs.record import Record
from novacron.specs.refusal import passed_on, validated
from novacron.specs.scalars import Identifier, JsonObject
from novacron.specs.table import Data, read

if TYPE_CHECKING:
    from novacron.inputs.files import Files

MAX_CALLS = 100_000


class Inputs(Record):
    """Arguments with the same meaning as in the corresponding quantum job."""

    hamiltonian: Hamiltonian | None = None
    maxcut: MaxCut | None = None
    data: Data | None = None


def stored_inputs(**given: Any) -> Inputs:
    """Return the inputs of a job that has been accepted."""
    return validated(Inputs, given, context={"stored": True})


def _check_size(given: Inputs) -> None:
    if given.hamiltonian is not None:
        magnitude.check(magnitude.coefficients(given.hamiltonian), "hamiltonian")
    if given.maxcut is not None:
        magnitude.check(given.maxcut.weights, "maxcut.weights", "them")


def _check_inputs(arguments: dict[str, Any], info: ValidationInfo) -> dict[str, Any]:
    given = {key: value for key, value in arguments.items() if key in Inputs.model_fields}
    if not given:
        return arguments
    try:
        checked = validated(Inputs, given, context=info.context)
        _check_size(checked)
    except BadInput as error:
        raise passed_on(error, (error.field or "",)) from None
    return arguments | checked.model_dump(mode="json", include=set(given))


def _doubts_of_hamiltonian(given: Any) -> list[str]:
    checked = stored_inputs(hamiltonian=given).hamiltonian
    return [] if checked is None else list(checked.warnings())


_DOUBTS: dict[str, Callable[[Any], Iterable[str]]] = {
    "hamiltonian": _doubts_of_hamiltonian,
    "data": lambda given: read(given).doubts(),
}
"""Argument -> its warnings."""

Arguments = Annotated[JsonObject, AfterValidator(_check_inputs)]


class Classical(Spec):
    """Call a registered function.

    Attributes:
        function: name of the function.
        arguments: its arguments; `hamiltonian`, `maxcut` and `data` are as in the quantum jobs.
        map: one call per entry, each merged over `arguments`; None is a single call.
    """

    kind: Literal["pure_classical"] = "pure_classical"
    function: Identifier
    arguments: Arguments = Field(default_factory=dict)
    map: Annotated[tuple[Arguments, ...], Field(min_length=1, max_length=MAX_CALLS)] | None = None

    @classmethod
    def inline(cls, data: dict[str, Any], files: "Files") -> dict[str, Any]:
        """See `Spec.inline`."""
        if "arguments" in data:
            data = {**data, "arguments": files.arguments(data["arguments"], "arguments")}
        entries = data.get("map")
        if isinstance(entries, list):
            read = [files.arguments(entry, f"map[{position}]") for position, entry in enumerate(entries)]
            data = {**data, "map": read}
        return data

    def warnings(self) -> list[str]:
        """Return warnings about `hamiltonian` and `data`; see `Spec.warnings`."""
        calls = [{**self.arguments, **entry} for entry in self.map or ({},)]
        inputs = {(key, id(call[key])): call[key] for call in calls for key in _DOUBTS if key in call}
        return [doubt for (key, _), given in inputs.items() for doubt in _DOUBTS[key](given)]

    @property
    def n_calls(self) -> int:
        """Number of calls, each of which is a task."""
        return 1 if self.map is None else len(self.map)

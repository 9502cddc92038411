"""Arguments of functions that have the same form as in quantum jobs."""

from __future__ import annotations

from novacron.json_types import JsonObject
from novacron.specs.ansatz import AnyHamiltonian
from novacron.specs.classical import stored_inputs
from novacron.specs.problem import MaxCut
from novacron.specs.table import InlineData, NamedData


def hamiltonian(value: JsonObject) -> AnyHamiltonian:
    """Parse the argument `hamiltonian`.

    Raises:
        BadInput: it is invalid.
    """
    found = stored_inputs(hamiltonian=value).hamiltonian
    assert found is not None
    return found


def maxcut(value: JsonObject) -> MaxCut:
    """Parse the argument `maxcut`.

    Raises:
        BadInput: it is invalid.
    """
    found = stored_inputs(maxcut=value).maxcut
    assert found is not None
    return found


def data(value: JsonObject) -> InlineData | NamedData:
    """Parse the argument `data`.

    Raises:
        BadInput: it is invalid.
    """
    found = stored_inputs(data=value).data
    assert found is not None
    return found

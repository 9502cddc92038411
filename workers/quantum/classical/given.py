"""Arguments of functions that mean what they mean in the quantum jobs they come from."""

from __future__ import annotations

from novacron.json_types import JsonObject
from novacron.specs.ansatz import AnyHamiltonian
from novacron.specs.classical import Inputs
from novacron.specs.problem import MaxCut
from novacron.specs.table import InlineData, NamedData


def hamiltonian(value: JsonObject) -> AnyHamiltonian:
    """The argument `hamiltonian`.

    Raises:
        BadInput: it is none.
    """
    found = Inputs(hamiltonian=value).hamiltonian
    assert found is not None
    return found


def maxcut(value: JsonObject) -> MaxCut:
    """The argument `maxcut`.

    Raises:
        BadInput: it is none.
    """
    found = Inputs(maxcut=value).maxcut
    assert found is not None
    return found


def data(value: JsonObject) -> InlineData | NamedData:
    """The argument `data`.

    Raises:
        BadInput: it is none.
    """
    found = Inputs(data=value).data
    assert found is not None
    return found

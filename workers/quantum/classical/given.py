"""Arguments of functions that mean what they mean in the quantum jobs they come from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from novacron.specs.ansatz import AnyHamiltonian
from novacron.specs.classical import Inputs
from novacron.specs.problem import MaxCut
from novacron.specs.table import InlineData, NamedData


def hamiltonian(arguments: Mapping[str, Any]) -> AnyHamiltonian:
    """The argument `hamiltonian`.

    Raises:
        BadInput: it is none.
    """
    found = Inputs(hamiltonian=arguments["hamiltonian"]).hamiltonian
    assert found is not None
    return found


def maxcut(arguments: Mapping[str, Any]) -> MaxCut:
    """The argument `maxcut`.

    Raises:
        BadInput: it is none.
    """
    found = Inputs(maxcut=arguments["maxcut"]).maxcut
    assert found is not None
    return found


def data(arguments: Mapping[str, Any]) -> InlineData | NamedData:
    """The argument `data`.

    Raises:
        BadInput: it is none.
    """
    found = Inputs(data=arguments["data"]).data
    assert found is not None
    return found

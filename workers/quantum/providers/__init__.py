"""Providers of devices by name; each module is imported on first use."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, cast

from workers.runtime.outcome import UserError

if TYPE_CHECKING:
    from workers.quantum.providers.base import Provider

PROVIDERS: dict[str, str] = {
    "ibm": "workers.quantum.providers.ibm:Ibm",
    "ionq": "workers.quantum.providers.ionq:IonQ",
}
"""Name, as of the backend's row -> implementation, as `module:class`."""


@cache
def load(name: str) -> Provider:
    """Return a provider, one per process: it keeps its connections and access token.

    Raises:
        UserError: the packages that it needs are not installed, or its account is not configured.
    """
    module, _, attribute = PROVIDERS[name].partition(":")
    try:
        implementation = getattr(import_module(module), attribute)
    except ModuleNotFoundError as error:
        message = f"backend: this worker cannot reach {name}: {error.name} is not installed"
        hint = f"install novacron[{name}] where the workers of its queue run, and restart them"
        raise UserError(message, hint=hint) from error
    return cast("Provider", implementation())


def missing(name: str) -> str:
    """Return why this process cannot reach a provider, empty if it can."""
    try:
        load(name)
    except UserError as error:
        return str(error)
    return ""

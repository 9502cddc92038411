"""Caches expensive objects built from specs between the tasks of a process."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

from novacron.specs import Spec

S = TypeVar("S", bound=Spec)
V = TypeVar("V")
SPECS = 8
"""Number of specs whose keys are cached: the jobs that a worker holds."""


class Kept(Generic[S, V]):
    """Cache of the latest values, by the fields they depend on.

    A job's spec is one object per process, so that its key is computed once, however many tasks use it.

    Args:
        make: builds the value of a spec.
        key: the fields it depends on: specs that agree in it share a value.
        size: number of cached values.
    """

    def __init__(self, make: Callable[[S], V], key: Callable[[S], str], size: int) -> None:
        self._make, self._key, self._size = make, key, size
        self._keys: OrderedDict[int, tuple[S, str]] = OrderedDict()
        self._values: OrderedDict[str, V] = OrderedDict()

    def __call__(self, spec: S) -> V:
        """Return the cached value of a spec, else build it.

        Raises:
            Exception: as `make`; nothing is cached then.
        """
        key = self._key_of(spec)
        if key not in self._values:
            self._values[key] = self._make(spec)
        self._values.move_to_end(key)
        while len(self._values) > self._size:
            self._values.popitem(last=False)
        return self._values[key]

    def clear(self) -> None:
        """Clear the cache."""
        self._keys.clear()
        self._values.clear()

    def _key_of(self, spec: S) -> str:
        # The spec is stored beside its key; otherwise another one might get its identity.
        if id(spec) not in self._keys:
            self._keys[id(spec)] = spec, self._key(spec)
            if len(self._keys) > SPECS:
                self._keys.popitem(last=False)
        return self._keys[id(spec)][1]

"""Covariances of coefficients by kind, each worked out when it is first asked for: cross-validation asks for none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Covariances(Mapping[str, Array]):
    """A mapping from kind to covariance.

    Args:
        kinds: how each one is worked out.
    """

    def __init__(self, kinds: Mapping[str, Callable[[], Array]]) -> None:
        self._kinds = dict(kinds)
        self._known: dict[str, Array] = {}

    def __getitem__(self, kind: str) -> Array:
        if kind not in self._known:
            self._known[kind] = self._kinds[kind]()
        return self._known[kind]

    def __iter__(self) -> Iterator[str]:
        return iter(self._kinds)

    def __len__(self) -> int:
        return len(self._kinds)

    def each(self, change: Callable[[Array], Array]) -> Covariances:
        """The same kinds, each changed when it is asked for."""
        return Covariances({kind: lambda kind=kind: change(self[kind]) for kind in self._kinds})  # type: ignore[misc]

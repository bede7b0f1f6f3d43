"""What Great Expectations says of one expectation."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Verdict:
    """The outcome of one expectation.

    Attributes:
        met: whether the expectation was met.
        raised: whether it could not be judged at all.
    """

    met: bool
    raised: bool

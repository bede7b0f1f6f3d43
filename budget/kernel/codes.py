"""Codes that several rooms share."""

from __future__ import annotations

UNATTRIBUTED = "UNATTR"
"""Stands in the place of a segment for spend that is held out of segments: money that is nobody's in particular."""

ALL_NEEDS = "all"
"""Stands in the place of a need stream for needs of every kind together, and for methods that know no streams."""

"""Names of people who approve: which of them are one person's, and which nobody can tell apart by eye."""

from __future__ import annotations

import unicodedata

_TITLES = frozenset({"mr", "mrs", "ms", "miss", "mx", "dr", "doctor", "prof", "professor", "sir", "dame", "rev"})

_ALIKE = frozenset({"LATIN", "GREEK", "CYRILLIC", "ARMENIAN", "CHEROKEE"})
"""Scripts with letters that look like one another's."""


def same_person(one: str, other: str) -> bool:
    """Whether two names are one person's.

    Capitals, spaces, points, accents, titles and the order of names make nobody another.
    """
    return _parts(one) == _parts(other) or _letters(one) == _letters(other)


def mixes_scripts(name: str) -> bool:
    """Whether letters of several scripts that look alike stand in a name: two names may look equal and not be."""
    scripts = {unicodedata.name(sign, "?").split()[0] for sign in _plain(name) if sign.isalpha()}
    return len(scripts & _ALIKE) > 1


def _parts(name: str) -> list[str]:
    words = "".join(sign if sign.isalnum() else " " for sign in _plain(name).replace("'", "")).split()
    return sorted(word for word in words if word not in _TITLES)


def _letters(name: str) -> str:
    return "".join(sign for sign in _plain(name) if sign.isalnum())


def _plain(name: str) -> str:
    """Without capitals and without marks on letters."""
    parted = unicodedata.normalize("NFKD", name.casefold())
    return "".join(sign for sign in parted if not unicodedata.combining(sign))

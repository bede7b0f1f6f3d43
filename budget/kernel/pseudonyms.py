"""Keyed pseudonyms: identifiers of people are hashed with a secret key on entry and never stored clear.

``nhs_number`` identifiers are checked (modulus 11) and hashed with the site's own key;
``synthetic_nhs_number`` ones belong to nobody and are hashed with a public key, so that every machine gets
the same tables; ``pseudonym`` ones were hashed by the supplier and are kept as they are.
"""

from __future__ import annotations

import hashlib
import logging
import os
import secrets
from pathlib import Path
from typing import Literal

from budget.kernel.errors import ConfigurationError

logger = logging.getLogger(__name__)

PersonId = Literal["nhs_number", "synthetic_nhs_number", "pseudonym"]

KEY_VARIABLE = "CAPITATION_PSEUDONYM_KEY"
_PUBLIC_KEY = "synthetic people need no secret"
_SHORTEST_KEY = 16


def key_of(kind: PersonId) -> str:
    """The key that identifiers of a kind are hashed with; empty where they are kept.

    The site's key comes from the environment (``CAPITATION_PSEUDONYM_KEY``), else from a key file that is
    made once, readable by its owner alone.

    Raises:
        ConfigurationError: the key is too short, or its file can be read by others.
    """
    if kind == "pseudonym":
        return ""
    if kind == "synthetic_nhs_number":
        return _PUBLIC_KEY
    key = os.environ.get(KEY_VARIABLE) or _key_from(_key_file())
    if len(key) < _SHORTEST_KEY:
        raise ConfigurationError(f"{KEY_VARIABLE}: the pseudonym key is shorter than {_SHORTEST_KEY} characters.")
    return key


def key_fingerprint(kind: PersonId) -> str:
    """A hash that tells two keys apart without giving either away."""
    return hashlib.sha256(b"fingerprint:" + key_of(kind).encode()).hexdigest()[:16]


def _key_file() -> Path:
    home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return home / "capitation" / "pseudonym.key"


def _key_from(path: Path) -> str:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32))
        logger.warning("a new pseudonym key was made at %s; keep it, or people cannot be followed between runs", path)
    if path.stat().st_mode & 0o077:
        raise ConfigurationError(f"{path}: others can read the pseudonym key; give it mode 600.")
    return path.read_text().strip()

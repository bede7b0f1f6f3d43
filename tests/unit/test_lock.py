"""What is installed is what was locked: every package with its version and the hashes of its files."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-spark.lock")
_PACKAGE = re.compile(r"^(?P<name>[a-z0-9._-]+)==(?P<version>[^ ;]+)(?P<marker> ;.*)? \\$")
_HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_has_one_version_and_hashes_and_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "://" not in text
    for entry in re.split(r"\n(?=\S)", text.strip()):
        head, *hashes = entry.splitlines()
        assert _PACKAGE.match(head), head
        assert hashes and all(_HASH.match(line) for line in hashes), head


def test_what_is_installed_is_what_was_locked() -> None:
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    locked = {
        found["name"]: found["version"] for line in lines if (found := _PACKAGE.match(line)) and not found["marker"]
    }
    assert len(locked) > 50
    try:
        installed = {name: version(name) for name in locked}
    except PackageNotFoundError as missing:
        pytest.skip(f"{missing.name} is not installed: this is not the locked environment")
    assert installed == locked

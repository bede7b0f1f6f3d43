"""The key that identifiers are hashed with: secret for real people, public for made-up ones."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from budget.kernel.errors import ConfigurationError
from budget.kernel.pseudonyms import KEY_VARIABLE, key_fingerprint, key_of

pytestmark = pytest.mark.unit

SECRET = "a secret of the site, long enough"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    return tmp_path / "capitation" / "pseudonym.key"


def test_made_up_people_have_a_public_key(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    public = key_of("synthetic_nhs_number")
    monkeypatch.setenv(KEY_VARIABLE, SECRET)
    assert key_of("synthetic_nhs_number") == public != ""
    assert not home.exists()


def test_pseudonyms_of_a_supplier_are_kept(home: Path) -> None:
    assert key_of("pseudonym") == ""
    assert not home.exists()


def test_the_environment_comes_first(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, SECRET)
    assert key_of("nhs_number") == SECRET
    assert not home.exists()


def test_a_key_is_made_once_for_its_owner_alone(home: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        key = key_of("nhs_number")
    assert len(key) == 64
    assert home.stat().st_mode & 0o777 == 0o600
    assert "a new pseudonym key was made" in caplog.text
    assert key not in caplog.text
    caplog.clear()
    assert key_of("nhs_number") == key
    assert not caplog.records


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_key_that_others_can_read_is_refused(home: Path, mode: int) -> None:
    home.parent.mkdir()
    home.write_text(SECRET)
    home.chmod(mode)
    with pytest.raises(ConfigurationError, match="give it mode 600") as stop:
        key_of("nhs_number")
    assert SECRET not in str(stop.value)


def test_a_short_key_is_refused_and_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, "fifteen letters")
    with pytest.raises(ConfigurationError, match="shorter than 16") as stop:
        key_of("nhs_number")
    assert "fifteen letters" not in str(stop.value)


def test_a_fingerprint_tells_keys_apart_and_gives_none_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, SECRET)
    first = key_fingerprint("nhs_number")
    assert first == key_fingerprint("nhs_number")
    monkeypatch.setenv(KEY_VARIABLE, SECRET + "!")
    prints = {first, *(key_fingerprint(kind) for kind in ("nhs_number", "synthetic_nhs_number", "pseudonym"))}
    assert len(prints) == 4
    assert not any(SECRET in found for found in prints)

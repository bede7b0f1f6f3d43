"""A locality of the small stages that names waivers."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from budget.kernel.yaml import write_yaml
from tests.flows import fakes

TODAY = date.today()
WAIVER: dict[str, Any] = {
    "id": "W-1",
    "check": "T01",
    "locality": "testshire",
    "value": 3,
    "threshold": "0",
    "person": "A. Lee",
    "role": "Finance lead",
    "reason": "the invoices of March are late",
    "given_on": TODAY - timedelta(days=1),
    "expires_on": TODAY + timedelta(days=1),
}
"""It holds on the day of the test, and covers what the check of the small stages finds."""


def waive(config: Path, *waivers: dict[str, Any], purpose: str = "example") -> Path:
    """Let a locality name some waivers, and a purpose."""
    write_yaml(config / "waivers.yaml", {"waivers": list(waivers)})
    text = fakes.RUN_YAML.replace("purpose: example", f"purpose: {purpose}\nwaivers: waivers.yaml")
    (config / "run.yaml").write_text(text)
    return config

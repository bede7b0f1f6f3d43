"""The generated pages, and the pages that hold generated parts."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from budget.assumptions.schema import schema_text
from budget.payment.contracts import CONTRACT_FORMS
from budget.payment.forms import FORMS

from .agreements import agreement_keys, distribution, form_parameters, forms
from .dictionary import data_dictionary
from .parameters import parameter_reference, parameters
from .pipeline import checks, stages, steps
from .population import commissioner_rules
from .segmentation import segments

DOCS = Path(__file__).resolve().parents[1]
SCHEMA = DOCS.parent / "config" / "assumptions" / "schema.json"

PARTS: dict[str, Callable[[], str]] = {
    "parameters": parameters,
    "steps": steps,
    "stages": stages,
    "commissioner-rules": commissioner_rules,
    "segments": segments,
    "checks": checks,
    "payment-forms": lambda: forms(FORMS),
    "payment-parameters": lambda: form_parameters(FORMS),
    "contract-forms": lambda: forms(CONTRACT_FORMS),
    "contract-parameters": lambda: form_parameters(CONTRACT_FORMS),
    "agreement-keys": agreement_keys,
    "distribution": distribution,
}
"""What may stand between a ``generated`` mark of its name and the ``end``."""

_PART = re.compile(r"(<!-- generated: ([a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def pages() -> dict[Path, str]:
    """What every generated page should hold."""
    with_generated_parts = (DOCS / "method.md", DOCS / "guides" / "contracts.md")
    return {
        DOCS / "data-dictionary.md": data_dictionary(),
        DOCS / "parameters.md": parameter_reference(),
        SCHEMA: schema_text(),
        **{page: with_parts(page.read_text(encoding="utf-8")) for page in with_generated_parts},
    }


def with_parts(page: str) -> str:
    """A page with its generated parts as they are now.

    Raises:
        KeyError: the page asks for a part that nobody writes.
    """
    return _PART.sub(lambda match: f"{match[1]}{PARTS[match[2]]()}\n{match[3]}", page)

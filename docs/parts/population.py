"""Who counts and who pays: the rules, in the order in which they are asked."""

from __future__ import annotations

from pathlib import Path

from budget.kernel.yaml import read_yaml

from .markdown import grid

_RULES = Path(__file__).resolve().parents[2] / "config" / "population" / "responsible_commissioner.yaml"
_OUTCOMES = {"ended": "excluded; its days of the year count", "unregistered": "counted, on no list"}
_PAYERS = {
    "named": "the commissioner it names pays",
    "at_admission": "the ICB of the list at admission pays",
    "usual": "the rules above decide",
    "both": "half each",
}


def commissioner_rules() -> str:
    """The rules of who counts and who pays, in the order in which they are asked."""
    written = read_yaml(_RULES)
    rows = [(rule["id"], rule["about"], _outcome(rule)) for rule in written["decides"]]
    rows += [(written[name]["id"], written[name]["about"], "excluded") for name in ("merged", "duplicates")]
    rows += [(rule["id"], rule["about"], "counted as judged, marked") for rule in written["marks"]]
    rows += [(rule["id"], _dated(rule), _PAYERS[rule["pays"]]) for rule in written["cases"]]
    hosted = written["hosted"]
    rows.append((hosted["id"], hosted["about"], f"the lines of `{hosted['assumption']}` are shared per head"))
    return grid(("rule", "record or case", "outcome"), rows)


def _outcome(rule: dict[str, str]) -> str:
    outcome = _OUTCOMES.get(rule["outcome"], rule["outcome"])
    return f"{outcome} ({rule['commissioner']} pays)" if "commissioner" in rule else outcome


def _dated(rule: dict[str, object]) -> str:
    """What a rule says, and since when where it says so."""
    return f"{rule['about']} (from {rule['from']})" if "from" in rule else str(rule["about"])

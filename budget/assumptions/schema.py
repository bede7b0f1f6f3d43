"""A JSON Schema of packs and scenarios, for editors: made from the catalogue and the models that read the files."""

from __future__ import annotations

import json
from typing import Any

from budget.assumptions.catalogue import Parameter, catalogue
from budget.assumptions.layer import Head
from budget.assumptions.pack import Written

Schema = dict[str, Any]

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_TYPED = ("value", "low", "high", "replaces")
"""The keys of a value whose type follows from the assumption's unit."""
_DIGITS = {"type": "string", "pattern": r"^-?\d+(\.\d+)?$"}
"""A number in quotes, which keeps every decimal."""


def pack_schema() -> Schema:
    """The schema of a pack or scenario.

    Returns:
        A JSON Schema (2020-12): every identifier of the catalogue with its meaning, unit, range and options, and no
        other; every value with a source, an owner, a status and a reason.
    """
    written = Written.model_json_schema(ref_template="#/$defs/{model}")
    head = Head.model_json_schema()["properties"]
    known = {name: _values(parameter) for name, parameter in catalogue().items()}
    return {
        "$schema": _DRAFT,
        "title": "Assumption pack or scenario",
        "type": "object",
        "additionalProperties": False,
        "required": ["values"],
        "oneOf": [{"required": ["pack"]}, {"required": ["scenario", "author", "reason"]}],
        "properties": {
            **{name: _plain(field) for name, field in head.items() if name != "values"},
            "values": {"type": "object", "additionalProperties": False, "properties": known},
        },
        "$defs": {
            "provenance": {
                "type": "object",
                "required": [name for name in written["required"] if name != "value"],
                "properties": {
                    name: _plain(field) for name, field in written["properties"].items() if name not in _TYPED
                },
            },
            **written["$defs"],
        },
    }


def schema_text() -> str:
    """The schema as the file that editors read."""
    return json.dumps(pack_schema(), indent=2, ensure_ascii=False) + "\n"


def _values(parameter: Parameter) -> Schema:
    """What may stand under one identifier: a list of values of its unit, each with its provenance."""
    typed = _type(parameter)
    properties: Schema = {name: typed for name in _TYPED}
    properties |= {name: False for name in ("line", "place") if name not in parameter.scopes}
    return {
        "description": f"{parameter.about}. Unit: {parameter.unit}.",
        "type": "array",
        "items": {
            "allOf": [{"$ref": "#/$defs/provenance"}],
            "required": ["value"],
            "properties": properties,
            "unevaluatedProperties": False,
        },
    }


def _type(parameter: Parameter) -> Schema:
    match parameter.unit:
        case "choice":
            return {"enum": list(parameter.options)}
        case "lines":
            return {"type": ["array", "string"], "items": {"type": "string"}}
        case "numbers":
            return {"anyOf": [{"type": "array", "items": _number(parameter)}, _number(parameter)]}
        case _:
            return _number(parameter)


def _number(parameter: Parameter) -> Schema:
    """A number within the assumption's range; a text of digits may lie beyond it until the pack is read."""
    bounds = {"minimum": parameter.minimum, "maximum": parameter.maximum}
    return {"anyOf": [{"type": "number"} | {k: float(v) for k, v in bounds.items() if v is not None}, _DIGITS]}


def _plain(field: Schema) -> Schema:
    """A field without what the model adds for its own use."""
    return {key: value for key, value in field.items() if key not in ("title", "default")}

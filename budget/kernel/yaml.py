"""YAML 1.2, read safely: no tags, no duplicate keys, decimals kept exact, errors with file and line."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.constructor import ConstructorError, SafeConstructor
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import ScalarNode

from budget.kernel.errors import ConfigurationError


class _ExactConstructor(SafeConstructor):
    """The safe constructor, with decimals in place of binary floats."""


def _decimal(_: SafeConstructor, node: ScalarNode) -> Decimal:
    try:
        return Decimal(str(node.value).replace("_", ""))
    except InvalidOperation:
        raise ConstructorError(None, None, f"'{node.value}' is not a decimal number", node.start_mark) from None


_ExactConstructor.add_constructor("tag:yaml.org,2002:float", _decimal)


def read_yaml(path: Path) -> Any:
    """Read one YAML document.

    Raises:
        ConfigurationError: the file is missing or is not YAML; the message has file and line.
    """
    reader = YAML(typ="safe", pure=True)
    reader.Constructor = _ExactConstructor
    try:
        return reader.load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigurationError(f"{path}: there is no such file.") from None
    except (YAMLError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: not valid YAML.\n{error}") from error


def write_yaml(path: Path, value: Any) -> None:
    """Write plain values as YAML, keys in the order given."""
    writer = YAML(typ="safe", pure=True)
    writer.default_flow_style = False
    writer.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    writer.width = 120
    with path.open("w", encoding="utf-8") as file:
        writer.dump(value, file)

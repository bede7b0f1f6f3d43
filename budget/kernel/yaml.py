"""YAML 1.2, read safely: no tags, no duplicate keys, decimals kept exact, errors with file and line."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.constructor import ConstructorError, SafeConstructor
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.representer import SafeRepresenter

from budget.kernel.errors import ConfigurationError
from budget.kernel.yaml_quick import UNREADABLE, read_quickly


class _ExactConstructor(SafeConstructor):
    """The safe constructor, with decimals in place of binary floats."""


def _decimal(_: SafeConstructor, node: ScalarNode) -> Decimal:
    try:
        return Decimal(str(node.value).replace("_", ""))
    except InvalidOperation:
        raise ConstructorError(None, None, f"'{node.value}' is not a decimal number", node.start_mark) from None


_ExactConstructor.add_constructor("tag:yaml.org,2002:float", _decimal)


class _ExactRepresenter(SafeRepresenter):
    """The safe representer, with decimals written digit by digit."""


def _digits(writer: SafeRepresenter, number: Decimal) -> ScalarNode:
    text = format(number, "f")
    return writer.represent_scalar(f"tag:yaml.org,2002:{'float' if '.' in text else 'int'}", text)


_ExactRepresenter.add_representer(Decimal, _digits)


def read_yaml(path: Path) -> Any:
    """Read one YAML document.

    Raises:
        ConfigurationError: the file is missing or is not YAML; the message has file and line.
    """
    try:
        text = path.read_text(encoding="utf-8")
        quick = read_quickly(text)
        return read_strictly(text) if quick is UNREADABLE else quick
    except FileNotFoundError:
        raise ConfigurationError(f"{path}: there is no such file.") from None
    except (YAMLError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: not valid YAML.\n{error}") from error


def read_strictly(text: str) -> Any:
    """Read a document by the reader that says what is wrong with it, and where.

    Raises:
        YAMLError: it is not YAML.
    """
    reader = YAML(typ="safe", pure=True)
    reader.Constructor = _ExactConstructor
    return reader.load(text)


def read_layers(path: Path) -> dict[str, Any]:
    """Read one YAML mapping, laid key by key over the file that it names in ``extends``, if it names one.

    Raises:
        ConfigurationError: a file is missing, is no mapping, or extends itself.
    """
    return _read_over(path, ())


def _read_over(path: Path, above: tuple[Path, ...]) -> dict[str, Any]:
    if path.resolve() in above:
        raise ConfigurationError(f"{path}: the file extends itself.")
    written = read_yaml(path)
    if not isinstance(written, dict):
        raise ConfigurationError(f"{path}: expected names and their values.")
    below = written.pop("extends", None)
    return written if below is None else _laid_over(_read_over(path.parent / below, (*above, path.resolve())), written)


def _laid_over(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """Mappings are laid over mappings; any other value replaces what is under it."""
    both = {key for key in above if isinstance(above[key], dict) and isinstance(below.get(key), dict)}
    return below | {key: _laid_over(below[key], value) if key in both else value for key, value in above.items()}


def write_yaml(path: Path, value: Any) -> None:
    """Write plain values as YAML, keys in the order given."""
    writer = YAML(typ="safe", pure=True)
    writer.Representer = _ExactRepresenter
    writer.default_flow_style = False
    writer.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    writer.width = 120
    with path.open("w", encoding="utf-8") as file:
        writer.dump(value, file)


def change_yaml(path: Path, change: Callable[[Any], None]) -> None:
    """Change a YAML file in place; comments, quotes and the order of keys stay.

    Args:
        path: the file.
        change: changes the document that it is given.
    """
    editor = YAML(typ="rt")
    editor.preserve_quotes = True
    editor.width = 10**6  # type: ignore[assignment]
    editor.indent(mapping=2, sequence=4, offset=2)
    document = editor.load(path.read_text(encoding="utf-8"))
    change(document)
    with path.open("w", encoding="utf-8") as file:
        editor.dump(document, file)

"""What SQLGlot leaves as it is on the way from DuckDB to Spark: small changes of the tree, each with its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budget.kernel.errors import CapitationError

if TYPE_CHECKING:
    from sqlglot.expressions import Expr


def rewritten(tree: Expr) -> Expr:
    """A copy of the tree that means in Spark what the tree means in DuckDB.

    Raises:
        CapitationError: it cannot be written so that it does.
    """
    for rewrite in (_wide_integers, _sums_in_order, _positions_from_zero, _hashes, _windows_with_frames):
        tree = tree.transform(rewrite)
    return tree


def unfit(reason: str) -> CapitationError:
    """The refusal of a SELECT that is not for Spark."""
    return CapitationError(f"This SELECT runs on DuckDB alone: {reason}.")


def _wide_integers(node: Expr) -> Expr:
    """Spark's widest integer has 64 bits; whole decimals of 38 digits hold as much as HUGEINT, and fail beyond it."""
    from sqlglot import exp

    if isinstance(node, exp.DataType) and node.is_type(exp.DType.INT128):
        return exp.DataType.build("decimal(38, 0)")
    return node


def _sums_in_order(node: Expr) -> Expr:
    """Spark's sum takes no ORDER BY, and floats added in another order have other last digits.

    The addends of a group are collected, sorted and added one by one; nulls are left out, and a group without
    addends has no sum, as with ``sum``. Only floats are ever summed in order: integers have no need of it.
    """
    from sqlglot import exp, parse_one

    if not (isinstance(node, exp.Sum) and isinstance(node.this, exp.Order)):
        return node
    addend = node.this.this.sql(dialect="spark")
    keys = ", ".join(_sort_key(key) for key in node.this.expressions)
    addends = f"collect_list(struct({keys}, {addend} as addend)) filter (where {addend} is not null)"
    # the first addend is added to a true zero
    plus = "(total, part) -> coalesce(total, 0.0d) + part.addend"
    return parse_one(f"aggregate(array_sort({addends}), cast(null as double), {plus})", dialect="spark")


def _sort_key(key: Expr) -> str:
    if key.args.get("desc") or key.args.get("nulls_first"):
        raise unfit("a sum in descending order, or with nulls first, has no counterpart in Spark")
    text = key.this.sql(dialect="spark")
    # a null key comes last in DuckDB and first in a sorted array, unless its being null is compared before it
    return f"{text} is null, {text}"


def _positions_from_zero(node: Expr) -> Expr:
    """The first character is at 1 in both; what begins at 0 begins before it in DuckDB, and with it in Spark."""
    from sqlglot import exp

    if not isinstance(node, exp.Substring) or node.args["start"].is_int and node.args["start"].to_py() != 0:
        return node
    text, start, length = node.this, node.args["start"], node.args.get("length")
    if length is None:
        return node
    return exp.func("if", start.eq(0), exp.func("left", text, length - 1), node.copy())


def _hashes(node: Expr) -> Expr:
    """The engines hash differently: a hash tells the rows of a step apart there, and is no value of a table."""
    from sqlglot import exp

    if isinstance(node, exp.Anonymous) and node.name.lower() == "hash":
        return exp.func("xxhash64", *node.expressions)
    return node


def _windows_with_frames(node: Expr) -> Expr:
    """Spark takes a named window as it is, or none: one that is named and given a frame is written out."""
    from sqlglot import exp

    if not isinstance(node, exp.Select):
        return node
    named = {window.name: window for window in node.args.get("windows") or ()}
    for window in list(node.find_all(exp.Window)):
        if window.args.get("spec") and window.alias in named and window.find_ancestor(exp.Select) is node:
            whole = named[window.alias]
            window.set("alias", None)
            window.set("partition_by", [part.copy() for part in whole.args.get("partition_by") or ()])
            window.set("order", whole.args["order"].copy() if whole.args.get("order") else None)
    return node

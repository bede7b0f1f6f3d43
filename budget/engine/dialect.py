"""From DuckDB's dialect to Spark's: SQLGlot, what it leaves as it is, and a list of what both engines agree on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from budget.engine.rewrites import rewritten, unfit

if TYPE_CHECKING:
    from sqlglot.expressions import Expr, Func

_AGREED = frozenset(
    {
        "and", "or", "case", "if", "cast", "coalesce", "nullif", "exists",
        "count", "sum", "min", "max", "max_by",
        "row_number", "first_value", "lead", "lag",
        "greatest", "least", "floor",
        "year", "month", "day", "date_diff", "date_from_parts",
        "concat_ws", "contains", "replace", "printf", "substring", "str_position", "hash",
        "generate_series", "unnest",
    }
)  # fmt: skip
"""Functions, by SQLGlot's names, that gave the same cells on both engines in the replay of the person-level steps."""


def to_spark(sql: str) -> str:
    """One SELECT of DuckDB's dialect in Spark's, for a session with ANSI on and UTC as its time zone.

    Two things that no text can show are left to whoever writes the SELECT: a division by zero is an error in Spark
    where DuckDB has an infinity, and a cast of a double to an integer truncates there and rounds here.

    Args:
        sql: the SELECT, every value in place.

    Raises:
        CapitationError: it uses what the two engines are not known to agree on.
    """
    return spark_text(parsed(sql))


def parsed(sql: str) -> Expr:
    """The syntax tree of one SELECT in DuckDB's dialect."""
    from sqlglot import parse_one

    return parse_one(sql, dialect="duckdb")


def unions_apart(tree: Expr, unite: Callable[[Expr, Expr], str]) -> Expr:
    """A step in which every union by name, which Spark's SQL does not know, is a table of its own; changes the tree.

    Args:
        tree: the step.
        unite: unites the rows of two SELECTs by name, and gives the name under which they can be read.
    """
    from sqlglot import exp

    # in Spark's dialect later, so what stands around a union, such as its order, is left for it to refuse
    more = ("distinct", "order", "limit", "offset", "with_")
    for union in reversed(list(tree.find_all(exp.Union))):
        if union.args.get("by_name") and not any(union.args.get(part) for part in more):
            rows = parsed(f"select * from {unite(union.left, union.right)}")
            tree = rows if union is tree else tree
            union.replace(rows)
    return tree


def spark_text(tree: Expr) -> str:
    """The text of a syntax tree in Spark's dialect; raises as ``to_spark`` does."""
    from sqlglot import ErrorLevel
    from sqlglot.errors import UnsupportedError

    for node in tree.walk():
        _refuse(node)
    portable = rewritten(tree)
    try:
        return portable.sql(dialect="spark", unsupported_level=ErrorLevel.RAISE)
    except UnsupportedError as error:
        raise unfit(str(error)) from None


def _refuse(node: Expr) -> None:
    from sqlglot import exp

    match node:
        case exp.Func() if _names(node).isdisjoint(_AGREED):
            raise unfit(f"{max(_names(node), key=len)}() is not known to mean the same on Spark")
        case exp.DateDiff() if node.text("unit").lower() != "day":
            raise unfit("date_diff counts boundaries in DuckDB and whole months or years in Spark; only days agree")
        case exp.Union() if node.args.get("by_name"):
            raise unfit("Spark's SQL unites by position; name the columns in order")
        case exp.In() if node.args.get("query") and isinstance(node.parent, exp.Not) and node.find_ancestor(exp.Or):
            raise unfit("not in (select ...) beside or compares each row with each on Spark; join, and look for null")
        case exp.Qualify() | exp.TableSample() | exp.Pivot() | exp.Lateral():
            raise unfit(f"{node.key} differs on Spark")


def _names(function: Func) -> set[str]:
    from sqlglot import exp

    if isinstance(function, exp.Anonymous):
        return {function.name.lower()}
    return {function.key, *(name.lower() for name in function.sql_names())}

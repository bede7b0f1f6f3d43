"""Column lineage, read off the syntax trees of the SELECTs that a stage was made by.

Statements are read in the order in which the engine was given them. Each column of each is traced to columns of the
relations that its statement names, and these through earlier statements to the tables that the stage reads. What a
statement joins, filters, groups or orders by bears on every row of it, and so on every column: it is kept apart.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from sqlglot.expressions import Expr
    from sqlglot.optimizer.scope import Scope

logger = logging.getLogger(__name__)

Origin: TypeAlias = tuple[str, str]
"""A table and one of its columns."""


@dataclass(frozen=True)
class Traced:
    """Where the columns of a relation come from.

    Attributes:
        columns: by column, the columns whose values are in it.
        rows: the columns that decide which rows there are, and in which group.
    """

    columns: Mapping[str, frozenset[Origin]]
    rows: frozenset[Origin]


def trace(said: Iterable[tuple[str, str]], known: Mapping[str, Iterable[str]]) -> dict[str, Traced]:
    """Trace every relation that a stage made.

    Args:
        said: name and text of each SELECT in DuckDB's dialect, in order.
        known: columns of the tables that the stage reads, by table.

    Returns:
        By relation, where its columns come from; a statement that SQLGlot cannot read is left out, and so is what is
        made of it.
    """
    found = {name: Traced({c: frozenset({(name, c)}) for c in columns}, frozenset()) for name, columns in known.items()}
    for name, sql in said:
        if name in known:
            continue
        try:
            found[name] = _traced(sql, found)
        except Exception as error:  # the many ways in which a parser gives up; the tables themselves still have edges
            logger.debug("the columns of %s are not traced (%s)", name, error)
            found.pop(name, None)
    return {name: traced for name, traced in found.items() if name not in known}


def _traced(sql: str, found: Mapping[str, Traced]) -> Traced:
    from sqlglot import exp, parse_one
    from sqlglot.optimizer.qualify import qualify
    from sqlglot.optimizer.scope import build_scope
    from sqlglot.schema import MappingSchema

    parsed = parse_one(sql, dialect="duckdb")
    named = {table.name for table in parsed.find_all(exp.Table)} & found.keys()
    schema: dict[str, object] = {name: dict.fromkeys(found[name].columns, "varchar") for name in named}
    tree = qualify(
        parsed,
        schema=MappingSchema(schema, dialect="duckdb", normalize=False),
        dialect="duckdb",
        validate_qualify_columns=False,
        quote_identifiers=False,
        identify=False,
    )
    scope = build_scope(tree)
    if scope is None:
        raise ValueError("not a SELECT")
    return _Tracing(found).relation(scope)


@dataclass(frozen=True)
class _Tracing:
    """One statement and what its relations are made of.

    Attributes:
        found: the relations that it may name.
        parts: its own SELECTs traced so far, by identity of their scope.
    """

    found: Mapping[str, Traced]
    parts: dict[int, Traced] = field(default_factory=dict)

    def relation(self, scope: Scope) -> Traced:
        """The columns and rows of a SELECT, or of several united."""
        if id(scope) not in self.parts:
            self.parts[id(scope)] = self._relation(scope)
        return self.parts[id(scope)]

    def _relation(self, scope: Scope) -> Traced:
        if scope.set_operation_scopes:
            parts = [self.relation(part) for part in scope.set_operation_scopes]
            names = list(parts[0].columns)
            columns = {
                name: frozenset().union(*(_in_place(part, number, name) for part in parts))
                for number, name in enumerate(names)
            }
            return Traced(columns, frozenset().union(*(part.rows for part in parts)))
        parts_of: list[Expr] = scope.expression.selects  # type: ignore[attr-defined]
        columns = {part.alias_or_name: self._of(part, scope) for part in parts_of}
        return Traced(columns, self._rows(scope))

    def _of(self, tree: Expr, scope: Scope) -> frozenset[Origin]:
        from sqlglot import exp

        return frozenset().union(*(self._column(column, scope) for column in tree.find_all(exp.Column)))

    def _column(self, column: Expr, scope: Scope) -> frozenset[Origin]:
        """Where one column that a statement names comes from."""
        from sqlglot import exp

        for near in _around(scope):
            source = near.sources.get(column.text("table"))
            if isinstance(source, exp.Table):
                traced = self.found.get(source.name)
                own = frozenset({(source.name, column.name)})
                return own if traced is None else traced.columns.get(column.name, frozenset())
            if source is not None:
                return self.relation(source).columns.get(column.name, frozenset())
        return frozenset()

    def _rows(self, scope: Scope) -> frozenset[Origin]:
        """What decides the rows of a SELECT, and of those that it reads."""
        deciding = frozenset().union(*(self._of(part, scope) for part in _deciding(scope.expression)))
        return deciding.union(*(self._rows_of(source) for source in scope.sources.values()))

    def _rows_of(self, source: Scope | Expr) -> frozenset[Origin]:
        from sqlglot import exp

        if isinstance(source, exp.Table):
            traced = self.found.get(source.name)
            return traced.rows if traced else frozenset()
        return self.relation(source).rows  # type: ignore[arg-type]


def _around(scope: Scope) -> Iterator[Scope]:
    """Where a name may be explained: the SELECT itself, those around it, and those that stand within it."""
    outer: Scope | None = scope
    while outer is not None:
        yield outer
        outer = outer.parent
    inner = list(scope.subquery_scopes)
    while inner:
        yield inner[0]
        inner += inner.pop(0).subquery_scopes


def _deciding(select: Expr) -> Iterator[Expr]:
    """The parts of a SELECT that say which rows there are and how they are grouped."""
    for name in ("where", "group", "having", "qualify"):
        if select.args.get(name):
            yield select.args[name]
    for join in select.args.get("joins") or ():
        yield from filter(None, (join.args.get("on"), *(join.args.get("using") or ())))


def _in_place(part: Traced, number: int, name: str) -> frozenset[Origin]:
    """A column of a part of a union: by its name, or by its place where the part calls it otherwise."""
    if name in part.columns:
        return part.columns[name]
    places = list(part.columns.values())
    return places[number] if number < len(places) else frozenset()

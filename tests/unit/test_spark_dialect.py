"""From DuckDB's dialect to Spark's, as text: what is rewritten, what is refused; every step is fit for both."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlglot.expressions import Expr

import budget
from budget.engine.dialect import parsed, spark_text, to_spark, unions_apart
from budget.engine.statement import Statement
from budget.kernel.errors import CapitationError

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parents[2]
STEPS = sorted(path for path in Path(budget.__file__).parent.rglob("sql/*.sql") if path.parts[-3] != "synth")
"""Drawing people who are made up is no step of a run."""
PINNED = re.compile(r"^[A-Za-z0-9_.\-]+(?:\[[a-z,]+\])?==\S+(?: ; [^\\\n]+)?", re.MULTILINE)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: f"{step.parts[-3]}/{step.stem}")
def test_every_step_says_only_what_both_engines_agree_on(step: Path) -> None:
    rows = re.sub(r"values \{\w+\}", "values (1)", Statement.read(step).text)
    filled = re.sub(r"\{\w+\}", "(select 1)", rows)
    assert spark_text(unions_apart(parsed(filled), fit_for_both))


def fit_for_both(above: Expr, below: Expr) -> str:
    assert spark_text(above)
    assert spark_text(below)
    return "united"


@pytest.mark.parametrize(
    ("duck", "spark"),
    [
        ("select * exclude (a) from t", "SELECT * EXCEPT (a) FROM t"),
        ("select a // 5 from t", "SELECT a DIV 5 FROM t"),
        ("select a from t order by a", "SELECT a FROM t ORDER BY a NULLS LAST"),
        ("select a from t order by all", "SELECT a FROM t ORDER BY ALL NULLS LAST"),
        ("select cast(a as hugeint) from t", "SELECT CAST(a AS DECIMAL(38, 0)) FROM t"),
        ("select date_diff('day', a, b) from t", "SELECT DATEDIFF(DAY, a, b) FROM t"),
        ("select substr(a, 2, 1) from t", "SELECT SUBSTRING(a, 2, 1) FROM t"),
        ("select hash(a) from t", "SELECT XXHASH64(a) FROM t"),
        (
            "select max(a) over (w rows between 1 preceding and current row), min(a) over w from t"
            " window w as (partition by b order by c desc)",
            "SELECT MAX(a) OVER (PARTITION BY b ORDER BY c DESC ROWS BETWEEN 1 PRECEDING AND CURRENT ROW),"
            " MIN(a) OVER w FROM t WINDOW w AS (PARTITION BY b ORDER BY c DESC)",
        ),
        ("select count(*) filter (where a) from t", "SELECT COUNT(*) FILTER(WHERE a) FROM t"),
    ],
)
def test_a_select_in_the_other_dialect(duck: str, spark: str) -> None:
    assert to_spark(duck).lower() == spark.lower()


def test_floats_are_added_in_the_order_that_was_asked_for() -> None:
    text = to_spark("select sum(x / 3 order by k) as total from t group by all")
    assert "ARRAY_SORT(COLLECT_LIST(STRUCT(k IS NULL" in text
    assert text.startswith("SELECT AGGREGATE(")
    assert "SUM(" not in text


@pytest.mark.parametrize(
    ("select", "reason"),
    [
        ("select date_diff('month', a, b) from t", "only days agree"),
        ("select date_diff('year', a, b) from t", "only days agree"),
        ("select round(x) from t", r"round\(\) is not known"),
        ("select avg(x) from t", r"avg\(\) is not known"),
        ("select dayofweek(x) from t", "day_?of_?week"),
        ("select quantile_cont(x, 0.5) from t", "percentile_cont"),
        ("select getvariable('pseudonym_key')", r"getvariable\(\)"),
        ("select * from read_csv(['a.csv'])", "read_csv"),
        ("select a from t qualify row_number() over (order by a) = 1", "qualify"),
        ("select a from t using sample 10", "tablesample"),
        ("select a from t where b or a not in (select a from u)", "compares each row with each"),
        ("select sum(x order by k desc) from t", "descending order"),
        ("select a from (select a from t union all by name select a from u) as v", "unites by position"),
    ],
)
def test_what_the_engines_understand_differently_is_refused(select: str, reason: str) -> None:
    with pytest.raises(CapitationError, match=f"runs on DuckDB alone: .*{reason}"):
        to_spark(select)


def test_rows_that_are_united_by_name_become_tables() -> None:
    united: list[tuple[str, str]] = []

    def unite(above: Expr, below: Expr) -> str:
        united.append((above.sql(), below.sql()))
        return f"t{len(united)}"

    several = "select a, b from t union all by name select b, a from u union all by name select a, b from v"
    rest = unions_apart(parsed(f"select a from ({several}) as w where a > 1"), unite)
    assert united == [("SELECT a, b FROM t", "SELECT b, a FROM u"), ("SELECT * FROM t1", "SELECT a, b FROM v")]
    assert rest.sql() == "SELECT a FROM (SELECT * FROM t2) AS w WHERE a > 1"
    assert unions_apart(parsed(several), unite).sql() == "SELECT * FROM t4"


@pytest.mark.parametrize("more", ["{} order by a", "{} limit 1", "with t as (select 1 as a, 2 as b) {}"])
def test_a_union_by_name_with_more_to_it_is_refused(more: str) -> None:
    tree = parsed(more.format("select a, b from t union all by name select b, a from u"))
    with pytest.raises(CapitationError, match="unites by position"):
        spark_text(unions_apart(tree, fit_for_both))


def test_the_lock_with_spark_holds_the_other_one() -> None:
    plain, spark = pins("requirements.lock"), pins("requirements-spark.lock")
    assert len(plain) > 100
    assert plain < spark
    assert any(pin.startswith("pyspark==") for pin in spark)


def pins(lock: str) -> set[str]:
    return set(PINNED.findall((ROOT / lock).read_text(encoding="utf-8")))

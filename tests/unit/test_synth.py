"""Synthetic people: the published counts are met exactly, and the rest is near what is published."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from budget.contracts import input_tables
from budget.kernel.errors import ConfigurationError
from budget.kernel.hashing import hash_file
from budget.synth import SynthSummary, write_locality
from budget.synth.recipe import Recipe

pytestmark = pytest.mark.integration

RECIPE = Path(__file__).parents[2] / "config" / "synth" / "east_london.yaml"
PEOPLE = 20_000
# The rules of the population in plain SQL, written a second time on purpose.
CURRENT = """
    with named as (
        select list.*, coalesce(merged.replaced_by, list.person_id) as person,
            (11 - list_sum([cast(substr(list.person_id, i, 1) as int) * (11 - i) for i in range(1, 10)]) % 11) % 11
                = cast(substr(list.person_id, 10, 1) as int) as valid
        from registered_list as list
        left join person_merges as merged on merged.person_id = list.person_id
    ), regular as (
        select * from named
        where valid and registration_type = 'regular'
            and (died_on is null or died_on > date '2025-04-01')
            and registered_on <= date '2025-04-01'
            and (deregistered_on is null or deregistered_on >= date '2025-04-01' or deregistered_on < registered_on)
            and (flags is null or flags = 'fp69')
    )
    select *, least(cast(floor(date_diff('month', date_trunc('month', date_of_birth), date '2025-04-01') / 12) as int)
            - case when month(date_of_birth) = 4 and day(date_of_birth) > 1 then 1 else 0 end, 95) as age
    from regular
    qualify row_number() over (partition by person order by registered_on desc, practice_code) = 1
"""


@pytest.fixture(scope="module")
def summary(tmp_path_factory: pytest.TempPathFactory) -> SynthSummary:
    return write_locality(RECIPE, tmp_path_factory.mktemp("east_london"), people=PEOPLE)


@pytest.fixture(scope="module")
def tables(summary: SynthSummary) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    for name in summary.rows:
        found = next(
            path for path in (summary.out / f"{name}{end}" for end in ("", ".csv", ".parquet")) if path.exists()
        )
        connection.execute(f"create view {name} as select * from '{found}{'/*.parquet' if found.is_dir() else ''}'")
    connection.execute(f"create table current_list as {CURRENT}")
    return connection


def _frame(tables: duckdb.DuckDBPyConnection, query: str) -> pd.DataFrame:
    return tables.sql(query).df()


def _one(tables: duckdb.DuckDBPyConnection, query: str) -> tuple:
    return tables.execute(query).fetchall()[0]


def test_current_registrations_equal_the_published_list_by_practice_sex_and_age(tables):
    differences = _frame(
        tables,
        """
        with drawn as (select practice_code, sex, age, count(*) as people from current_list group by all)
        select published.patients, drawn.people from published_list as published
        full join drawn using (practice_code, sex, age)
        where published.patients is distinct from drawn.people and not (published.patients = 0 and drawn.people is null)
        """,
    )
    assert differences.empty
    assert _one(tables, "select count(*), count(distinct person) from current_list") == (PEOPLE, PEOPLE)


def test_a_sample_keeps_the_age_and_place_of_the_whole_list(tables):
    source = Recipe.read(RECIPE)
    whole = source.tables.list.read(source.source)
    sample = _frame(tables, "select * from published_list")
    assert sample["patients"].sum() == PEOPLE
    for key in (["sex"], ["practice_code"], ["sex", "age"]):
        wanted = whole.groupby(key)["patients"].sum() * PEOPLE / whole["patients"].sum()
        found = sample.groupby(key)["patients"].sum().reindex(wanted.index)
        # A year of age is spread over 263 practices, a practice is one run of cells.
        spread = 1.0 if key == ["practice_code"] else 6 * np.sqrt(wanted.max())
        assert (found - wanted).abs().max() <= spread


def test_every_rule_of_the_population_has_something_to_take_out(tables):
    counts = _one(
        tables,
        """
        select count(*) filter (where died_on <= date '2025-04-01'),
            count(*) filter (where deregistered_on < date '2025-04-01'),
            count(*) filter (where registered_on > date '2025-04-01'),
            count(*) filter (where registration_type <> 'regular'),
            count(*) filter (where flags = 'overseas'), count(*) filter (where flags = 'fp69'),
            count(*) filter (where lsoa_code is null), count(*) filter (where died_on > date '2025-04-01'),
            count(*) filter (where deregistered_on > date '2025-04-01'),
            count(*) filter (where date_of_birth >= date '2024-04-02')
        from registered_list
        """,
    )
    assert min(counts) > 0
    twice = _one(
        tables,
        """select count(*) from registered_list as old join current_list as now on now.person = old.person_id
           where old.practice_code <> now.practice_code and old.deregistered_on is null
               and old.registered_on < now.registered_on""",
    )[0]
    assert twice == pytest.approx(0.02 * PEOPLE, rel=0.1)


def test_no_row_is_impossible(tables):
    impossible = _one(
        tables,
        """
        select count(*) from registered_list
        where date_of_birth is null or registered_on < date_of_birth or died_on < registered_on
            or date_of_birth < date '1920-01-01' or date_of_birth > date '2025-04-01'
        """,
    )[0]
    assert impossible == 0


def test_nhs_numbers_begin_with_nine_and_few_have_a_wrong_check_digit(tables):
    numbers = _frame(tables, "select distinct person_id from registered_list")["person_id"]
    digits = numbers.map(lambda number: [int(digit) for digit in number])
    wrong = digits.map(
        lambda ten: (11 - sum(d * w for d, w in zip(ten, range(10, 1, -1), strict=False)) % 11) % 11 != ten[9]
    )
    assert numbers.str.fullmatch(r"9\d{9}").all()
    assert 0 < wrong.sum() < 0.002 * len(numbers)


def test_prevalence_is_near_the_published_one(tables):
    recipe = Recipe.read(RECIPE)
    indicators = recipe.tables.indicators.read(recipe.source)
    people = _frame(tables, "select person, practice_code, age from current_list")
    conditions = _frame(tables, "select person_id as person, condition from conditions")
    for name, condition in recipe.conditions.items():
        if condition.practice is None:
            continue
        eligible = people[people["age"] >= condition.from_age].merge(indicators, on="practice_code")
        wanted = eligible[condition.practice].sum() / 100
        found = conditions[conditions["condition"] == name].merge(eligible, on="person").shape[0]
        assert abs(found - wanted) <= max(0.03 * wanted, 9), name


def test_conditions_come_together(tables):
    counts = _frame(
        tables,
        "select count(condition) as n from current_list left join conditions on person = conditions.person_id "
        "group by person",
    )["n"]
    by_chance = counts.mean()
    assert counts.var() > 1.5 * by_chance
    assert 0.003 < (counts >= 4).mean() < 0.05


def test_a_persons_condition_is_there_once(tables):
    assert (
        _one(
            tables, "select count(*) from (select 1 from conditions group by person_id, condition having count(*) > 1)"
        )[0]
        == 0
    )


def test_costs_meet_their_share_of_normalised_spend_by_line(tables):
    calibrated = {name: line.calibrated for name, line in Recipe.read(RECIPE).service_lines.items()}
    found = _frame(
        tables,
        """with normalised as (select service_line, sum(amount_pence) as spend from spend group by 1)
           select service_line, sum(cost_pence) / any_value(spend) as share
           from activity join normalised using (service_line) group by 1""",
    ).set_index("service_line")["share"]
    assert found.to_dict() == pytest.approx(calibrated, rel=1e-4)


def test_attribution_factors_on_the_counted_people_are_plausible(tables):
    factors = _frame(
        tables,
        """with normalised as (select service_line, sum(amount_pence) as spend from spend group by 1)
           select service_line, any_value(spend) / sum(cost_pence) as factor
           from activity join current_list on person = activity.person_id
           join normalised using (service_line) group by 1""",
    )["factor"]
    assert factors.between(1.0, 1.10).all()


def test_activity_is_of_the_base_year_and_within_lives(tables):
    outside = _one(
        tables,
        """select count(*) from activity left join (select person_id, min(date_of_birth) as born, min(died_on) as died
               from registered_list group by 1) as person using (person_id)
           where activity_date not between date '2024-04-01' and date '2025-03-31'
               or activity_date < born or activity_date > died or cost_pence <= 0 or units <= 0
               or emergency <> (service_line = 'acute_nonelective')""",
    )[0]
    assert outside == 0
    unlisted = _one(
        tables, "select count(*) from activity where person_id not in (select person_id from registered_list)"
    )[0]
    assert 0 < unlisted < 0.005 * _one(tables, "select count(*) from activity")[0]


def test_the_dearest_people_cost_a_plausible_share(tables):
    cost = _frame(tables, "select sum(cost_pence) as pence from activity group by person_id")["pence"].sort_values(
        ascending=False
    )
    assert 0.15 < cost.head(PEOPLE // 100).sum() / cost.sum() < 0.45


def test_flows_add_to_one_and_activity_follows_known_providers(tables):
    shares = _frame(tables, "select place, service_line, sum(share) as share from patient_flows group by all")
    assert len(shares) == 7 * 4
    assert shares["share"].to_numpy() == pytest.approx(np.ones(28), abs=1e-12)
    assert (
        _one(tables, "select count(*) from activity where provider_code not in (select provider_code from providers)")[
            0
        ]
        == 0
    )
    assert (
        _one(
            tables,
            "select count(*) from patient_flows where provider_code not in (select provider_code from providers)",
        )[0]
        == 0
    )


def test_weights_spend_and_residents_are_scaled_alike(tables):
    share = PEOPLE / 2_476_030
    spend = pd.read_csv(Recipe.read(RECIPE).source / "spend.csv")["amount_pence"].sum()
    assert _one(tables, "select sum(amount_pence) from spend")[0] == pytest.approx(spend * share, abs=100)
    core = _one(
        tables, "select sum(population) from published_weights where stream = 'core' and financial_year = '2026/27'"
    )[0]
    assert core == pytest.approx(2_475_223 * share, rel=1e-6)
    residents = _one(tables, "select sum(persons) from population_projection where year = 2023")[0]
    assert residents == pytest.approx(2_047_751 * share, rel=1e-9)
    assert _one(tables, "select sum(people) from unregistered_residents")[0] == pytest.approx(
        0.01 * residents, rel=1e-9
    )


def test_every_practice_has_a_place_and_system(tables):
    practices = _frame(tables, "select * from practices")
    assert len(practices) == 270
    assert practices["place"].nunique() == 7
    assert practices["system"].nunique() == 3
    assert practices.set_index("practice_code").loc["Y06592", "place"] == "Newham"


def test_files_have_exactly_the_columns_and_types_of_the_contract(summary):
    for name in summary.rows:
        contract = input_tables()[name]
        names = [column.name for column in contract.supplied]
        files = sorted((summary.out / name).glob("*.parquet")) or list(summary.out.glob(f"{name}.parquet"))
        for file in files:
            schema = pq.read_schema(file)
            made_up = [c for c in contract.supplied if not c.optional or c.name in schema.names]
            assert [(field.name, field.type) for field in schema] == [(c.name, c.arrow) for c in made_up]
        if not files:
            assert pd.read_csv(summary.out / f"{name}.csv", nrows=0).columns.tolist() == names


def test_the_same_seed_gives_the_same_bytes_and_another_seed_other_people(summary, tmp_path):
    again = write_locality(RECIPE, tmp_path / "again", people=PEOPLE)
    files = sorted(path.relative_to(summary.out) for path in summary.out.rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(again.out) for path in again.out.rglob("*") if path.is_file())
    assert [file for file in files if hash_file(summary.out / file) != hash_file(again.out / file)] == []
    other = write_locality(RECIPE, tmp_path / "other", people=PEOPLE, seed=7)
    part = Path("registered_list") / "newham.parquet"
    assert hash_file(other.out / part) != hash_file(summary.out / part)
    assert hash_file(other.out / "published_list.parquet") == hash_file(summary.out / "published_list.parquet")


def test_a_folder_is_replaced_not_added_to(tmp_path):
    write_locality(RECIPE, tmp_path, people=5_000)
    (tmp_path / "registered_list" / "stray.parquet").touch()
    (tmp_path / "mine.txt").touch()
    second = write_locality(RECIPE, tmp_path, people=6_000)
    assert (tmp_path / "mine.txt").exists()
    assert not (tmp_path / "registered_list" / "stray.parquet").exists()
    assert second.people == 6_000


def test_the_note_says_that_nobody_exists_and_that_it_is_a_sample(summary):
    note = (summary.out / "ABOUT.md").read_text(encoding="utf-8")
    assert "Nobody in these files exists" in note
    assert "This is a sample" in note
    assert f"{PEOPLE:,}" in note


@pytest.mark.parametrize("people", [0, 2_476_031])
def test_an_impossible_number_of_people_is_refused(people, tmp_path):
    with pytest.raises(ConfigurationError, match="between 1 and 2,476,030"):
        write_locality(RECIPE, tmp_path, people=people)


def test_too_small_a_sample_names_the_line_that_nobody_uses(tmp_path):
    with pytest.raises(ConfigurationError, match="draw more people"):
        write_locality(RECIPE, tmp_path / "out", people=50)
    assert not (tmp_path / "out").exists()

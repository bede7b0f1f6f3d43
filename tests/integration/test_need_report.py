"""What the report says of the need model, every measure against people, a row each, who were not fitted on."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from budget.need.modelled import Modelled
from budget.need.ratios import predicted_tenth
from budget.need.risk.credibility import credibility
from budget.need.risk.fitness import LEAST_YEARS, MEANINGS
from tests.oracle import need as oracle
from tests.support.need import CAP, DAYS, Tables, modelled, people, settings, wanted

pytestmark = pytest.mark.integration

GROUPS = ("segment", "age_band", "imd_tenth", "condition_band", "place")
ALL = "all"


@pytest.fixture(scope="module")
def tables() -> Tables:
    return people(20_000)


@pytest.fixture(scope="module")
def model(tables: Tables) -> Modelled:
    return modelled(tables, wanted(settings(groups=list(GROUPS))))


@pytest.fixture(scope="module")
def found(model: Modelled) -> pd.Series:
    return model.tables["risk_diagnostics"].set_index(["measure", "group"])["value"]


@pytest.fixture(scope="module")
def rows(tables: Tables) -> pd.DataFrame:
    """Everyone, with a year's kept cost as others' cost makes it expected, in pence, scaled to the total."""
    known = oracle.everyone(tables["population"], tables["person_cost"], CAP, DAYS)
    raw = oracle.out_of_fold(known)
    floored = raw.clip(lower=0)
    scalar = known.loc[known["years"] > 0, "kept"].sum() / (known["years"] * floored).sum()
    return known.assign(raw=raw, a_year=floored * scalar, expected=floored * scalar * known["years"])


@pytest.fixture(scope="module")
def there(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["years"] > 0]


def test_the_report_says_everything_in_order(model: Modelled) -> None:
    table = model.tables["risk_diagnostics"]
    order = list(dict.fromkeys(table["measure"]))
    assert order == [
        "calibration", "scalar", "calibrated", "floored_years", "people_per_cell", "predictive_ratio", "over_per_head",
        "person_years", "place_actual", "place_budget", "place_low", "place_high", "experience", "credibility",
        "experience_shrunk",
        "r_squared", "r_squared_uncapped", "cumming", "mean_absolute_error", "pooled_share", "payment_fit",
        "r_squared_practice", "practices_off", "coefficient",
    ]  # fmt: skip
    assert set(order) == set(MEANINGS)
    assert table["position"].tolist() == list(range(len(table)))
    assert table["meaning"].notna().all() and set(table["model"]) == {"wls"}
    assert not table.duplicated(["measure", "group"]).any()
    groups = list(dict.fromkeys(table.query("measure == 'predictive_ratio'")["group"].str.split(":").str[0]))
    assert groups == ["segment", "age_band", "imd_tenth", "condition_band", "predicted_tenth", "place"]


def test_calibration_before_and_after_the_scalar(found: pd.Series, there: pd.DataFrame) -> None:
    before = (there["years"] * there["raw"]).sum() / there["kept"].sum()
    assert found["calibration", ALL] == pytest.approx(before, rel=1e-9)
    assert found["calibration", ALL] == pytest.approx(1, abs=0.01)
    scalar = there["kept"].sum() / (there["years"] * there["raw"].clip(lower=0)).sum()
    assert found["scalar", ALL] == pytest.approx(scalar, rel=1e-9)
    assert found["calibrated", ALL] == pytest.approx(1, abs=1e-12)
    # a thousandth of a penny below nought is rounding of one who is expected to cost nothing
    below = there["years"][there["raw"] < -0.001].sum()
    assert found["floored_years", ALL] == pytest.approx(below, rel=1e-9)


def test_people_share_a_cell_who_are_alike(found: pd.Series, rows: pd.DataFrame) -> None:
    alike = rows.groupby(["sex:age_band", "imd_tenth", "condition_band", "segment"]).ngroups
    assert found["people_per_cell", ALL] == pytest.approx(len(rows) / alike)


@pytest.mark.parametrize("group", GROUPS)
def test_groups_are_paid_too_little_or_too_much(group: str, found: pd.Series, there: pd.DataFrame) -> None:
    sums = there.groupby(group)[["years", "kept", "expected"]].sum()
    shown = sums[sums["years"] >= LEAST_YEARS]
    told = found["person_years"].filter(like=f"{group}: ")
    assert told.to_dict() == pytest.approx(shown["years"].add_prefix(f"{group}: ", axis=0).to_dict(), rel=1e-9)
    assert len(shown) > 1
    for level, row in shown.iterrows():
        name = f"{group}: {level}"
        assert found["predictive_ratio", name] == pytest.approx(row["expected"] / row["kept"], rel=1e-8)
        over = (row["expected"] - row["kept"]) / row["years"]
        assert found["over_per_head", name] == pytest.approx(over, rel=1e-7, abs=1e-4)


def test_tenths_of_predicted_cost_hold_those_who_are_expected_alike(found: pd.Series, there: pd.DataFrame) -> None:
    # people who are alike in everything but rounding are alike
    tenth = predicted_tenth(there["years"], there["a_year"].round(3))
    sums = there.groupby(tenth.to_numpy())[["years", "kept", "expected"]].sum()
    assert list(sums.index) == [f"{number:02d}" for number in range(1, 11)]
    for level, row in sums.iterrows():
        name = f"predicted_tenth: {level}"
        assert found["person_years", name] == pytest.approx(row["years"], rel=1e-9)
        assert found["predictive_ratio", name] == pytest.approx(row["expected"] / row["kept"], rel=1e-7)


def test_places_have_a_budget_and_what_chance_may_move_it_by(found: pd.Series, there: pd.DataFrame) -> None:
    from statistics import NormalDist

    import statsmodels.api as sm

    design, years = oracle.indicators(there).to_numpy(), there["years"].to_numpy()
    fitted = sm.WLS(there["kept"].to_numpy() / years, design, weights=years).fit()
    errors = fitted.get_robustcov_results("HC1").cov_params()
    mean = design @ fitted.params
    alike = there.groupby(list(oracle.TERMS))["years"].ngroup().to_numpy()
    missed = np.bincount(alike, years * (there["kept"].to_numpy() / years - mean) ** 2)
    chance = (missed / np.bincount(alike))[alike]
    budget, actual, process = {}, {}, {}
    for place in ("A", "B", "C", "D"):
        here = (there["place"] == place).to_numpy()
        budget[place], actual[place] = (years * mean)[here].sum(), there["kept"][here].sum()
        gradient = (design * years[:, None])[here].sum(axis=0)
        process[place] = (years * chance)[here].sum()
        width = NormalDist().inv_cdf(0.975) * np.sqrt(gradient @ errors @ gradient + process[place])
        name = f"place: {place}"
        assert found["place_actual", name] == actual[place]
        assert found["place_budget", name] == pytest.approx(budget[place], rel=1e-9)
        assert found["place_low", name] == pytest.approx(budget[place] - width, rel=1e-8)
        assert found["place_high", name] == pytest.approx(budget[place] + width, rel=1e-8)
    trust = credibility(*map(pd.Series, (actual, budget, process))).table
    for place, row in trust.iterrows():
        shown = [found[measure, f"place: {place}"] for measure in ("experience", "credibility", "experience_shrunk")]
        assert shown == pytest.approx([row["ratio"], row["credibility"], row["shrunk"]], rel=1e-8)


def test_how_well_people_fit(found: pd.Series, rows: pd.DataFrame) -> None:
    """Everyone, with whom nothing is expected of who was there for no day."""
    kept, whole, expected = rows["kept"], rows["whole"], rows["expected"]
    missed = kept - expected
    uncapped = whole - expected * whole.sum() / expected.sum()
    by_hand = {
        "r_squared": 1 - (missed**2).sum() / ((kept - kept.mean()) ** 2).sum(),
        "r_squared_uncapped": 1 - (uncapped**2).sum() / ((whole - whole.mean()) ** 2).sum(),
        "cumming": 1 - missed.abs().sum() / (kept - kept.mean()).abs().sum(),
        "mean_absolute_error": missed.abs().mean(),
        "pooled_share": 1 - kept.sum() / whole.sum(),
        "payment_fit": 1 - (missed**2).sum() / ((whole - whole.mean()) ** 2).sum(),
    }
    for measure, value in by_hand.items():
        assert found[measure, ALL] == pytest.approx(value, rel=1e-7), measure
    assert 0.02 < found["r_squared", ALL] < found["payment_fit", ALL] < 1
    assert found["r_squared_uncapped", ALL] < found["r_squared", ALL]
    assert 0 < found["pooled_share", ALL] < 0.2


def test_how_well_practices_fit(found: pd.Series, rows: pd.DataFrame) -> None:
    on_a_list = rows[rows["practice_code"] != "none"]
    sums = (
        on_a_list.groupby("practice_code")[["kept", "expected"]]
        .sum()
        .assign(people=on_a_list["practice_code"].value_counts())
    )
    actual, expected = sums["kept"] / sums["people"], sums["expected"] / sums["people"]
    mean = sums["kept"].sum() / sums["people"].sum()
    explained = 1 - (sums["people"] * (actual - expected) ** 2).sum() / (sums["people"] * (actual - mean) ** 2).sum()
    assert found["r_squared_practice", ALL] == pytest.approx(explained, rel=1e-7)
    assert found["practices_off", ALL] == pytest.approx(((expected / actual - 1).abs() > 0.1).mean())
    assert 0 < found["practices_off", ALL] < 1


def test_the_coefficients_are_those_of_the_table(model: Modelled, found: pd.Series) -> None:
    table = model.tables["risk_model"]
    told = (table["term"] + "=" + table["level"]).tolist()
    assert found["coefficient"].to_dict() == dict(zip(told, table["estimate"], strict=True))


def test_challengers_are_judged_out_of_fold_too(model: Modelled, found: pd.Series, there: pd.DataFrame) -> None:
    table = model.tables["risk_challengers"].set_index("estimator")
    assert list(table.index) == ["wls", "poisson_log", "poisson_sqrt", "cell_mean"]
    assert table.loc["wls", "calibration"] == pytest.approx(found["calibration", ALL], rel=1e-12)
    years, a_year = there["years"], there["kept"] / there["years"]
    mean = there["kept"].sum() / years.sum()
    missed = (years * (a_year - there["a_year"]) ** 2).sum()
    assert table.loc["wls", "r_squared"] == pytest.approx(1 - missed / (years * (a_year - mean) ** 2).sum(), rel=1e-7)
    worst = 0.0
    for group in GROUPS:
        sums = there.groupby(group)[["years", "kept", "expected"]].sum().query("years >= 1000")
        worst = max(worst, (sums["expected"] / sums["kept"] - 1).abs().max())
    assert table.loc["wls", "worst_ratio"] == pytest.approx(worst, rel=1e-7)
    assert not table.loc["wls", "replaces"] and table.loc["wls", "places_moved"] == 0


def test_caps_are_compared_on_cost_as_it_was(model: Modelled, rows: pd.DataFrame) -> None:
    table = model.tables["risk_caps"].set_index("cap_pence")
    assert list(table.index) == [500_000, 1_000_000, CAP]
    assert table.query("used").index.tolist() == [CAP]
    for cap in table.index:
        kept = rows["whole"].clip(upper=cap)
        assert table.loc[cap, "pooled_share"] == pytest.approx(1 - kept.sum() / rows["whole"].sum(), rel=1e-9)
        # whoever was there counts as one, so that what the cap pools and what is left add up to all cost
        everyone = rows.assign(years=1.0, kept=kept)
        raw = oracle.out_of_fold(everyone).clip(lower=0)
        missed = kept - raw * kept.sum() / raw.sum()
        explained = 1 - (missed**2).sum() / ((kept - kept.mean()) ** 2).sum()
        assert table.loc[cap, "r_squared"] == pytest.approx(explained, rel=1e-7)
        paid = 1 - (missed**2).sum() / ((rows["whole"] - rows["whole"].mean()) ** 2).sum()
        assert table.loc[cap, "payment_fit"] == pytest.approx(paid, rel=1e-7)
    assert table["pooled_share"].is_monotonic_decreasing


def test_the_price_of_not_annualising_would_show(there: pd.DataFrame, found: pd.Series) -> None:
    """A guard: who was there for a part of the year would be expected to cost what a whole year does."""
    part = there[there["years"] < 0.6]
    as_a_year = part["a_year"].sum() / part["kept"].sum()
    assert as_a_year > 1.5
    assert part["expected"].sum() / part["kept"].sum() < 1.3

"""The weighted capitation formula of 2018/19, against every practice of the published workbook."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from budget.kernel.errors import ConfigurationError, RunStopped
from budget.need.formula import weighted_capitation_2018_19

pytestmark = pytest.mark.unit

WORKBOOK = Path(__file__).parents[2] / "data" / "england" / "gp_practice_weighted_population_2018_19.csv.gz"
TARGETS = ["Target_exc_remote_gbp_k", "Target_inc_remote_gbp_k"]

# name: pop, G&A, CS, MH, Mat, MFF, EACA, Presc, SMR | HCHS, W, target without and with remoteness, overall, need
SAMPLES = {
    "A83005": (
        (11832.0, 14223.289062, 14635.094727, 13431.027344, 10383.470703),
        (0.9446390271186829, 0.9979542493820190, 13719.485352, 14287.391264),
        (13971.007288, 13341.981850, 16745.507963, 16745.507963, 13335.857051, 1.127101),
    ),
    "A82004": (
        (2258.5, 2684.910400, 2783.238281, 2167.618408, 1437.356934),
        (0.9455471634864807, 1.0027307271957397, 2650.357910, 1462.382136),
        (2561.723984, 2362.267270, 2964.879268, 3028.901984, 2412.169518, 1.068041),
    ),
    "Y02625": (
        (1073.0, 5995.122070, 12800.252930, 8687.823242, 6.062676),
        (0.9691439270973206, 0.9982454776763916, 3475.107910, 2112.586476),
        (6585.601324, 5657.637321, 7100.894895, 7100.894895, 5655.040114, 5.270308),
    ),
}
"""Three practices of the method, section 8: a usual one, a remote one, and one of care homes only."""
INPUTS = ["GP_pop", "WP_G&A", "WP_CS", "WP_MH", "WP_Mat", "MFF_index", "EACA_index", "WP_Presc", "WP_SMR"]
OUTPUTS = ["WP_HCHS", "WP_before_remoteness", *TARGETS, "WP_Overall", "Need_index"]
REMOTE = {"A83005": 1.0, "A82004": 1.0215937, "Y02625": 1.0}


@pytest.fixture(scope="module")
def workbook() -> pd.DataFrame:
    return pd.read_csv(WORKBOOK)


def sample(code: str) -> pd.DataFrame:
    population, indices, _ = SAMPLES[code]
    return pd.DataFrame([(*population, *indices)], columns=INPUTS).assign(Remoteness_index=REMOTE[code])


@pytest.mark.parametrize("code", SAMPLES)
def test_three_practices_of_the_method(code: str) -> None:
    found = weighted_capitation_2018_19(sample(code)).iloc[0]
    # inputs are given to six decimals: a thousandth of a thousand pounds
    assert found[OUTPUTS].tolist() == pytest.approx(SAMPLES[code][2], abs=1e-3)
    assert found["Need_index"] == pytest.approx(SAMPLES[code][2][-1], abs=1e-6)


def test_the_first_practice_step_by_step() -> None:
    practice = sample("A83005").iloc[0]
    found = weighted_capitation_2018_19(sample("A83005")).iloc[0]
    by_inequality = 0.9 * found["WP_HCHS"] + 0.1 * practice["WP_SMR"]
    assert by_inequality == pytest.approx(14_002.645685, abs=1e-5)
    indices = practice["MFF_index"] * practice["EACA_index"]
    assert indices == pytest.approx(0.942706531, abs=1e-9)
    assert by_inequality * indices * 1.0062182972723481 == pytest.approx(13_282.469464, abs=1e-5)


def test_every_practice_of_the_workbook(workbook: pd.DataFrame) -> None:
    assert len(workbook) == 7_325
    # the uplift is the workbook's; the target without it is the formula's own
    found = weighted_capitation_2018_19(workbook)
    assert np.abs(found[TARGETS] - workbook[TARGETS]).to_numpy().max() < 1e-6
    assert list(found["Practice"]) == list(workbook["Practice"])


def test_england_adds_up(workbook: pd.DataFrame) -> None:
    found = weighted_capitation_2018_19(workbook)
    assert found[TARGETS[0]].sum() == pytest.approx(74_151_128.61821443, abs=1e-5)
    assert found[TARGETS[1]].sum() == pytest.approx(74_185_184.23212153, abs=1e-5)
    assert found["WP_Overall"].sum() == pytest.approx(workbook["GP_pop"].sum(), abs=1e-5)
    assert (found["Remoteness_index"] > 1).sum() == 268
    assert (found[TARGETS[1]] - found[TARGETS[0]]).sum() == pytest.approx(34_055.61, abs=5e-3)


def test_need_is_spread_as_published(workbook: pd.DataFrame) -> None:
    need = weighted_capitation_2018_19(workbook)["Need_index"]
    spread = need.quantile([0, 0.01, 0.05, 0.5, 0.95, 0.99, 1]).round(3).tolist()
    assert spread == [0.324, 0.640, 0.778, 1.010, 1.261, 1.425, 5.496]


def test_systems_add_up_as_published(workbook: pd.DataFrame) -> None:
    columns = ["GP_pop", "WP_G&A", "WP_CS", "WP_MH", "WP_Mat", "WP_Presc", "WP_SMR"]
    computed = weighted_capitation_2018_19(workbook)[["WP_HCHS", *TARGETS, "WP_Overall"]]
    sums = pd.concat([workbook[["STP21", *columns]], computed], axis=1).groupby("STP21").sum().round()
    order = [*columns[:5], "WP_HCHS", *columns[5:], *TARGETS, "WP_Overall"]
    assert sums.loc[["QJK", "QMF", "QMM"], order].astype(int).to_numpy().tolist() == [
        [1225273, 1398163, 1583058, 1197819, 992862, 1363114, 1386035, 1050500, 1591899, 1595883, 1270936],
        [2178718, 1657382, 1596740, 2522512, 2745378, 1828464, 1827928, 2089011, 2548833, 2548833, 2029850],
        [1053514, 1187631, 1404178, 1001489, 833935, 1158890, 1214031, 887264, 1362153, 1362153, 1084797],
    ]


def test_a_practice_does_not_depend_on_the_others(workbook: pd.DataFrame) -> None:
    some = workbook.iloc[[7_000, 12]]
    alone = weighted_capitation_2018_19(some)
    pd.testing.assert_frame_equal(alone, weighted_capitation_2018_19(workbook).loc[some.index])


def test_without_a_remoteness_index_nobody_is_remote_and_it_says_so(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        found = weighted_capitation_2018_19(sample("A82004").drop(columns="Remoteness_index")).iloc[0]
    assert found["Remoteness_index"] == 1
    assert found[TARGETS[1]] == found[TARGETS[0]] == pytest.approx(2964.879268, abs=1e-3)
    assert "no remoteness index" in caplog.text


def test_a_missing_column_is_named(workbook: pd.DataFrame) -> None:
    with pytest.raises(ConfigurationError, match="WP_MH, EACA_index"):
        weighted_capitation_2018_19(workbook.drop(columns=["WP_MH", "EACA_index"]))


def test_a_blank_figure_is_no_nought(workbook: pd.DataFrame) -> None:
    holed = workbook.assign(WP_Mat=workbook["WP_Mat"].where(workbook.index > 1))
    with pytest.raises(ConfigurationError, match=r"WP_Mat \(2\)"):
        weighted_capitation_2018_19(holed)


def test_a_practice_of_nobody_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="nobody"):
        weighted_capitation_2018_19(sample("A83005").assign(GP_pop=0.0))


def test_an_index_as_a_percentage_is_refused(workbook: pd.DataFrame) -> None:
    with pytest.raises(RunStopped, match="market forces factor") as stop:
        weighted_capitation_2018_19(workbook.assign(MFF_index=workbook["MFF_index"] * 100))
    assert stop.value.failures[0].check_id == "W03"
    assert stop.value.failures[0].rows_failed == 7_325

"""Published practice weights of any year's layout, and need indices of places from them."""

from __future__ import annotations

import gzip
from pathlib import Path

import pandas as pd
import pytest

from budget.kernel.errors import ConfigurationError
from budget.need.layouts import canonical, read_published, stream_names
from budget.need.places import Places
from budget.need.published import icb_totals, need_index

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parents[2]
NATIONAL = ROOT / "data" / "england" / "gp_practice_weighted_population_2026_27.csv.gz"
PLACE = {"Place": ["B85005", "B85022", "B85061", "B85026"]}
ICB = "QWO"
PUBLISHED = {
    "general_acute": (35631.175794, 1.097100),
    "community": (34600.852669, 1.089840),
    "mental_health": (23045.475762, 0.660394),
    "maternity": (23251.965084, 0.669420),
    "health_inequalities": (22719.854688, 0.556465),
    "prescribing": (34958.699910, 1.090829),
    "core": (31140.427171, 0.952273),
    "primary_medical_need": (31652.927280, 0.993328),
    "primary_medical": (30312.966391, 0.912765),
}
"""Weighted people and index of four practices within West Yorkshire, 2026/27 (the method, section 8)."""

NAMED = "Practice_Code,GP_Practice_Name,Practice_Postcode,Latitude,Longitude"
NEEDS = "G&A WP,CS WP,MH WP,Mat WP,Health Ineq WP,Prescr WP,{core} WP,Primary Medical Care WP,Final PMC WP"
TO_2024 = (
    f"{NAMED},CCG21,Former CCG,PCN_Code,PCN_Name,LOC22,LOC22name,ICS22,ICS22name,R22,Region22,LAD21,LTLA21,LA21,UTLA21,"
    f"Patients,{{population}},{NEEDS.format(core='Final')}"
)
LAYOUTS = {
    "2022/23": TO_2024.format(population="pop 2022/23"),
    "2023/24": TO_2024.format(population="pop 2023/24"),
    "2024/25": TO_2024.format(population="pop 2024/25"),
    "2025/26": f"{NAMED},CCG,Former CCG,PCN_Code,PCN_Name,LOC,LOCname,ICB,ICBname,Rcode,Region,LAD,LTLA,LA,UTLA,"
    f"Patients,Population,{NEEDS.format(core='Final')}",
    "2026/27": f"{NAMED},ICB,ICBname,RCode,Region,LAD,LADname,Registered Patients,{NEEDS.format(core='Core')}",
}
"""Header lines of the published files, as they come."""


def practice(header: str, code: str, icb: str, population: float, weight: float, **others: str) -> dict[str, str]:
    """A row under some header: the streams' weighted populations are 1, 2, … times the weight."""
    row = dict.fromkeys(header.split(","), "") | {"GP_Practice_Name": "St Mary's, Old Road", "Patients": "999999"}
    streams = [column for column in row if column.endswith(" WP")]
    figures = {stream: str(weight * number) for number, stream in enumerate(streams, 1)}
    codes = {"Practice_Code": code, "ICS22": icb, "ICB": icb, "LAD": "E1", "LAD21": "E1"}
    populations = dict.fromkeys(("Population", "Registered Patients", *(c for c in row if c.startswith("pop "))), "")
    every = codes | dict.fromkeys(populations, str(population)) | figures | others
    return row | {column: value for column, value in every.items() if column in row}


def small(header: str) -> pd.DataFrame:
    rows = [("P1", "QXX", 100, 110), ("P2", "QXX", 300, 270), ("P3", "QXX", 600, 620), ("P4", "QYY", 50, 5)]
    return pd.DataFrame([practice(header, *row) for row in rows])


def long(years: tuple[str, ...] = ("2026/27",)) -> pd.DataFrame:
    """The same as ``published_weights``, without the other ICB."""
    rows = canonical(small(LAYOUTS["2026/27"])).query("icb_code == 'QXX'").drop(columns=["icb_code", "lad_code"])
    return pd.concat([rows.assign(financial_year=year) for year in years], ignore_index=True)


class TestLayouts:
    """Any year's file gives the same rows."""

    @pytest.mark.parametrize("year", LAYOUTS)
    @pytest.mark.parametrize("zipped", [False, True], ids=["plain", "gz"])
    def test_each_year_gives_the_index_of_each_stream(self, year: str, zipped: bool, tmp_path: Path) -> None:
        text = small(LAYOUTS[year]).to_csv(index=False)
        file = tmp_path / ("weights.csv.gz" if zipped else "weights.csv")
        file.write_bytes(gzip.compress(text.encode()) if zipped else text.encode())
        found = need_index(read_published(file), {"Two": ["P1", "P2"]}, "QXX")
        # (380 / 400) / (1000 / 1000), the same in every stream
        assert list(found["stream"]) == list(stream_names())
        assert found["need_index"].tolist() == pytest.approx([0.95] * 9)
        assert found["population"].tolist() == [400.0] * 9
        assert found["weighted_population"].tolist() == pytest.approx([380.0 * number for number in range(1, 10)])

    def test_a_frame_as_it_was_read_will_do(self) -> None:
        found = need_index(small(LAYOUTS["2025/26"]), {"One": ["P3"]}, "QXX")
        assert found["need_index"].tolist() == pytest.approx([620 / 600] * 9)

    def test_case_spaces_bytes_and_thousands_do_not_matter(self, tmp_path: Path) -> None:
        header = LAYOUTS["2022/23"].replace("Practice_Code", " practice_code ").replace("ICS22,", "Ics22,")
        rows = ["P1,St Mary\x92s" + "," * 9 + ',QXX,,,,E1,,,,,"1,000.5"' + ",2000" * 9]
        file = tmp_path / "weights.csv"
        file.write_bytes(b"\xef\xbb\xbf" + "\n".join([header, *rows]).encode("latin-1"))
        found = read_published(file)
        assert found["population"].tolist() == [1000.5] * 9
        assert set(found["icb_code"]) == {"QXX"}

    def test_a_gzipped_file_may_have_any_name(self, tmp_path: Path) -> None:
        file = tmp_path / "weights.csv"
        file.write_bytes(gzip.compress(small(LAYOUTS["2026/27"]).to_csv(index=False).encode()))
        assert len(read_published(file)) == 4 * 9

    def test_a_file_may_lack_streams(self) -> None:
        earlier = small(LAYOUTS["2022/23"]).drop(columns="Primary Medical Care WP")
        found = need_index(earlier, {"One": ["P1"]}, "QXX")
        assert list(found["stream"]) == [stream for stream in stream_names() if stream != "primary_medical_need"]

    def test_our_own_table_is_read_as_it_is(self, tmp_path: Path) -> None:
        long().to_parquet(tmp_path / "published_weights.parquet")
        long().to_csv(tmp_path / "published_weights.csv", index=False)
        for name in ("published_weights.parquet", "published_weights.csv"):
            pd.testing.assert_frame_equal(read_published(tmp_path / name), canonical(long()), check_dtype=False)

    def test_reading_twice_changes_nothing(self) -> None:
        once = canonical(small(LAYOUTS["2025/26"]))
        pd.testing.assert_frame_equal(canonical(once), once)

    @pytest.mark.parametrize(
        ("columns", "said"),
        [
            (["ICB", "Population", "G&A WP"], "no column for practice_code"),
            (["Practice_Code", "Population", "G&A WP"], r"no column for icb_code \(known names: ICS22, ICB, STP21\)"),
            (["Practice_Code", "ICB", "Patients", "G&A WP"], "no column for population"),
            (["Practice_Code", "ICB", "Population"], "no need stream"),
            (
                ["Practice_Code", "ICB", "Population", "pop 2022/23", "G&A WP"],
                "population is there under several names",
            ),
            (["practice_code", "stream", "weighted_population"], "lacks population"),
        ],
    )
    def test_another_layout_is_refused(self, columns: list[str], said: str, tmp_path: Path) -> None:
        file = tmp_path / "weights.csv"
        file.write_text(",".join(columns) + "\n", encoding="utf-8")
        with pytest.raises(ConfigurationError, match=said) as error:
            read_published(file)
        assert "weights.csv" in str(error.value)

    def test_an_unknown_stream_is_refused(self) -> None:
        with pytest.raises(ConfigurationError, match=r"unknown streams \(dentistry\)"):
            canonical(long().replace({"stream": {"core": "dentistry"}}))

    @pytest.mark.parametrize(
        "content", [None, b"", b"\x1f\x8bnonsense", b"\x00\x01"], ids=["none", "empty", "gz", "bytes"]
    )
    def test_what_is_no_table_is_refused(self, content: bytes | None, tmp_path: Path) -> None:
        file = tmp_path / "weights.csv"
        if content is not None:
            file.write_bytes(content)
        with pytest.raises(ConfigurationError, match=r"weights\.csv"):
            read_published(file)


class TestNeedIndex:
    """A place's need per head over that of its ICB."""

    def test_the_published_example_from_the_published_file(self) -> None:
        found = need_index(read_published(NATIONAL), PLACE, ICB).set_index("stream")
        assert found.loc["core", "population"] == pytest.approx(32329.955434, abs=1e-6)
        for stream, (weighted, index) in PUBLISHED.items():
            assert found.loc[stream, "weighted_population"] == pytest.approx(weighted, abs=2e-6)
            assert f"{found.loc[stream, 'need_index']:.6f}" == f"{index:.6f}"
        assert list(found.index) == list(stream_names())

    def test_it_is_not_rounded(self) -> None:
        table = small(LAYOUTS["2026/27"])
        found = need_index(table, {"One": ["P2"]}, "QXX")
        assert found.columns.tolist() == ["place", "stream", "population", "weighted_population", "need_index"]
        assert found["need_index"].iloc[0] == pytest.approx((270 / 300) / (1000 / 1000), abs=1e-15)

    def test_an_icb_as_one_place_has_an_index_of_one(self) -> None:
        found = need_index(small(LAYOUTS["2026/27"]), {"All": ["P3", "P1", "P2"]}, "QXX")
        assert found["need_index"].tolist() == pytest.approx([1.0] * 9, abs=1e-15)

    def test_places_keep_their_order_and_may_overlap(self) -> None:
        found = need_index(small(LAYOUTS["2026/27"]), {"Z": ["P1"], "A": ["P1", "P2"]}, "QXX")
        assert list(found["place"].unique()) == ["Z", "A"]
        assert found.loc[found["place"] == "A", "population"].tolist() == [400.0] * 9

    def test_our_own_table_is_all_of_the_icb(self) -> None:
        found = need_index(long(), {"Two": ["P1", "P2"]}, "QXX")
        assert found["need_index"].tolist() == pytest.approx([0.95] * 9)
        assert set(found["financial_year"]) == {"2026/27"}

    def test_every_year_is_over_its_own_icb(self) -> None:
        both = long(("2026/27", "2027/28"))
        later = (both["financial_year"] == "2027/28") & (both["practice_code"] == "P3")
        both["weighted_population"] = both["weighted_population"].where(~later, both["weighted_population"] * 2)
        found = need_index(both, {"Two": ["P1", "P2"]}, "QXX").groupby("financial_year")["need_index"].first()
        assert found.to_dict() == pytest.approx({"2026/27": 0.95, "2027/28": 0.95 / 1.62})

    def test_totals_of_the_icb(self) -> None:
        totals = icb_totals(small(LAYOUTS["2026/27"]), "QXX").set_index("stream")
        assert totals.loc["general_acute"].to_dict() == {
            "practices": 3,
            "population": 1000.0,
            "weighted_population": 1000.0,
        }


class TestRefusals:
    """Every error names what is wrong and what to mend."""

    table = small(LAYOUTS["2026/27"])

    def test_a_practice_that_the_file_lacks_is_named(self) -> None:
        with pytest.raises(ConfigurationError, match=r"1 practice of the places not in the file") as error:
            need_index(self.table, {"A": ["P1"], "B": ["P2", "P9"]}, "QXX")
        assert "which: P9 (B)" in str(error.value)
        assert "mend: the published file, or the practices of the places" in str(error.value)

    def test_many_are_counted_and_the_first_are_named(self) -> None:
        with pytest.raises(ConfigurationError, match=r"30 practices .*\n  which: X00 \(A\), .* and 10 more"):
            need_index(self.table, {"A": [f"X{n:02d}" for n in range(30)]}, "QXX")

    def test_a_practice_of_another_icb_is_named(self) -> None:
        with pytest.raises(ConfigurationError, match=r"under another ICB.\n  which: P4 \(A\)"):
            need_index(self.table, {"A": ["P1", "P4"]}, "QXX")

    def test_an_unknown_icb_is_refused(self) -> None:
        with pytest.raises(ConfigurationError, match="no practice of the ICB QZZ; it has QXX, QYY"):
            need_index(self.table, {"A": ["P1"]}, "QZZ")

    def test_a_practice_twice_in_a_place_is_named(self) -> None:
        with pytest.raises(ConfigurationError, match=r"listed twice in a place.\n  which: P1 \(A\)"):
            need_index(self.table, {"A": ["P1", "P1"]}, "QXX")

    @pytest.mark.parametrize("places", [{}, {"A": []}])
    def test_no_practices_are_refused(self, places: dict[str, list[str]]) -> None:
        with pytest.raises(ConfigurationError, match="no practices"):
            need_index(self.table, places, "QXX")

    @pytest.mark.parametrize("figure", ["", "n/a", "-5"])
    def test_a_blank_figure_is_no_nought(self, figure: str) -> None:
        holed = self.table.assign(**{"MH WP": ["1", "2", figure, "4"]})
        with pytest.raises(ConfigurationError, match=r"blank, below nought or no number.\n  which: P3"):
            need_index(holed, {"A": ["P1"]}, "QXX")

    def test_a_blank_figure_of_another_icb_does_not_matter(self) -> None:
        holed = self.table.assign(**{"MH WP": ["1", "2", "3", ""]})
        assert len(need_index(holed, {"A": ["P1"]}, "QXX")) == 9

    def test_a_practice_twice_in_the_file_is_named(self) -> None:
        twice = pd.concat([self.table, self.table.iloc[[1]]])
        with pytest.raises(ConfigurationError, match=r"there more than once.\n  which: P2"):
            need_index(twice, {"A": ["P1"]}, "QXX")

    def test_a_practice_without_a_stream_is_named(self) -> None:
        gap = long()[lambda rows: (rows["practice_code"] != "P1") | (rows["stream"] != "core")]
        with pytest.raises(ConfigurationError, match=r"without some streams or years that others have.\n  which: P1"):
            need_index(gap, {"A": ["P1", "P2"]}, "QXX")

    def test_a_place_of_nobody_is_named(self) -> None:
        nobody = self.table.assign(**{"Registered Patients": ["0", "300", "600", "50"]})
        with pytest.raises(ConfigurationError, match="nobody is registered in Empty"):
            need_index(nobody, {"Empty": ["P1"]}, "QXX")


class TestPlaces:
    """``PLACES.yaml``."""

    def test_it_is_read(self, tmp_path: Path) -> None:
        file = tmp_path / "places.yaml"
        file.write_text("icb: QXX\nplaces: {Old Town: [P1, P2], New Town: [P3]}\n", encoding="utf-8")
        assert Places.read(file) == Places(icb="QXX", places={"Old Town": ("P1", "P2"), "New Town": ("P3",)})

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("places: {A: [P1]}", "icb: Field required"),
            ("icb: QXX", "places: Field required"),
            ("icb: QXX\nplaces: {A: [1]}", "places.A.0"),
            ("icb: QXX\nplaces: {A: P1}", "places.A"),
            ("icb: QXX\nplaces: {A: [P1]}\nregion: Y60", "region"),
            ("icb: QXX\nplaces: {A: [P1], A: [P2]}", "duplicate key"),
            ("- QXX", "cannot be read"),
        ],
    )
    def test_other_files_are_refused(self, text: str, said: str, tmp_path: Path) -> None:
        file = tmp_path / "places.yaml"
        file.write_text(text, encoding="utf-8")
        with pytest.raises(ConfigurationError, match=said):
            Places.read(file)

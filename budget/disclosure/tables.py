"""The tables that are shared, made of a run's own tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from budget.disclosure.layers import Nesting
from budget.disclosure.shared import Shared

Tables = Mapping[str, pd.DataFrame]

ALL = "all"
EVERYWHERE = "all places"
NO_LIST = "no_list"
_FOOTPRINT = "footprint"
_PARTS = ("allocation_pence", "carve_out_pence", "risk_pool_pence", "incentive_pence", "core_pence", "payment_pence")
_STATEMENT = ("opening", "joins", "births", "deaths", "leavers", "excluded", "duplicates", "quarantined")
_LESS = frozenset({"deaths", "leavers", "excluded", "duplicates", "quarantined"})
_PER_HEAD = {"payment_per_head_pence": ("payment_pence", "people")}

READS = (
    "integrated_budget",
    "segments",
    "budget_by_scale",
    "segment_detail",
    "population_reconciliation",
    "monthly_profile",
    "contributions",
    "growth_bridge",
    "pace_of_change",
    "funding_gap",
)
"""Tables of a run that are shared in some form; one that the run has not got is left out."""


def shared_tables(tables: Tables) -> tuple[Shared, ...]:
    """Every table to share, with its true figures.

    Args:
        tables: those of ``READS`` that the run has.
    """
    return (*_people(tables), *_budgets(tables), *_by_place(tables))


def nesting(tables: Tables) -> Nesting:
    """Which areas and parts of the people are made of which."""
    broad, scales = _broad_groups(tables), tables["budget_by_scale"]
    places = {place: f"place:{place}" for place in tables["integrated_budget"]["place"].unique()}
    ways: dict[str, list[list[str]]] = {_FOOTPRINT: [list(places.values())]}
    groups = scales[scales["scale"] == "practice_group"]
    for place, area in places.items():
        ways[area] = [sorted(_group_areas(groups[groups["place"] == place]).unique())]
        if "segment_detail" in tables:
            of_place = tables["segment_detail"].loc[lambda rows, place=place: rows["place"] == place]
            ways[area].append(sorted(_list_areas(of_place).unique()))
    parts = {f"broad:{group}": [[f"segment:{code}" for code in rows.index]] for group, rows in broad.groupby(broad)}
    parts[ALL] = [[f"segment:{code}" for code in broad.index], list(parts)]
    return Nesting(ways, parts, tuple(_statements(tables)))


def public_lists(tables: Tables) -> list[tuple[str, str]]:
    """The cells of practices' lists, at their opening and closing: NHS England publishes them every month."""
    if "population_reconciliation" not in tables:
        return []
    codes = tables["population_reconciliation"]["practice_code"]
    return [(f"practice:{code}", item) for code in codes for item in ("opening", ALL)]


def _statements(tables: Tables) -> Iterator[dict[tuple[str, str], int]]:
    """A list from its opening to its closing."""
    for code in tables["population_reconciliation"]["practice_code"] if "population_reconciliation" in tables else ():
        area = f"practice:{code}"
        yield {(area, item): -1 if item in _LESS else 1 for item in _STATEMENT} | {(area, ALL): -1}


def _people(tables: Tables) -> Iterator[Shared]:
    if "segment_detail" in tables:
        detail = tables["segment_detail"].assign(practice_code=lambda rows: rows["practice_code"].fillna(NO_LIST))
        cube = _cube(detail, _broad_groups(tables), ["people"])
        yield Shared(
            "people_by_segment",
            "People on the day of the snapshot by place, segment and broad group.",
            cube.drop(columns="area"),
            _cells(cube),
            counts=("people",),
        )
        by_list = _every_segment(detail.groupby(["place", "practice_code", "segment"])["people"].sum())
        whole = by_list.groupby(["place", "practice_code"], as_index=False)["people"].sum()
        rows = pd.concat([by_list, whole.assign(segment=ALL)], ignore_index=True)
        parts = rows["segment"].where(rows["segment"] == ALL, "segment:" + rows["segment"])
        yield Shared(
            "people_by_practice",
            f"People on the day of the snapshot by practice and segment; {NO_LIST} are residents on no list.",
            rows,
            list(zip(_list_areas(rows), parts, strict=True)),
            counts=("people",),
        )
    if "population_reconciliation" in tables:
        yield _lists(tables["population_reconciliation"])


def _every_segment(people: pd.Series) -> pd.DataFrame:
    """People of each practice in every segment that practices have: where there is nobody, the table says so."""
    wide = people.unstack("segment")
    listed = wide.index.get_level_values("practice_code") != NO_LIST
    segments = wide.columns[wide[listed].notna().any()]
    # nobody is a true zero: every person of the practice stands in some segment
    filled = wide.loc[listed, segments].fillna(0.0)
    return pd.concat([filled.stack(), wide[~listed].stack().dropna()]).rename("people").reset_index()


def _lists(statement: pd.DataFrame) -> Shared:
    long = statement.melt("practice_code", [*_STATEMENT, "closing"], var_name="item", value_name="people")
    long = long.sort_values(["practice_code"], kind="stable", ignore_index=True)
    items = long["item"].replace("closing", ALL)
    return Shared(
        "lists_by_practice",
        "Each list from the year before to the snapshot: opening, joins and births, less the rest, is closing.",
        long,
        list(zip("practice:" + long["practice_code"], items, strict=True)),
        counts=("people",),
    )


def _budgets(tables: Tables) -> Iterator[Shared]:
    budget = tables["integrated_budget"].assign(payment_pence=lambda b: b["incentive_pence"] + b["core_pence"])
    keys = ["financial_year", "place", "segment"]
    measures = ["allocation_pence", "payment_pence"]
    sums = budget.groupby(keys, as_index=False)[measures].sum()
    once = budget.drop_duplicates(keys)[[*keys, "people"]]
    cube = _cube(sums.merge(once, on=keys, validate="1:1"), _broad_groups(tables), ["people", *measures])
    yield Shared(
        "budget_by_segment",
        "The budget by place, segment and broad group; payment = incentive + core.",
        cube.drop(columns="area"),
        _cells(cube),
        counts=("people",),
        money=tuple(measures),
        rates=_PER_HEAD,
    )
    yield _scales(tables["budget_by_scale"])


def _scales(budget: pd.DataFrame) -> Shared:
    """Systems are left out: no table of the run says which places they are made of, and so what they give away."""
    rows = budget[budget["scale"].isin(["footprint", "place", "practice_group"])].reset_index(drop=True)
    rows = rows.assign(payment_pence=rows["incentive_pence"] + rows["core_pence"])
    areas = _group_areas(rows).where(rows["scale"] == "practice_group", "place:" + rows["unit"])
    areas = areas.mask(rows["scale"] == "footprint", _FOOTPRINT)
    return Shared(
        "budget_by_scale",
        "The budget of the footprint, its places and their practice groups.",
        rows[["financial_year", "scale", "place", "unit", "people", *_PARTS]].fillna({"place": EVERYWHERE}),
        [(area, ALL) for area in areas],
        counts=("people",),
        money=_PARTS,
        rates=_PER_HEAD,
    )


_BY_PLACE = {
    "budget_by_line": ("The budget by place, service line and commissioner.", ["service_line", "commissioner"]),
    "monthly_profile": ("Monthly payments; month 1 is April.", ["month"]),
    "contributions": ("What each commissioner pays into each place's integrated budget.", ["commissioner"]),
    "growth_bridge": ("From baseline to core budget, step by step.", ["step"]),
    "pace_of_change": ("Opening budget, target and allocation of each place.", []),
    "funding_gap": ("Cost of present services if nothing were done, against the allocation.", []),
}
_LEFT_OUT = frozenset({"people", "weighted_people"})
"""Columns that would tell counts of people to more places than they are shared to."""


def _by_place(tables: Tables) -> Iterator[Shared]:
    """Tables whose figures are of whole places: a row is shown where its place is."""
    keys = ["financial_year", "place"]
    lines = tables["integrated_budget"].groupby([*keys, *_BY_PLACE["budget_by_line"][1]], as_index=False, observed=True)
    there = {**tables, "budget_by_line": lines[list(_PARTS[:-1])].sum()}
    for name, (about, further) in _BY_PLACE.items():
        if name in there:
            rows = there[name].drop(columns=[c for c in there[name] if c in _LEFT_OUT]).reset_index(drop=True)
            detail = tuple(column for column in rows if column not in (*keys, *further))
            yield Shared(name, about, rows, [(f"place:{place}", ALL) for place in rows["place"]], detail=detail)


def _cube(rows: pd.DataFrame, broad: pd.Series, measures: list[str]) -> pd.DataFrame:
    """Sums of rows by place and for all places, by segment, broad group and for all people."""
    rows = rows.assign(broad_group=rows["segment"].map(broad))
    years = [column for column in ("financial_year",) if column in rows]
    blocks = []
    for area in ("place", _FOOTPRINT):
        for column, kind in (("segment", "segment"), ("broad_group", "broad"), (None, ALL)):
            by = [*years, *(["place"] if area == "place" else []), *([column] if column else [])]
            sums = rows.groupby(by, as_index=False)[measures].sum() if by else rows[measures].sum().to_frame().T
            place = sums["place"] if area == "place" else EVERYWHERE
            name = sums[column] if column else ALL
            blocks.append(sums.assign(place=place, division=column or ALL, part=name, area=area, kind=kind))
    cube = pd.concat(blocks, ignore_index=True)
    cube["area"] = ("place:" + cube["place"]).where(cube["area"] == "place", _FOOTPRINT)
    return cube[[*years, "place", "division", "part", *measures, "area"]]


def _cells(cube: pd.DataFrame) -> list[tuple[str, str]]:
    kinds = cube["division"].map({"segment": "segment:", "broad_group": "broad:", ALL: ""})
    return list(zip(cube["area"], kinds + cube["part"], strict=True))


def _broad_groups(tables: Tables) -> pd.Series:
    """Broad group by segment, with those of money that no segment holds."""
    named = tables["segments"].set_index("segment")["broad_group"]
    held_out = set(tables["integrated_budget"]["segment"]) - set(named.index)
    return pd.concat([named, pd.Series("unattributed", index=sorted(held_out), dtype=named.dtype)])


def _group_areas(rows: pd.DataFrame) -> pd.Series:
    return "practice_group:" + rows["place"].fillna("") + "/" + rows["unit"]


def _list_areas(rows: pd.DataFrame) -> pd.Series:
    """A practice, or those of a place who are on no list."""
    nowhere = rows["practice_code"].isna() | (rows["practice_code"] == NO_LIST)
    practices = "practice:" + rows["practice_code"].fillna(NO_LIST)
    return practices.mask(nowhere, f"{NO_LIST}:" + rows["place"])

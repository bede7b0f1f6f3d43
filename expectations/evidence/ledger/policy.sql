-- needs: policy_moves, budget_ledger, baseline_adjustments, funding_gap
-- C42: places and years whose agreed moves are not the movement of the step, but for a penny of rounding each.
-- C44: moves whose reason also stands among the adjustments of the baseline. C44w: moves of the same sum as an adjustment
-- of their line and place.
-- C45: the greatest share of a place's budget that agreed savings take in a year.
with moved as (
    select financial_year, place, cast(sum(amount_pence) as bigint) as pence
    from budget_ledger where cast(step as varchar) = 'investments' group by financial_year, place
),
agreed as (
    select
        financial_year,
        place,
        count(*) as moves,
        cast(sum(amount_pence) as bigint) as pence,
        cast(sum(amount_pence) filter (where kind = 'savings') as bigint) as saved_pence
    from policy_moves group by financial_year, place
),
adjusted as (
    select place, service_line, amount_pence, lower(trim(split_part(reason, ';', 1))) as reason
    from baseline_adjustments
)
select
    (
        -- a place on one side only moves nothing on the other: a true zero
        select count(*) from agreed full join moved using (financial_year, place)
        where abs(coalesce(agreed.pence, 0) - coalesce(moved.pence, 0)) > {c42_pence} * (coalesce(agreed.moves, 0) + 1)
    ) as C42,
    (
        select count(*) from policy_moves as moves
        where exists (
            select 1 from adjusted
            where adjusted.place = moves.place
            and adjusted.service_line = coalesce(moves.service_line, adjusted.service_line)
            and adjusted.reason = lower(trim(split_part(moves.reason, ';', 1)))
        )
    ) as C44,
    (
        select count(*) from policy_moves as moves
        where exists (
            select 1 from adjusted
            where adjusted.place = moves.place
            and adjusted.service_line = coalesce(moves.service_line, adjusted.service_line)
            and adjusted.amount_pence = moves.amount_pence
        )
    ) as C44w,
    -- where nothing is saved the share is a true zero
    (
        select coalesce(max(-agreed.saved_pence / nullif(gap.do_nothing_pence, 0)), 0)
        from agreed join funding_gap as gap using (financial_year, place)
    ) as C45

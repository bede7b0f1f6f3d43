-- needs: published_weights, practices
-- W02: share of the ICB's practices, all budget years, whose core need index is beyond the first or last hundredth of
-- England's.
with indices as (
    select weighted_population / nullif(population, 0) as need_index
    from published_weights
    where stream = 'core' and financial_year in {budget_years}
        and practice_code in (select practice_code from practices where icb_code = {icb})
)
select count(*) filter (where need_index not between {w02_low} and {w02_high}) / nullif(count(*), 0) as W02 from indices

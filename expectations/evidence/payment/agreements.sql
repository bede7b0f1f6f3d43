-- needs: contract_terms, contract_measures
-- O44: contracts whose weights do not add up to one. O45: contracts with more measures than the limit.
-- O46: contracts with a larger share at stake than was agreed. O47: providers that do not say what they can lose.
with scores as (
    select contract, sum(weight) as weight, count(*) as measures
    from contract_measures group by contract
),
stakes as (
    select distinct contract, outcome_share, outcome_maximum from contract_terms
)
select
    (select count(*) from scores where abs(weight - 1) > {o44_tolerance}) as O44,
    (select count(*) from scores where measures > {o45_measures}) as O45,
    (select count(*) from stakes where outcome_share > outcome_maximum) as O46,
    (select count(*) from contract_terms where role <> 'commissioner' and capacity_pence is null) as O47

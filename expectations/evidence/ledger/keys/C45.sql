select moves.place || ' ' || moves.financial_year as key
from policy_moves as moves join funding_gap as gap using (financial_year, place)
where moves.kind = 'savings'
group by moves.place, moves.financial_year, gap.do_nothing_pence
having -sum(moves.amount_pence) > {c45_max} * gap.do_nothing_pence

-- needs: risk_diagnostics
-- W30: declared groups (tenths of predicted cost have a picture of their own) with enough person-years whose predicted
-- over actual cost is too far from one, of all models.
with years as (select stream, model, "group", value as person_years from risk_diagnostics where measure = 'person_years')
select count(*) filter (where value not between {w30_low} and {w30_high}) as W30
from risk_diagnostics join years using (stream, model, "group")
where measure = 'predictive_ratio' and "group" not like 'predicted_tenth%' and person_years >= {w30_years}

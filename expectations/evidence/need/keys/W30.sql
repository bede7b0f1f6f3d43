with years as (select stream, model, "group", value as person_years from risk_diagnostics where measure = 'person_years')
select case when stream = 'all' then "group" else stream || ', ' || "group" end as key
from risk_diagnostics join years using (stream, model, "group")
where measure = 'predictive_ratio' and "group" not like 'predicted_tenth%' and person_years >= {w30_years} and value not between {w30_low} and {w30_high}

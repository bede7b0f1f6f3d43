-- Cost of the care that cases speak of: ours, another commissioner's, or half each while it is in dispute.
select
    cased.reason_code,
    cased.kind,
    cased.payer as commissioner,
    priced.service_line,
    case cased.our_percent when 50 then 'DISPUTED' when 100 then 'ours' when 0 then 'others' else 'usual' end as held_as,
    count(distinct priced.person_id) as people,
    cast(sum(priced.whole_pence) as bigint) as cost_pence,
    cast(sum(case when cased.our_percent is not null then priced.cost_pence end) as bigint) as ours_pence,
    cast(sum(case when cased.our_percent is not null then priced.whole_pence - priced.cost_pence end) as bigint) as others_pence
from priced
join case_days as cased
    on cased.person_id = priced.person_id
    and cased.service_line = priced.service_line
    and cased.activity_date = priced.activity_date
group by all

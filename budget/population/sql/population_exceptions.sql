-- Records that are not counted, by outcome and rule, and for exports by who pays; with the people counted they add up to
-- all records. A record that ended before the snapshot is excluded from it.
select
    case when {outcome} = 'ended' then 'excluded' else {outcome} end as outcome,
    {reason} as reason_code,
    case when record.rule in {exported} then coalesce({named_commissioner}, practice.icb_code) end as commissioner,
    cast(sum(record.records) as bigint) as records
from (
    select
        case when rule in {exported} then practice_no end as practice_no,
        rule,
        judged_rule,
        cast(sum(weight) as bigint) as records
    from tallied
    where rule not in {base}
    group by 1, 2, 3
    having sum(weight) <> 0
) as record
left join practice_list as practice on practice.practice_no = record.practice_no
group by 1, 2, 3

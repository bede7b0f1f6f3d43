-- RC15 to RC19: the rule for a person's care of a day on a line, where a case speaks of it; the first rule wins.
select person_id, service_line, activity_date, reason_code, kind, payer, our_percent
from (
    select
        care.person_id, care.service_line, care.activity_date,
        shares.reason_code, shares.kind, shares.payer, shares.our_percent,
        row_number() over (
            partition by care.person_id, care.service_line, care.activity_date
            order by
                shares.rank, shares.begins_on, shares.payer nulls last, shares.ends_on nulls last,
                shares.our_percent nulls last
        ) as place_in_order
    from (
        select distinct
            coalesce(merged.replaced_by, activity.person_id) as person_id, activity.service_line, activity.activity_date
        from activity
        left join person_merges as merged on merged.person_id = activity.person_id
        where coalesce(merged.replaced_by, activity.person_id) in (select person_id from commissioner_shares)
    ) as care
    join commissioner_shares as shares
        on shares.person_id = care.person_id
        and (shares.service_line is null or shares.service_line = care.service_line)
        and care.activity_date >= shares.begins_on
        and (shares.ends_on is null or care.activity_date <= shares.ends_on)
) as candidate
where place_in_order = 1

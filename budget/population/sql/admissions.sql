-- RC17: the commissioner of the list that a person was on when their case began, by the map of that day.
select person_id, begins_on, commissioner
from (
    select
        filed.person_id,
        filed.begins_on,
        case
            when record.at_no_practice then record.resident_commissioner
            else coalesce(term.icb_code, record.registered_commissioner)
        end as commissioner,
        row_number() over (
            partition by filed.person_id, filed.begins_on
            order by
                record.at_no_practice, record.registered_on desc, record.recorded_on desc nulls last,
                record.practice_code desc, record.lsoa_code nulls last, term.icb_code nulls last
        ) as place_in_order
    from (
        select distinct coalesce(merged.replaced_by, case_.person_id) as person_id, case_.begins_on
        from commissioner_cases as case_
        left join person_merges as merged on merged.person_id = case_.person_id
    ) as filed
    join (
        select *
        from judged
        where person_id in (
            select coalesce(merged.replaced_by, case_.person_id)
            from commissioner_cases as case_
            left join person_merges as merged on merged.person_id = case_.person_id
        )
    ) as record
        on record.person_id = filed.person_id
        and record.registered_on <= filed.begins_on
        and (record.first_day_off is null or record.first_day_off > filed.begins_on)
    left join practice_commissioners as term
        on term.practice_code = record.listed_code
        and term.effective_from <= filed.begins_on
        and (term.effective_to is null or term.effective_to >= filed.begins_on)
    where record.rule in {dated}
) as candidate
where place_in_order = 1

-- Every record with the number of the first rule that holds, the marks of the rules that only write their code, and
-- where it stands in the statement of its practice. Live records are those that can be a person's one current
-- registration; dated ones have days in the base year, here or elsewhere, current at the snapshot or not, and care-dated
-- ones in the year of care.
select
    *,
    rule as judged_rule,
    current and rule in {live} as live,
    list_days > 0 as dated,
    care_list_days > 0 as care_dated
from (
    select
        * exclude (days, care_days),
        cast(case when days > 0 and rule in {dated} then days else 0 end as integer) as list_days,
        cast(case when care_days > 0 and rule in {dated} then care_days else 0 end as integer) as care_list_days
    from (
        select
            person_id, hash(person_id) as person_key, replaced_id, listed_code, practice_code, practice_no, practice_place, sex,
            date_of_birth, lsoa_code, area_no, area_place, imd_decile, registered_on, first_day_off, died_on, recorded_on,
            days_from, days_until, care_from, care_until, registered_here, lives_here, area_unknown,
            at_no_practice, registered_commissioner, resident_commissioner,
            cast(
                year({snapshot}) - year(date_of_birth)
                - cast(
                    month(date_of_birth) * 100 + day(date_of_birth) > month({snapshot}) * 100 + day({snapshot}) as integer
                ) as smallint
            ) as age,
            cast({rule} as tinyint) as rule,
            cast({mark_numbers} as smallint) as marks,
            date_diff('day', days_from, days_until) as days,
            date_diff('day', care_from, care_until) as care_days,
            registered_on <= {snapshot} and (first_day_off is null or first_day_off > {snapshot}) as current,
            registered_on <= {year_before} and (first_day_off is null or first_day_off > {year_before}) as opening,
            registered_on <= {month_before} and (first_day_off is null or first_day_off > {month_before}) as month_before,
            registered_on > {year_before} and registered_on <= {snapshot} as began,
            date_of_birth is not null and date_of_birth > {year_before} as born,
            first_day_off is not null and first_day_off > {year_before} and first_day_off <= {snapshot}
                and registered_on <= {snapshot} as ended,
            died_on is not null and first_day_off is not null and died_on <= first_day_off as by_death,
            flag_fp69 and ({fp69_months} = 0 or fp69_on is not null and fp69_on <= {fp69_before}) as long_pending,
            flag_fp69 and fp69_on is null as pending_undated
        from {registrations}
    ) as ruled
) as record

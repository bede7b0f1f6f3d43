-- What the packed numbers of need_people mean, in words.
select
    cell,
    case cell // 1320 when 0 then 'F' when 1 then 'M' when 2 then 'I' else 'U' end as sex,
    case
        when cell // 66 % 20 = 19 then 'unknown'
        when cell // 66 % 20 = 18 then '90+'
        else printf('%02d-%02d', cell // 66 % 20 * 5, cell // 66 % 20 * 5 + 4)
    end as age_band,
    case when cell // 6 % 11 = 10 then 'unknown' else printf('%02d', cell // 6 % 11 + 1) end as imd_tenth,
    case when cell % 6 = 5 then '5+' else cast(cell % 6 as varchar) end as condition_band
from unnest(generate_series(0, 5279)) as every(cell)

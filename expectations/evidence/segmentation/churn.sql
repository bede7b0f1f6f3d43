-- needs: segment_churn
-- S27: of the people of both runs, the share who are in another segment for another reason than a birthday.
select
    coalesce(sum(people) filter (where cause in ('new_condition', 'rule_change')), 0)
        / nullif(sum(people) filter (where cause not in ('joined', 'left')), 0) as S27
from segment_churn

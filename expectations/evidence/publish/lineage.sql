-- needs: lineage_edges
-- O04: tables that a stage wrote, but whose sources the lineage does not name.
select count(*) as O04
from {given}
where origin = 'output' and table_name not in ('lineage_edges', 'dq_results')
    and table_name not in (select output from lineage_edges)

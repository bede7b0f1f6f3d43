select table_name as key
from {given}
where origin = 'output' and table_name not in ('lineage_edges', 'dq_results')
    and table_name not in (select output from lineage_edges)

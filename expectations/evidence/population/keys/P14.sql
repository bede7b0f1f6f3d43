select practice_code as key
from population_reconciliation
where opening + joins + births - deaths - leavers - excluded - duplicates - quarantined <> closing

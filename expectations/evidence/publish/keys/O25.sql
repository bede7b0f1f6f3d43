select table_name || '.' || column_name as key
from information_schema.columns
join {given} using (table_name)
where disclosure <> 'person' and column_name in {identifiers}

-- O25: columns that identify a person, in tables that are not person-level. Looks at names of columns, not at rows.
select count(*) as O25
from information_schema.columns
join {given} using (table_name)
where disclosure <> 'person' and column_name in {identifiers}

-- uses: merged_practices
-- Places that practices were merged in: that of the practice, and that of the one that took its people over.
select place, 'merged practices' as causes from merged_practices where place is not null
union
select to_place, 'merged practices' from merged_practices where to_place is not null

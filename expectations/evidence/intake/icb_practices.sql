-- needs: practices
-- I08: practices that belong to the ICB of the run.
select count(*) as I08 from practices where icb_code = {icb}

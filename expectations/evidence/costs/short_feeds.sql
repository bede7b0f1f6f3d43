-- needs: previous_baseline_lines
-- uses: short_feeds
-- B16: feeds of a line and provider, or of a line and place, that seem to end before the year does.
select count(distinct (service_line, coalesce(provider_code, place), feed)) as B16 from short_feeds

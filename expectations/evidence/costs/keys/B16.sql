-- uses: short_feeds
select service_line || ' ' || coalesce(provider_code, place) || ': ' || feed as key from short_feeds

select reason_code as key from population_exceptions where not regexp_matches(reason_code, '^RC[0-9]+')

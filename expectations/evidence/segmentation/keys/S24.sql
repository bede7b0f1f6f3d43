select codelist as key from segment_codelists where status <> 'approved'

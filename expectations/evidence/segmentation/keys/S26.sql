select codelist as key from segment_codelists where people = 0

select place || ' ' || financial_year || ' ' || step as key from run_diff where not explained and difference_pence <> 0

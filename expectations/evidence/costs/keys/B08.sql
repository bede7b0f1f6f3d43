select place || ' ' || commissioner || ' ' || service_line as key from baseline_lines where normalised_pence < 0

select place || ' ' || financial_year as key from pace_of_change
where allocation_pence < floor_pence - {c02_pence} and binding_rule not in {c02_without_floors}

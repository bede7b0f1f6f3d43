-- uses: restated_weights
select place || ' ' || financial_year || ' ' || stream as key from restated_weights

-- needs: payment_simulation, service_line_margins
-- O72: providers whose payment under a form is not that of their lines. O73: lines whose margin is not payment less cost.
with lines as (
    select
        provider_code, form, activity,
        cast(sum(payment_pence) as bigint) as payment, cast(sum(cost_pence) as bigint) as cost
    from service_line_margins group by provider_code, form, activity
)
select
    (
        select count(*) from payment_simulation left join lines using (provider_code, form, activity)
        where payment is null or payment <> payment_pence or cost <> cost_pence
    ) as O72,
    (select count(*) from service_line_margins where payment_pence - cost_pence <> margin_pence) as O73

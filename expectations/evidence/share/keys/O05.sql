select measure || ' ' || area || ' ' || part as key
from disclosure_audit
where case
    when shown is null then high - low < needed * (1 - 1e-6)
    else small or (unit = 'people' and shown > 0 and low < {o05_people})
end

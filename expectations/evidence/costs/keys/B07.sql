select service_line as key from spend_per_head where change_share is null or abs(change_share) > {b07_share}

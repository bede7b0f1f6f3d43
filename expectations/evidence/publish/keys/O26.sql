select table_name as key from {given} where in_pack and disclosure = 'person'

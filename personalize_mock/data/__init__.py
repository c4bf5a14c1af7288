"""Records to matrices: schemas, tables, CSV files, ids; nothing of AWS."""

"""Conversion of records to matrices: schemas, tables, CSV files and ids. Nothing here knows AWS."""

"""Contents of datasets and their conversion to arrays: Avro schemas, CSV files, tables, id maps, user histories."""

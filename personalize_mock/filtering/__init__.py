"""The filter language: expressions read, checked against schemas, and turned into masks over candidates."""

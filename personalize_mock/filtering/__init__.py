"""Filter expressions: parsing, checks against schemas, and masks of the candidates that pass a filter."""

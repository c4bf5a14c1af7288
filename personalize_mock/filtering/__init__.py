"""Filter expressions: parsing, checks against dataset schemas, and masks of the candidates that pass a filter."""

"""Operations of the personalize-runtime API: request checks, candidate filters, model queries and responses."""

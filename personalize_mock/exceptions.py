"""What we raise about ourselves; the service's own errors live in `wire.errors`."""


class PersonalizeMockError(Exception):
    """The mock was used in a way that it cannot follow; the text says what to write instead."""


class PersonalizeMockWarning(UserWarning):
    """The mock accepts and keeps something that has no effect in it yet."""

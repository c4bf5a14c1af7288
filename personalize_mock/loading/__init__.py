"""Loading of data: from rows to resources that are ready for requests, in one call of `mock.load`."""

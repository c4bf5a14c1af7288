"""Implementation of `mock.load`, which creates resources that are ready for requests from rows of data."""

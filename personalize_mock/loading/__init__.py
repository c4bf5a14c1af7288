"""Implementation of `mock.load`, which turns rows of data into resources that can answer requests."""

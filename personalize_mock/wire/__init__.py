"""Protocol layer: it turns requests to the service into calls of Python functions, and their results into responses.

Operations, members and constraints are read from botocore's service models. No module of this package imports
`personalize_mock.resources`.
"""

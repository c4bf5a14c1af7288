"""Protocol layer, which converts requests to calls to Python functions, and converts their results to responses.

Operations, members and constraints are read from botocore's service models. No module of this package imports
`personalize_mock.resources`.
"""

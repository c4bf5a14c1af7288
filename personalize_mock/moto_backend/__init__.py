"""Integration with moto: our backend in front of moto's `personalize`, and our additions to its other services.

These are the only modules that import moto. They are imported when the first mock starts.
"""

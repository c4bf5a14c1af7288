"""Integration with moto: a Personalize backend that replaces moto's own, and additions to moto's other services.

Only the modules of this package import moto. They are imported when the first mock starts, because moto is slow to
import.
"""

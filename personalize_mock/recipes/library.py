"""implicit, loaded when the first training needs it."""

import warnings
from functools import cache
from typing import Any


@cache
def alternating_least_squares() -> Any:
    """Implicit's ALS for CPUs; in a notebook without ipywidgets its import would warn about progress bars."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="IProgress not found")
        from implicit.cpu.als import AlternatingLeastSquares
    return AlternatingLeastSquares

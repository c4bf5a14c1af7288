"""Context manager that limits BLAS to one thread.

The matrices of the recipes are small. If all cores are busy, as under pytest-xdist, a computation with two threads
takes many times as long as one with a single thread.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from threadpoolctl import LibController, ThreadpoolController

from personalize_mock.recipes.numerics.implicit_als import als_class


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Limit BLAS to one thread in the body of a `with` statement, and restore the number of threads afterwards."""
    before = [(library, library.get_num_threads()) for library in _libraries()]
    limited = [(library, count) for library, count in before if count != 1]
    for library, _ in limited:
        library.set_num_threads(1)
    try:
        yield
    finally:
        for library, count in limited:
            library.set_num_threads(count)


@cache
def _libraries() -> tuple[LibController, ...]:
    """Return controllers of the BLAS libraries in this process, cached because finding them takes milliseconds."""
    als_class()  # its import loads the last BLAS library
    return tuple(library for library in ThreadpoolController().lib_controllers if library.user_api == "blas")

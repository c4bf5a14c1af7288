"""One thread for BLAS: on busy cores, as under xdist, two take many times as long for matrices this small."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from threadpoolctl import LibController, ThreadpoolController

from personalize_mock.recipes.numerics.implicit_als import alternating_least_squares


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """BLAS works in one thread; afterwards in as many as before."""
    libraries = _libraries()
    before = [each.get_num_threads() for each in libraries]
    for each in libraries:
        each.set_num_threads(1)
    try:
        yield
    finally:
        for each, count in zip(libraries, before, strict=True):
            each.set_num_threads(count)


@cache
def _libraries() -> tuple[LibController, ...]:
    """Those loaded at the first call; finding them takes milliseconds, setting them microseconds."""
    alternating_least_squares()  # its import loads the last of them
    return tuple(each for each in ThreadpoolController().lib_controllers if each.user_api == "blas")

"""One thread for BLAS: on busy cores, as under xdist, two take many times as long for matrices this small."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from threadpoolctl import ThreadpoolController

from personalize_mock.recipes.library import alternating_least_squares


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """BLAS works in one thread; afterwards in as many as before."""
    with _controller().limit(limits=1, user_api="blas"):
        yield


@cache
def _controller() -> ThreadpoolController:
    """The libraries loaded at the first call; finding them takes milliseconds, setting them microseconds."""
    alternating_least_squares()  # its import loads the last of them
    return ThreadpoolController()

"""Signals while a lock is held: whenever Ctrl-C arrives, no lock stays locked.

CPython runs a signal's handler after a call, at the start of a function, and where a loop jumps back. None of these
lies between the end of a `with` block and the call that releases the lock, so an interrupt is either inside the block,
which then releases the lock, or after the release.
"""

import signal
from random import Random

import pytest
from test_interrupts import Interrupt

from personalize_mock import active

INTERRUPTS = 150
AGAIN = 0.05  # seconds; Python ignores an exception that a handler raises during garbage collection


def interrupted(work, seconds):
    """Repeat some work until a signal interrupts it after the given time."""

    def on_signal(*_):
        raise Interrupt

    before = signal.signal(signal.SIGALRM, on_signal)
    try:
        signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN)
        while True:
            work()
    except Interrupt:
        pass
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def is_owned(lock):
    return lock._is_owned()


def short_block():
    with active.lock:
        pass


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # a handler that ran during collection
@pytest.mark.parametrize(
    ("work", "longest"),
    [
        (lambda _: short_block(), 20e-6),
        (lambda mock: mock.clock.timestamp(), 20e-6),
        (lambda mock: mock.clock.jump(1), 100e-6),
        (lambda mock: mock.call("ListSchemas"), 500e-6),
        (lambda mock: mock.start().stop(), 500e-6),
    ],
    ids=["block", "reading the clock", "jump", "call", "start and stop"],
)
def test_a_signal_leaves_no_lock_locked_whenever_it_arrives(mock, work, longest):
    random = Random(0)
    for _ in range(INTERRUPTS):
        interrupted(lambda: work(mock), random.uniform(1e-6, longest))
        while len(active.starts_of(mock)) > 1:  # the signal came between the start and the stop
            mock.stop()
        assert not is_owned(mock.clock.lock)
        assert not is_owned(active.lock)
    assert mock.call("ListSchemas") == {"schemas": []}

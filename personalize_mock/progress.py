"""The logger of the package, and progress reports of long-running work.

At the level INFO, the logger `personalize_mock` logs work that takes real time: imports, trainings, trials of
hyperparameters and batch jobs. At the level DEBUG, it logs calls, status changes, and causes of errors that the
messages of the service do not mention.
"""

import logging
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, TypeVar

from personalize_mock.timing.stopwatch import Stopwatch

T = TypeVar("T")
INTERVAL = 2.0  # real seconds between two log messages about the same work, and before a progress bar appears

logger = logging.getLogger("personalize_mock")


def tracked(
    items: Iterable[T], *, title: str, unit: str, total: int | None = None, count: Callable[[T], int] = lambda _: 1
) -> Iterator[T]:
    """Yield the items of an iterable, log the progress every two seconds, and show a progress bar.

    The progress bar appears after two seconds in a terminal or notebook. It never appears in tests.

    Args:
        items: An iterable that does a piece of the work each time it is asked for the next item.
        title: Description of the work.
        unit: Plural noun for the parts that are counted, such as "lines".
        total: The number of parts, or None if it is unknown.
        count: Function that returns the number of parts in an item. By default, each item is one part.
    """
    with reported(title, unit, total=total) as advance:
        for item in items:
            advance(count(item))
            yield item


@contextmanager
def reported(title: str, unit: str, *, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """Report the progress of work in a `with` block, as `tracked` does for an iterable.

    Args:
        title: Description of the work.
        unit: Plural noun for the parts that are counted, such as "lines".
        total: The number of parts, or None if it is unknown.

    Yields:
        A function to call after each piece of the work, with the number of parts in it.
    """
    watch, done, logged = Stopwatch(), 0, 0.0
    with _bar(title, unit, total) as bar:

        def advance(parts: int) -> None:
            nonlocal done, logged
            done += parts
            if bar is not None:
                bar.update(parts)
            if watch.seconds() - logged >= INTERVAL:
                logged = watch.seconds()
                logger.info("%s: %s%s %s after %.1f s", title, done, f" of {total}" if total else "", unit, logged)

        yield advance


def someone_waits() -> bool:
    """Return whether the process runs in a terminal or notebook, and not in pytest or unittest."""
    main = getattr(sys.modules.get("__main__"), "__spec__", None)
    in_tests = "PYTEST_VERSION" in os.environ or "PYTEST_CURRENT_TEST" in os.environ
    if in_tests or (main is not None and main.name.partition(".")[0] in ("pytest", "unittest")):
        return False
    return "ipykernel.kernelapp" in sys.modules or (sys.stderr is not None and sys.stderr.isatty())


def _bar(title: str, unit: str, total: int | None) -> AbstractContextManager[Any]:
    if not someone_waits():
        return nullcontext()
    try:
        from tqdm import tqdm
    except ImportError:  # it comes with implicit, which need not stay so
        return nullcontext()
    bar: AbstractContextManager[Any] = tqdm(desc=title, unit=f" {unit}", total=total, delay=INTERVAL, leave=False)
    return bar

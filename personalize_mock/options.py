"""What a mock is not started with: options that are wrong, that contradict each other, or that would do nothing."""

import sys
from collections.abc import Iterable
from datetime import datetime, timezone
from importlib.util import find_spec

from personalize_mock.clock import Instant, epoch
from personalize_mock.exceptions import PersonalizeMockError
from personalize_mock.simulation import Options


def check(options: Options) -> None:
    """Refuses options.

    Raises:
        PersonalizeMockError: with what to write instead.
    """
    _check_sleep(options)
    _check_clock(options.clock)
    _check_minimum(options)
    if options.durations or options.quotas:
        from personalize_mock.resources import durations, rules

        durations.check(options.durations)
        rules.check_quotas(options.quotas)


def _check_sleep(options: Options) -> None:
    if options.sleep not in ("virtual", "real"):
        raise PersonalizeMockError(
            f"sleep={options.sleep!r} is not a way to sleep. Write sleep='virtual' (time.sleep of a second or more "
            "moves the simulated clock) or sleep='real'."
        )
    _check_modules(options.sleep_modules)
    if options.sleep_modules and options.sleep == "real":
        raise PersonalizeMockError(
            "sleep_modules= names modules whose sleep becomes virtual, and sleep='real' keeps every sleep real. Leave "
            "one of them out."
        )


def _check_modules(names: Iterable[str]) -> None:
    if isinstance(names, str):
        raise PersonalizeMockError(f"sleep_modules= takes several names. Write sleep_modules=({names!r},).")
    for name in names:
        if name not in sys.modules and not _exists(name):
            raise PersonalizeMockError(
                f"sleep_modules= names {name!r}, and there is no such module. Write the name by which it is imported, "
                "such as 'my_package.waiting'."
            )


def _exists(name: str) -> bool:
    """Whether a module could be imported, as far as that can be told without importing its packages."""
    package = name.rpartition(".")[0]
    if package and package not in sys.modules:
        return _exists(package)
    try:
        return find_spec(name) is not None
    except (ImportError, ValueError):  # the package is none, or the name is no name
        return False


def _check_clock(clock: Instant | None) -> None:
    if clock is None:
        return
    if not _is_instant(clock):
        raise PersonalizeMockError(
            f"clock={clock!r} is not an instant. Write a datetime, such as datetime(2024, 5, 1), an "
            "ISO 8601 text or epoch seconds."
        )
    try:
        datetime.fromtimestamp(epoch(clock), tz=timezone.utc)
    except (ValueError, OverflowError, OSError):
        raise PersonalizeMockError(
            f"clock={clock!r} is no instant of the calendar. Write seconds since 1970; milliseconds are too many."
        ) from None


def _is_instant(clock: object) -> bool:
    return isinstance(clock, (str, int, float, datetime)) and not isinstance(clock, bool)


def _check_minimum(options: Options) -> None:
    minimum = options.minimum_interactions
    if isinstance(minimum, bool) or not isinstance(minimum, int) or minimum < 0:
        raise PersonalizeMockError(f"minimum_interactions={minimum!r}: write a whole number, 0 or more.")
    if not options.strict and minimum not in (0, Options().minimum_interactions):
        raise PersonalizeMockError(
            f"strict=False drops all minimums of data, and minimum_interactions={minimum} would do nothing. Leave one "
            "of them out."
        )

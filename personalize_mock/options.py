"""What a mock is not started with: options that are wrong, that contradict each other, or that would do nothing."""

import sys
from collections.abc import Collection, Mapping
from datetime import datetime, timezone
from importlib.util import find_spec

from personalize_mock.clock import Instant, epoch_seconds
from personalize_mock.exceptions import PersonalizeMockError
from personalize_mock.simulation import Options


def check(options: Options) -> None:
    """Refuses options.

    Raises:
        PersonalizeMockError: with what to write instead.
    """
    _check_types(options)
    _check_sleep(options)
    _check_clock(options.clock)
    _check_minimum(options)
    if options.durations or options.quotas:
        from personalize_mock.resources.core import durations, quotas

        durations.check(options.durations)
        quotas.check_quotas(options.quotas)


def _check_types(options: Options) -> None:
    if not _is_whole(options.seed):
        raise PersonalizeMockError(f"seed={options.seed!r}: write a whole number.")
    for name in ("strict", "autojump", "check_permissions"):
        value = getattr(options, name)
        if not isinstance(value, bool):
            raise PersonalizeMockError(f"{name}={value!r}: write {name}=True or {name}=False.")
    for name, example in (("durations", {"solution-version": 10}), ("quotas", {"campaigns_per_group": 10})):
        value = getattr(options, name)
        if not isinstance(value, Mapping):
            raise PersonalizeMockError(f"{name}={value!r}: write a dictionary, such as {name}={example}.")


def _is_whole(number: object) -> bool:
    return isinstance(number, int) and not isinstance(number, bool)


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


def _check_modules(names: object) -> None:
    if isinstance(names, str) or not isinstance(names, Collection):
        name = names if isinstance(names, str) else "my_package.waiting"
        raise PersonalizeMockError(f"sleep_modules= takes several names. Write sleep_modules=({name!r},).")
    for name in names:
        if not isinstance(name, str) or (name not in sys.modules and not _exists(name)):
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
    try:
        datetime.fromtimestamp(epoch_seconds(clock), tz=timezone.utc)
    except (ValueError, OverflowError, OSError):
        raise PersonalizeMockError(
            f"clock={clock!r} is no instant of the calendar. Write seconds since 1970; milliseconds are too many."
        ) from None


def _check_minimum(options: Options) -> None:
    minimum = options.minimum_interactions
    if not _is_whole(minimum) or minimum < 0:
        raise PersonalizeMockError(f"minimum_interactions={minimum!r}: write a whole number, 0 or more.")
    if not options.strict and minimum not in (0, Options().minimum_interactions):
        raise PersonalizeMockError(
            f"strict=False drops all minimums of data, and minimum_interactions={minimum} would do nothing. Leave one "
            "of them out."
        )

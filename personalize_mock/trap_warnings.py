"""Warnings about valid requests whose effect is probably not intended."""

import warnings
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone

from personalize_mock.exceptions import PersonalizeMockWarning
from personalize_mock.simulation import Store
from personalize_mock.timing.instants import wall_time

FAR = 5 * 3600.0  # seconds; tutorials wait up to three hours between the start of a program and its first event
DATES = ("%Y%m%d", "%Y-%m-%d")  # as programs write dates into names
STAMP = "Stamp events with mock.clock.now(), or set datetime=True to let datetime.now() follow the clock."
STAMP_FROM_CLIENT = "Stamp events with the time that GET /moto-api/personalize/clock returns."
MILLISECONDS = 1e11  # larger timestamps are milliseconds; in seconds, this is the year 5138


def warn_about_stamps(store: Store, operation: str, stamps: Iterable[float]) -> None:
    """Warn if an event is stamped in milliseconds or far from the simulated time.

    Args:
        store: The account and region of the request.
        operation: The called operation, such as "PutEvents".
        stamps: The times of the events in epoch seconds.
    """
    now = store.clock.timestamp()
    farthest = max(stamps, key=lambda at: abs(at - now), default=now)
    if farthest >= MILLISECONDS:
        _warn(f"{operation}: the timestamp {farthest:.0f} is in milliseconds. Write seconds since 1970.")
    elif abs(farthest - now) >= FAR:
        _warn(
            f"{operation}: an event is stamped {_text(farthest)}, but the simulated time is {_text(now)}. "
            f"{STAMP_FROM_CLIENT if store.clock.counts_slow_polls else STAMP}"
        )


def warn_about_values(arn: str, values: Mapping[str, str]) -> None:
    """Warn if a value of a filter is a text without quotes, which the real service may not accept.

    Args:
        arn: The ARN of the filter.
        values: The filterValues of a request.
    """
    from personalize_mock.filtering.values import parse_number

    for name, text in values.items():
        bare = [part for part in text.split(",") if part.strip()] if '"' not in text else []
        if any(parse_number(part) is None for part in bare):
            quoted = ",".join(f'"{part.strip()}"' for part in bare)
            _warn(f"filterValues of {arn}: {name}={text!r} has no double quotes around its values. Write {quoted!r}.")


def warn_about_taken_name(store: Store, arn: str) -> None:
    """Warn if a name that exists already contains today's date, and simulated time is far from today.

    A program that names its jobs after `datetime.now()` creates the same name again after a jump of the clock.

    Args:
        store: The account and region of the request.
        arn: The ARN that exists already.
    """
    now, wall = store.clock.timestamp(), wall_time()
    today = datetime.fromtimestamp(wall, tz=timezone.utc)
    dates = {f"{day:{pattern}}" for day in (today, today.astimezone()) for pattern in DATES}
    if abs(now - wall) >= FAR and any(date in arn for date in dates):
        _warn(
            f"{arn} exists, and its name contains today's date, but the simulated time is {_text(now)}. Write "
            "mock_personalize(datetime=True) to let datetime.now() follow the clock."
        )


def _text(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, tz=timezone.utc).isoformat(timespec="seconds")


def _warn(message: str) -> None:
    warnings.warn(message, PersonalizeMockWarning, stacklevel=3)

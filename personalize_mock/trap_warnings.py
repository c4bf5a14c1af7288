"""Warnings about valid requests that are probably mistakes."""

import warnings
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone

from personalize_mock.exceptions import PersonalizeMockWarning
from personalize_mock.simulation import Store
from personalize_mock.timing.instants import wall_time

FAR = 5 * 3600.0  # seconds; tutorials wait up to three hours between the start of a program and its first event
DATES = ("%Y%m%d", "%Y-%m-%d")  # as programs write dates into names
STAMP = (
    "Use mock.clock.now() for the times of events, or write mock_personalize(datetime=True) "
    "to let datetime.now() follow it."
)
STAMP_FROM_CLIENT = "Use the time that GET /moto-api/personalize/clock returns for the times of events."
MILLISECONDS = 1e11  # larger timestamps are milliseconds; in seconds, this is the year 5138


def warn_about_stamps(store: Store, operation: str, stamps: Iterable[float]) -> None:
    """Warn if the timestamp of an event is in milliseconds, or more than five hours from the simulated time.

    Args:
        store: The account and region of the request.
        operation: The called operation, such as "PutEvents".
        stamps: The timestamps of the events. They should be in epoch seconds.
    """
    now = store.clock.timestamp()
    farthest = max(stamps, key=lambda at: abs(at - now), default=now)
    if farthest >= MILLISECONDS:
        _warn(f"{operation}: the timestamp {farthest:.0f} of an event is in milliseconds. Write seconds since 1970.")
    elif abs(farthest - now) >= FAR:
        _warn(
            f"{operation}: an event has the time {_text(farthest)}, but the simulated time is {_text(now)}. "
            f"{STAMP_FROM_CLIENT if store.clock.counts_slow_polls else STAMP}"
        )


def warn_about_values(arn: str, values: Mapping[str, str]) -> None:
    """Warn if a string in filterValues has no double quotes, because the real service may not accept it.

    Args:
        arn: The ARN of the filter.
        values: The filterValues of a request, by placeholder name.
    """
    from personalize_mock.filtering.values import parse_number

    for name, text in values.items():
        bare = [part for part in text.split(",") if part.strip()] if '"' not in text else []
        if any(parse_number(part) is None for part in bare):
            quoted = ",".join(f'"{part.strip()}"' for part in bare)
            _warn(f"filterValues for {arn}: {name}={text!r} has no double quotes around its values. Write {quoted!r}.")


def warn_about_taken_name(store: Store, arn: str) -> None:
    """Warn if the name of a resource contains today's real date, but the simulated time is five hours or more away.

    It is called when a request would create the resource a second time. This happens to a program that puts
    `datetime.now()` into the names of its jobs, because a jump of the simulated clock does not change this date.

    Args:
        store: The account and region of the request.
        arn: The ARN of the existing resource.
    """
    now, wall = store.clock.timestamp(), wall_time()
    today = datetime.fromtimestamp(wall, tz=timezone.utc)
    dates = {f"{day:{pattern}}" for day in (today, today.astimezone()) for pattern in DATES}
    if abs(now - wall) >= FAR and any(date in arn for date in dates):
        _warn(
            f"{arn} already exists, and its name contains today's date, but the simulated time is {_text(now)}. Write "
            "mock_personalize(datetime=True) to let datetime.now() follow the clock."
        )


def _text(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, tz=timezone.utc).isoformat(timespec="seconds")


def _warn(message: str) -> None:
    warnings.warn(message, PersonalizeMockWarning, stacklevel=3)
